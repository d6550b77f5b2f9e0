"""A browser on the console, and who may log in there."""

import httpx2
from starlette.testclient import TestClient
from tests.living import on

from gerance.kernel.identity.accounts import add_user

PASSWORD = "une longue phrase de passe"


class Browser:
    """A browser on the console, with its cookie."""

    def __init__(self, http: TestClient, login: str) -> None:
        self.http = http
        fields = {"login": login, "password": PASSWORD}
        answer = self.post("/console/login", cookie="", **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        assert {"HttpOnly", "SameSite=Lax"} < set(answer.headers["set-cookie"].split("; "))
        self.cookie = answer.headers["set-cookie"].partition(";")[0]

    def post(self, path: str, cookie: str | None = None, **fields: str) -> httpx2.Response:
        origin = str(self.http.base_url).rstrip("/")
        headers = {"Origin": origin, "Cookie": self.cookie if cookie is None else ""}
        return self.http.post(path, data=fields, headers=headers, follow_redirects=False)

    def get(self, path: str = "/console/proposals", **headers: str) -> httpx2.Response:
        self.http.cookies.clear()
        return self.http.get(path, headers={"Cookie": self.cookie, **headers})


def add_operator(database: str, login: str) -> None:
    """A super user."""
    _add(database, login, "superUser", None)


def add_manager(database: str, login: str) -> None:
    """Somebody who has no business in the console."""
    _add(database, login, "clientAccountManager", "0172949e-cf61-5a19-a7d1-640f133dcb21")


def _add(database: str, login: str, kind: str, company: str | None) -> None:
    on(
        database,
        lambda connection: add_user(
            connection, kind=kind, login=login, password=PASSWORD, first_name=None,
            last_name=login, company_uid=company,
        ),
    )  # fmt: skip
