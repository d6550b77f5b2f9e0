"""Operators decide in the console what partners asked for; nobody else does, and no other site."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.console.browser import Browser, add_manager, add_operator
from tests.partners.calling import Partner, accepted, add, serving
from tests.partners.mail.letters import CLIENT, SUBJECT, letter

OFFER = SUBJECT.replace("Résiliation", "Offre")
FOREIGN = ("https://evil.example", "https://testserver.evil.example", "http://[", "null", "")


class Console(Browser):
    """A browser of who decides on proposals."""

    def paste(self, message: bytes) -> int:
        answer = self.post("/console/proposals", message=message.decode())
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].rpartition("?")[0].rpartition("/")[2])

    def reject(self, number: int) -> httpx2.Response:
        """Reject, as the page that confirms it does."""
        assert 'name="confirmed"' in self.get(f"/console/proposals/{number}/reject").text
        return self.post(f"/console/proposals/{number}/reject", confirmed="1")

    def decide(self, number: int, **fields: str) -> httpx2.Response:
        """Approve, as the page of the proposal, or the one that confirms it, does."""
        page = self.get(f"/console/proposals/{number}").text
        if 'name="version"' not in page:
            page = self.get(f"/console/proposals/{number}/confirm?date=2099-12-31").text
            fields["confirmed"] = "1"
        (version,) = re.findall(r'name="version" value="(\w*)"', page)
        return self.post(f"/console/proposals/{number}/approve", version=version, **fields)


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(database, Path(tmp_path_factory.mktemp("home"))) as client:
        token = add(database, "FOUSSIER", "Foussier")
        accepted(Partner(client, "FOUSSIER", token).customer(client_id=CLIENT))
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE partner SET mail_senders = '{jeanne@foussier.example}'")
        add_operator(database, "chef")
        add_manager(database, "gestion")
        yield client


@pytest.fixture(scope="module")
def console(http: TestClient) -> Console:
    return Console(http, "chef")


def events(database: str) -> list[dict[str, Any]]:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT data FROM event WHERE data->>'approval' IS NOT NULL")
        return [data for (data,) in rows.fetchall()]


def test_a_message_is_read_shown_and_approved(console: Console, database: str) -> None:
    number = console.paste(letter(SUBJECT, "Fin le 2099-12-31.\nMotif : retraite <b>vite</b>\n"))
    assert f'href="/console/proposals/{number}"' in console.get().text
    page = console.get(f"/console/proposals/{number}").text
    assert "retraite &lt;b&gt;vite&lt;/b&gt;" in page
    assert ">Fin le 2099-12-31.\nMotif : retraite &lt;b&gt;" in page
    assert 'value="2099-12-31"' in page
    assert re.search(r"Lu dans le message</dt>\s*<dd>2099-12-31</dd>", page)
    assert "Le 2099-12-31 est dans plus de cinq ans" in page
    assert {"Résilier", "courriel"} <= set(re.findall(r"\w+", page))
    path = f"/console/proposals/{number}/approve"
    unconfirmed = console.post(path, date="2099-11-30")
    confirm = f"/console/proposals/{number}/confirm?date=2099-11-30"
    assert unconfirmed.headers["location"] == confirm
    assert "30 novembre 2099" in console.get(confirm).text
    assert console.post(path, confirmed="1", date="2099-11-30").status_code == 409
    assert events(database) == []
    done = console.decide(number, date="2099-11-30")
    assert done.headers["location"] == f"/console/proposals?done=approved&number={number}"
    assert f"Proposition {number} approuvée." in console.get(done.headers["location"]).text
    (event,) = events(database)
    assert (event["eventType"], event["endOfContractDate"]) == ("TerminationPlanned", "2099-11-30")
    assert event["approval"]["proposal"] == number
    again = console.post(path, confirmed="1")
    assert (again.headers["location"], len(events(database))) == (done.headers["location"], 1)
    late = console.post(f"/console/proposals/{number}/reject")
    assert (late.status_code, "décision a été prise entre-temps" in late.text) == (409, True)
    assert "Approuvée par chef" in late.text


def test_what_is_rejected_changes_nothing(console: Console, database: str) -> None:
    before = events(database)
    number = console.paste(letter(OFFER, "Six mois offerts.", identifier="<2@foussier.example>"))
    for fields in ({"months": "0"}, {"months": ""}, {"months": "121"}, {"date": "demain"}):
        wrong = console.decide(number, **fields)
        assert (wrong.status_code, "saisissez" in wrong.text) == (400, True)
    unconfirmed = console.post(f"/console/proposals/{number}/reject")
    assert unconfirmed.headers["location"] == f"/console/proposals/{number}/reject"
    assert f'href="/console/proposals/{number}"' in console.get().text
    done = console.reject(number)
    assert done.headers["location"] == f"/console/proposals?done=rejected&number={number}"
    assert events(database) == before
    assert "Aucune proposition en attente" in console.get().text


def test_what_is_not_clear_is_told_in_the_language_of_who_decides(console: Console) -> None:
    text = "Fin le 30/11/2099 ou le 31/12/2099."
    number = console.paste(letter(SUBJECT, text, identifier="<4@foussier.example>"))
    path = f"/console/proposals/{number}"
    for language, problem, why in (
        (
            "fr",
            "plusieurs jours\u00a0: 2099-11-30, 2099-12-31.",
            "n&#39;indique pas un seul dernier jour",
        ),
        ("en", "several days: 2099-11-30, 2099-12-31.", "does not name one last day"),
    ):
        assert problem in console.get(path, **{"Accept-Language": language}).text
        refused = console.get(f"{path}/confirm?date=", **{"Accept-Language": language})
        assert (refused.status_code, why in refused.text) == (409, True)
    assert console.reject(number).status_code == 303


@pytest.mark.parametrize(
    ("entered", "fr", "en"),
    [
        ("2020-01-01", "le service a commencé le", "the service started on"),
        ("2999-01-01", "trop lointaine", "too far in the future"),
        ("12026-01-01", "trop lointaine", "too far in the future"),
        ("2026-02-30", "saisissez une date", "enter a date"),
    ],
)
def test_a_last_day_that_cannot_be_meant_is_refused_with_the_reason(
    console: Console, database: str, entered: str, fr: str, en: str
) -> None:
    before, identifier = events(database), f"<{entered}@foussier.example>"
    number = console.paste(letter(SUBJECT, "Fin le 2099-12-31.", identifier=identifier))
    path = f"/console/proposals/{number}"
    for language, why in (("fr", fr), ("en", en)):
        shown = console.get(f"{path}/confirm?date={entered}", **{"Accept-Language": language})
        assert (shown.status_code, why in shown.text) == (400, True)
        kept = "" if entered in ("12026-01-01", "2026-02-30") else entered
        assert f'name="date" type="date" value="{kept}"' in shown.text
        assert re.search(r'role="alert"[^>]* autofocus', shown.text)
        assert re.search(r"<title>(Erreur\u00a0|Error):", shown.text)
    posted = console.decide(number, date=entered)
    assert (posted.status_code, fr in posted.text) == (400, True)
    assert f'name="date" type="date" value="{kept}"' in posted.text
    assert events(database) == before
    console.reject(number)


def test_the_entered_day_stays_until_the_decision(console: Console, database: str) -> None:
    other = SUBJECT.replace("Thierry Lhermitte", "Anne Dupont")
    text, identifier = "Fin le 2099-12-31.", "<5@foussier.example>"
    number = console.paste(letter(other, text, identifier=identifier))
    path, day = f"/console/proposals/{number}", "2097-02-28"
    before = events(database)
    question = console.get(f"{path}/confirm?date={day}").text
    assert f'href="{path}?date={day}"' in question
    assert f'value="{day}"' in console.get(f"{path}?date={day}").text
    unchecked = console.decide(number, date=day)
    assert (unchecked.status_code, "cochez la case" in unchecked.text) == (409, True)
    assert f'name="date" value="{day}"' in unchecked.text
    assert 'name="confirmed"' in unchecked.text
    stale = console.post(f"{path}/approve", confirmed="1", date=day, version="0")
    assert (stale.status_code, f'value="{day}"' in stale.text) == (409, True)
    assert events(database) == before
    console.reject(number)


def test_what_cannot_be_read_comes_back_with_the_reason(console: Console) -> None:
    answer = console.post("/console/proposals", message="From: eve@evil.example\n\n<script>")
    assert answer.status_code >= 400
    assert "eve@evil.example" in answer.text
    assert "&lt;script&gt;" in answer.text
    for subject, reason in (
        ("Bonjour", "ne commence pas par la demande entre crochets"),
        (OFFER.replace("Foussier", "Legallais"), "pas un expéditeur de"),
    ):
        refused = console.post("/console/proposals", message=letter(subject).decode())
        assert reason in refused.text
    for path in ("999999/approve", "999999/reject", "x/reject"):
        assert console.post(f"/console/proposals/{path}").status_code == 404


def test_nobody_else_and_no_other_site_decides(console: Console, http: TestClient) -> None:
    number = console.paste(letter(OFFER, "Un mois.", identifier="<3@foussier.example>"))
    path = f"/console/proposals/{number}/reject"
    manager = Console(http, "gestion")
    assert manager.get().status_code == 403
    assert manager.post(path).status_code == 403
    stranger = console.post(path, cookie="")
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/console/login")
    for origin in ({"Origin": site} if site else {} for site in FOREIGN):
        headers = {"Cookie": console.cookie, **origin}
        answer = http.post(path, headers=headers, follow_redirects=False)
        assert answer.status_code == 403
    assert f"/console/proposals/{number}" in console.get().text


def test_a_wrong_password_is_told_and_a_log_out_ends_it(http: TestClient) -> None:
    console = Console(http, "chef")
    wrong = console.post("/console/login", cookie="", login="chef", password="faux")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (400, False)
    assert "le mot de passe est incorrect" in wrong.text
    assert 'value="chef"' in wrong.text
    done = console.post("/console/logout")
    assert done.headers["location"] == "/console/login?because=out"
    http.cookies.clear()
    headers = {"Cookie": console.cookie}
    ended = http.get("/console/proposals", headers=headers, follow_redirects=False)
    back = "/console/login?next=%2Fconsole%2Fproposals&because=ended"
    assert ended.headers["location"] == back


def test_pages_speak_two_languages_and_allow_their_own_style_only(console: Console) -> None:
    assert "Partner proposals" in console.get(**{"Accept-Language": "en-GB,fr;q=0.5"}).text
    french = console.get(**{"Accept-Language": "de,fr;q=0.5"})
    assert "Propositions des partenaires" in french.text
    (style,) = re.findall(r"<style>(.*?)</style>", french.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = french.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert french.headers["cache-control"] == "no-store"


def test_an_accident_is_told_on_a_page(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.http.app.state, "sessions", None)  # type: ignore[attr-defined]
    answer = console.get()
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Request-Id"]
    assert "X-Request-Id" in answer.text
