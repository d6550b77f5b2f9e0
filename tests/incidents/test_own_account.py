"""What users do with their own account: passwords, sessions, one-time codes."""

import time

import httpx2
import pyotp
import pytest
from starlette.testclient import TestClient
from tests.app import all_at_once
from tests.incidents.conftest import World, refusal
from tests.incidents.login import PASSWORD, PREFIXES, cookie_of, log_in, new_login
from tests.living import on

from gerance.kernel.errors import Rejection
from gerance.kernel.identity import throttle
from gerance.kernel.identity.accounts import log_out_user, set_password
from gerance.kernel.identity.one_time_codes import Enrolment, disable_totp, enable_totp
from gerance.kernel.identity.throttle import PER_ACCOUNT, PER_LOGIN

NEW = "seven green trains at midnight"


def status(world: World, cookie: str) -> int:
    return world.http.get("/api/v1/tickets", headers={"Cookie": cookie}).status_code


def change(
    world: World, cookie: str, current: str = PASSWORD, new: str = NEW, prefix: str = "/api/v1"
) -> httpx2.Response:
    body = {"currentPassword": current, "newPassword": new}
    return world.http.post(f"{prefix}/password", json=body, headers={"Cookie": cookie})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_changed_password_ends_the_other_sessions(world: World, prefix: str) -> None:
    login = new_login(world)
    mine, other = (cookie_of(log_in(world.http, login)) for _ in range(2))
    answer = change(world, mine, prefix=prefix)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (status(world, mine), status(world, other)) == (200, 401)
    assert refusal(log_in(world.http, login)) == "AuthenticationFailed"
    assert log_in(world.http, login, NEW).status_code == 200
    acts = world.rows("SELECT actor, act FROM audit WHERE subject = %s ORDER BY id", login)
    assert acts[-1] == (login, "password changed")


