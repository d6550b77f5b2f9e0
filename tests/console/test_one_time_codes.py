"""The console asks for a one-time code where the account needs one."""

from pathlib import Path

import pyotp
from tests.console.browser import PASSWORD, add_operator
from tests.living import on, running

from gerance.kernel.identity.one_time_codes import enable_totp

LOGIN = "codes@example.org"


def test_the_field_appears_when_it_is_needed(database: str, tmp_path: Path) -> None:
    add_operator(database, LOGIN)
    enrolment = on(database, lambda connection: enable_totp(connection, LOGIN))
    app = pyotp.parse_uri(enrolment.uri)
    assert isinstance(app, pyotp.TOTP)
    headers = {"Origin": "http://testserver", "Accept-Language": "en"}
    fields = {"login": LOGIN, "password": PASSWORD}
    with running(database, tmp_path) as http:
        assert 'name="code"' not in http.get("/console/login").text
        for code, message in (("", "enter the code"), ("000", "The code is incorrect")):
            sent = fields | ({"code": code} if code else {})
            answer = http.post("/console/login", data=sent, headers=headers)
            assert answer.status_code == 400
            assert 'name="code"' in answer.text
            assert message in answer.text
        wrong = fields | {"password": "a guess"}
        assert 'name="code"' not in http.post("/console/login", data=wrong, headers=headers).text
        answer = http.post(
            "/console/login",
            data=fields | {"code": app.now()},
            headers=headers,
            follow_redirects=False,
        )
        assert answer.status_code == 303
        assert "PI_SESSION=" in answer.headers["set-cookie"]
