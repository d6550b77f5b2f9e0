"""Guessing passwords is braked, whatever the way it is tried."""

import random
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.app import all_at_once
from tests.incidents.conftest import World, refusal
from tests.incidents.logging_in import PASSWORD, cookie_of, log_in, new_login
from tests.living import running

from gerance.kernel.identity.throttle import PER_ADDRESS, PER_LOGIN, WINDOW_SECONDS


@pytest.fixture(scope="module")
def login(world: World) -> str:
    return new_login(world)


@pytest.fixture(autouse=True)
def _nobody_failed_yet(world: World) -> None:
    world.rows("DELETE FROM login_failure RETURNING key")


def test_a_login_of_any_length_is_refused_alike(world: World) -> None:
    chance = random.Random(1)
    # Each of these is folded to several others, so that the text becomes ten times as long.
    squares = "".join(chr(chance.randrange(0x3300, 0x3400)) for _ in range(400))
    ligatures = "".join(chr(chance.randrange(0xFB50, 0xFDFC)) for _ in range(400))
    for login in ("x" * 900_000, squares, ligatures, squares + ligatures):
        assert refusal(log_in(world.http, login)) == "AuthenticationFailed"


def fail(http: TestClient, login: str, times: int) -> None:
    for _ in range(times):
        assert refusal(log_in(http, login, "a wrong password")) == "AuthenticationFailed"


def assert_braked(answer: httpx2.Response) -> None:
    assert refusal(answer, 429) == "TooManyAttempts"
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_is_braked_for_this_login_alone(world: World, login: str) -> None:
    other = new_login(world)
    cookie = cookie_of(log_in(world.http, login))
    fail(world.http, login, PER_LOGIN)
    assert_braked(log_in(world.http, login, "a wrong password"))
    assert_braked(log_in(world.http, login.upper(), PASSWORD))
    assert log_in(world.http, other).status_code == 200
    assert world.http.get("/api/v1/tickets", headers={"Cookie": cookie}).status_code == 200
    world.rows(
        "UPDATE login_failure SET at = at - make_interval(secs => %s) RETURNING key", WINDOW_SECONDS
    )
    assert log_in(world.http, login).status_code == 200


def test_failures_count_no_more_after_the_right_password(world: World, login: str) -> None:
    fail(world.http, login, PER_LOGIN - 1)
    assert log_in(world.http, login).status_code == 200
    fail(world.http, login, PER_LOGIN - 1)
    assert log_in(world.http, login).status_code == 200


def test_guessing_is_counted_across_processes(world: World, login: str, tmp_path: Path) -> None:
    with running(world.database, tmp_path) as other:
        fail(world.http, login, PER_LOGIN // 2)
        fail(other, login, PER_LOGIN - PER_LOGIN // 2)
        for http in (world.http, other):
            assert_braked(log_in(http, login))


def test_a_right_guess_among_many_at_once_is_not_told(world: World, login: str) -> None:
    guesses = [
        httpx2.Request(
            "POST", "http://testserver/api/v1/login", json={"login": login, "password": password}
        )
        for password in ["a wrong password"] * 40 + [PASSWORD]
    ]
    statuses = [answer.status_code for answer in all_at_once(world.http, guesses)]
    assert statuses[-1] == 429
    assert set(statuses) == {400, 429}
    assert statuses.count(400) >= PER_LOGIN


def test_an_address_that_guesses_many_logins_is_braked(world: World, login: str) -> None:
    world.rows(
        "INSERT INTO login_failure (key) SELECT 'testclient' FROM generate_series(1, %s)"
        " RETURNING key",
        PER_ADDRESS,
    )
    assert_braked(log_in(world.http, login))


def test_many_log_ins_of_one_user_at_once_are_all_accepted(world: World, login: str) -> None:
    credentials = {"login": login, "password": PASSWORD}
    right = httpx2.Request("POST", "http://testserver/api/v1/login", json=credentials)
    answers = all_at_once(world.http, [right] * 20)
    assert len({cookie_of(answer) for answer in answers}) == 20