def test_a_change_needs_the_current_password_which_is_throttled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_WAITING", 0)
    login = new_login(world)
    cookie = cookie_of(log_in(world.http, login))
    for _ in range(PER_LOGIN):
        assert refusal(change(world, cookie, "a guess")) == "AuthenticationFailed"
    assert refusal(change(world, cookie), 429) == "TooManyAttempts"
    assert status(world, cookie) == 200


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "x" * 1025,
        "Password123!",
        "azertyuiop",
        "aaaaaaaaaaaaaaaa",
        "1234567890123",
        "{}",
        "oeuvre-dupont1",
        "Dupont.2026!",
        "Gérance2026!",
        "G3rance2026!",
        "motdepasse2026",
        "soleil-soleil-soleil",
        "SoleilSoleilSoleil",
        "chateau chateau",
        "Syndic Marseille 13",
        "Bonjour!Doudou75",
    ],
)
def test_a_password_that_is_easy_to_guess_is_rejected_wherever_it_is_set(
    world: World, weak: str
) -> None:
    login = new_login(world, "Œuvre.Dupont")
    weak = weak.format(login)
    cookie = cookie_of(log_in(world.http, login))
    assert refusal(change(world, cookie, new=weak)) == "PasswordRefused"
    with pytest.raises(Rejection, match="password"):
        on(world.database, lambda connection: set_password(connection, login, weak))
    assert log_in(world.http, login).status_code == 200


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_user_ends_all_sessions(world: World, prefix: str) -> None:
    login, bystander = new_login(world), cookie_of(log_in(world.http, new_login(world)))
    cookies = [cookie_of(log_in(world.http, login)) for _ in range(3)]
    answer = world.http.delete(f"{prefix}/sessions", headers={"Cookie": cookies[0]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Set-Cookie"].startswith("PI_SESSION=; Path=/; Max-Age=0; HttpOnly")
    assert [status(world, cookie) for cookie in cookies] == [401] * 3
    assert status(world, bystander) == 200


def test_an_operator_ends_all_sessions_of_a_user(world: World) -> None:
    login = new_login(world)
    cookies = [cookie_of(log_in(world.http, login)) for _ in range(2)]
    assert on(world.database, lambda connection: log_out_user(connection, login.upper())) == 2
    assert [status(world, cookie) for cookie in cookies] == [401] * 2
    with pytest.raises(Rejection, match="no user"):
        on(world.database, lambda connection: log_out_user(connection, "nobody"))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_log_in_ends_the_session_that_it_came_with(world: World, prefix: str) -> None:
    login = new_login(world)
    planted = cookie_of(log_in(world.http, new_login(world)))
    body = {"login": login, "password": PASSWORD}
    wrong = {"login": login, "password": "a guess"}
    world.http.post(f"{prefix}/login", json=wrong, headers={"Cookie": planted})
    assert status(world, planted) == 200
    answer = world.http.post(f"{prefix}/login", json=body, headers={"Cookie": planted})
    world.http.cookies.clear()
    assert status(world, planted) == 401
    assert status(world, cookie_of(answer)) == 200


class Owner:
    """A super user with one-time codes."""

    def __init__(self, world: World) -> None:
        self.world, self.login = world, new_login(world)
        self.before = cookie_of(log_in(world.http, self.login))
        self.enrolment: Enrolment = on(world.database, lambda c: enable_totp(c, self.login))
        self.app = pyotp.parse_uri(self.enrolment.uri)

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or some steps of 30 seconds later."""
        assert isinstance(self.app, pyotp.TOTP)
        return self.app.at(int(time.time()) + 30 * steps)

    def log_in(self, code: str | None, password: str = PASSWORD) -> httpx2.Response:
        body = {"login": self.login, "password": password}
        if code is not None:
            body["oneTimeCode"] = code
        answer = self.world.http.post("/api/v1/login", json=body)
        self.world.http.cookies.clear()
        return answer


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world)


def test_a_code_is_needed_beside_the_password_and_good_once(world: World, owner: Owner) -> None:
    assert status(world, owner.before) == 401
    code = owner.code()
    assert refusal(owner.log_in(code, "a wrong password")) == "AuthenticationFailed"
    for missing in (None, "", " - "):
        assert refusal(owner.log_in(missing)) == "OneTimeCodeRequired"
    assert status(world, cookie_of(owner.log_in(code))) == 200
    for used in (code, owner.code(-1), owner.code(-4), "000000", "é" * 100, "x" * 5000):
        assert refusal(owner.log_in(used)) == "OneTimeCodeRefused"


def test_a_code_that_is_sent_twice_at_once_lets_one_in(owner: Owner) -> None:
    body = {"login": owner.login, "password": PASSWORD, "oneTimeCode": owner.code()}
    request = httpx2.Request("POST", "http://testserver/api/v1/login", json=body)
    answers = all_at_once(owner.world.http, [request] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


def test_each_recovery_code_is_good_once(world: World, owner: Owner) -> None:
    first, second, *_ = owner.enrolment.recovery_codes
    assert owner.log_in(first.lower()).status_code == 200
    assert refusal(owner.log_in(first)) == "OneTimeCodeRefused"
    assert owner.log_in(second.replace("-", " ")).status_code == 200
    (row,) = world.rows("SELECT account::text FROM account WHERE login = %s", owner.login)
    for code in owner.enrolment.recovery_codes:
        assert code not in row[0]
        assert code.replace("-", "") not in row[0]


def test_codes_are_throttled_from_everywhere(world: World, owner: Owner) -> None:
    recovery = owner.enrolment.recovery_codes
    assert owner.log_in(recovery[0]).status_code == 200
    for _ in range(PER_LOGIN):
        assert refusal(owner.log_in("123456")) == "OneTimeCodeRefused"
    assert refusal(owner.log_in(recovery[1]), 429) == "TooManyAttempts"
    # Guesses from other networks count as well, even where the account is known.
    world.rows(
        "UPDATE login_failure SET address = '192.0.2.' || n FROM generate_series(1, 1) n"
        " WHERE key LIKE 'code %%' RETURNING key"
    )
    world.rows(
        "INSERT INTO login_failure (key, address) SELECT f.key, f.address FROM login_failure f,"
        " generate_series(1, 3) WHERE f.key LIKE 'code %%' RETURNING key"
    )
    ((count,),) = world.rows("SELECT count(*) FROM login_failure WHERE key LIKE 'code %%'")
    assert count > PER_ACCOUNT
    assert refusal(owner.log_in(recovery[1]), 429) == "TooManyAttempts"


def test_codes_are_switched_off_and_replaced(world: World, owner: Owner) -> None:
    old = owner.enrolment.recovery_codes[0]
    again = on(world.database, lambda c: enable_totp(c, owner.login))
    assert refusal(owner.log_in(old)) == "OneTimeCodeRefused"
    assert owner.log_in(again.recovery_codes[0]).status_code == 200
    on(world.database, lambda c: disable_totp(c, owner.login))
    assert owner.log_in(None).status_code == 200


def test_an_account_without_codes_passes_over_one(world: World) -> None:
    body = {"login": new_login(world), "password": PASSWORD, "oneTimeCode": "123456"}
    http: TestClient = world.http
    assert http.post("/api/v1/login", json=body).status_code == 200
    http.cookies.clear()
