"""Guessing passwords is braked, whatever the way it is tried."""

import asyncio
import random
import threading
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.app import all_at_once
from tests.incidents.conftest import World, refusal
from tests.incidents.login import PASSWORD, cookie_of, log_in, new_login
from tests.living import running
from tests.waiting import PATIENCE

from gerance.kernel.errors import Rejection
from gerance.kernel.fold import fold
from gerance.kernel.identity import passwords, throttle
from gerance.kernel.identity.throttle import (
    LONGEST_DELAY_SECONDS,
    LONGEST_SPACING_SECONDS,
    PER_ACCOUNT,
    PER_ADDRESS,
    PER_LOGIN,
    SlowLane,
)


@pytest.fixture(scope="module")
def login(world: World) -> str:
    return new_login(world)


@pytest.fixture(autouse=True)
def _nobody_failed_yet(world: World) -> None:
    world.rows("DELETE FROM login_failure RETURNING key")
    world.rows("DELETE FROM login_address RETURNING key")


def test_a_login_of_any_length_is_refused_alike(world: World) -> None:
    chance = random.Random(1)
    # Each of these is folded to several others, so that the text becomes ten times as long.
    squares = "".join(chr(chance.randrange(0x3300, 0x3400)) for _ in range(400))
    ligatures = "".join(chr(chance.randrange(0xFB50, 0xFDFC)) for _ in range(400))
    for login in ("x" * 15_000, squares, ligatures, squares + ligatures):
        assert refusal(log_in(world.http, login)) == "AuthenticationFailed"


def fail(http: TestClient, login: str, times: int) -> None:
    for _ in range(times):
        assert refusal(log_in(http, login, "a wrong password")) == "AuthenticationFailed"


def assert_braked(answer: httpx2.Response) -> None:
    assert refusal(answer, 429) == "TooManyAttempts"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No attempt may wait for its turn."""
    monkeypatch.setattr(throttle, "MOST_WAITING", 0)


def failed_long_ago(world: World) -> None:
    """The last failure was so long ago that the next turn has come."""
    world.rows(
        "UPDATE login_failure SET at = at - make_interval(secs => %s) RETURNING key",
        LONGEST_SPACING_SECONDS,
    )


@pytest.mark.usefixtures("full")
def test_guessing_is_braked_for_this_login_alone(
    world: World, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_login(world)
    cookie = cookie_of(log_in(world.http, login))
    fail(world.http, login, PER_LOGIN)
    assert_braked(log_in(world.http, login, "a wrong password"))
    assert_braked(log_in(world.http, login.upper(), PASSWORD))
    assert log_in(world.http, other).status_code == 200
    assert world.http.get("/api/v1/tickets", headers={"Cookie": cookie}).status_code == 200
    monkeypatch.undo()
    failed_long_ago(world)
    assert log_in(world.http, login).status_code == 200


def test_the_right_password_succeeds_where_a_neighbour_guesses_the_same_login(
    world: World, login: str
) -> None:
    """Known from there or not; it waits for its turn, and no turn is given twice."""
    for known in (False, True):
        world.rows("DELETE FROM login_failure RETURNING key")
        if known:
            assert log_in(world.http, login).status_code == 200
        fail(world.http, login, PER_LOGIN)
        assert log_in(world.http, login).status_code == 200
        assert world.rows("SELECT key FROM login_failure") == []
        crowd(world, login, 10 * PER_ACCOUNT)
        failed_long_ago(world)
        assert log_in(world.http, login).status_code == 200


def test_each_turn_is_given_once_whatever_the_process(
    world: World, login: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LONGEST_WAIT_SECONDS", 0.5)
    with running(world.database, tmp_path) as other:
        crowd(world, login, PER_LOGIN + 10)
        failed_long_ago(world)
        fail(world.http, login, 1)
        # The next turn is LONGEST_SPACING_SECONDS later, for the right password as well.
        for http in (other, world.http):
            assert_braked(log_in(http, login))
        assert world.rows("SELECT count(*) FROM login_failure") == [(PER_LOGIN + 11,)]
        failed_long_ago(world)
        assert log_in(other, login).status_code == 200


def test_few_wait_for_their_turn(world: World, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LONGEST_WAIT_SECONDS", 0.5)
    monkeypatch.setattr(throttle, "MOST_WAITING", 2)
    crowd(world, login, PER_LOGIN + 10)
    body = {"login": login, "password": PASSWORD}
    right = httpx2.Request("POST", "http://testserver/api/v1/login", json=body)
    for answer in all_at_once(world.http, [right] * 5):
        assert_braked(answer)
    assert throttle._lines == {}
    assert world.rows("SELECT count(*) FROM login_failure") == [(PER_LOGIN + 10,)]


def test_failures_count_no_more_after_the_right_password(world: World, login: str) -> None:
    fail(world.http, login, PER_LOGIN - 1)
    assert log_in(world.http, login).status_code == 200
    fail(world.http, login, PER_LOGIN - 1)
    assert log_in(world.http, login).status_code == 200


@pytest.mark.usefixtures("full")
def test_guessing_is_counted_across_processes(world: World, login: str, tmp_path: Path) -> None:
    with running(world.database, tmp_path) as other:
        fail(world.http, login, PER_LOGIN // 2)
        fail(other, login, PER_LOGIN - PER_LOGIN // 2)
        for http in (world.http, other):
            assert_braked(log_in(http, login))


@pytest.mark.usefixtures("full")
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


def spray(world: World, address: str, count: int = PER_ADDRESS) -> None:
    """Failures of other logins, from an address."""
    world.rows(
        "INSERT INTO login_failure (key, address) SELECT 'user ' || n, %s"
        " FROM generate_series(1, %s) n RETURNING key",
        address,
        count,
    )


def crowd(world: World, login: str, count: int) -> None:
    """Failures of a login from where the tests log in."""
    world.rows(
        "INSERT INTO login_failure (key, address) SELECT 'user ' || %s, 'unknown'"
        " FROM generate_series(1, %s) RETURNING key",
        fold(login),
        count,
    )


def distribute(world: World, login: str, count: int) -> None:
    """Failures of a login, each from another network."""
    world.rows(
        "INSERT INTO login_failure (key, address)"
        " SELECT 'user ' || %s, '2001:db8:' || n || '::/64' FROM generate_series(1, %s) n"
        " RETURNING key",
        fold(login),
        count,
    )


def of_(world: World, address: str) -> TestClient:
    """A client with an address of its own."""
    return TestClient(world.http.app, client=(address, 4711))


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The networks whose attempts had to wait; they do not really wait."""
    waited: list[str] = []
    monkeypatch.setattr(SlowLane, "SPACING", 0.0)
    wait = SlowLane.wait

    async def noted(lane: SlowLane, network: str) -> bool:
        waited.append(network)
        return await wait(lane, network)

    monkeypatch.setattr(SlowLane, "wait", noted)
    return waited


def test_the_right_password_succeeds_from_a_network_where_others_guess(
    world: World, lane: list[str]
) -> None:
    owner, newcomer = new_login(world), new_login(world)
    nat = of_(world, "192.0.2.7")
    assert log_in(nat, owner).status_code == 200
    spray(world, "192.0.2.7")
    assert log_in(nat, owner).status_code == 200
    assert lane == []
    assert log_in(nat, newcomer).status_code == 200
    assert lane == ["192.0.2.7"]


def test_a_network_that_guesses_many_logins_is_slowed_and_then_rejected(
    world: World, login: str, lane: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spray(world, "192.0.2.8")
    fail(of_(world, "192.0.2.8"), "nobody@example.org", 1)
    assert lane == ["192.0.2.8"]
    monkeypatch.setattr(SlowLane, "LONGEST_WAIT", -1.0)
    assert_braked(log_in(of_(world, "192.0.2.8"), login))
    assert log_in(of_(world, "192.0.2.9"), login).status_code == 200


@pytest.mark.parametrize(
    ("guesser", "neighbour", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.44", "192.0.2.44", True),
        ("192.0.2.44", "192.0.2.45", False),
    ],
)
@pytest.mark.usefixtures("full")
def test_guesses_are_counted_by_network(
    world: World, guesser: str, neighbour: str, same: bool
) -> None:
    victim = new_login(world)
    fail(of_(world, guesser), victim, PER_LOGIN)
    answer = log_in(of_(world, neighbour), victim)
    if same:
        assert_braked(answer)
    else:
        assert answer.status_code == 200


def test_what_is_no_address_is_no_key(world: World, login: str) -> None:
    for forged in ("unknown", "nobody\n[31m", '"192.0.2.1"', "192.0.2.1:80", "::ffff:192.0.2.1"):
        fail(of_(world, forged), "x@example.org", 1)
    keys = {address for (address,) in world.rows("SELECT address FROM login_failure")}
    assert keys == {"unknown", "192.0.2.1"}


def test_guesses_at_one_account_from_many_networks_are_slowed_and_its_owner_is_not(
    world: World,
) -> None:
    victim = new_login(world)
    home, elsewhere = of_(world, "198.51.100.1"), of_(world, "198.51.100.2")
    assert log_in(home, victim).status_code == 200
    waits = []
    for count in (PER_ACCOUNT + 3, 3, 3, 300):
        distribute(world, victim, count)
        answer = log_in(elsewhere, victim)
        assert_braked(answer)
        waits.append(int(answer.headers["Retry-After"]))
        assert log_in(home, victim).status_code == 200
    assert waits == sorted(waits)
    assert waits[0] < waits[1] < waits[-1] == LONGEST_DELAY_SECONDS
    # The delay is bounded, however many failures there are.
    world.rows(
        "UPDATE login_failure SET at = at - make_interval(secs => %s) RETURNING key",
        LONGEST_DELAY_SECONDS,
    )
    assert log_in(elsewhere, victim).status_code == 200


def test_an_attempt_that_was_rejected_does_not_prolong_the_delay(world: World) -> None:
    victim = new_login(world)
    distribute(world, victim, PER_ACCOUNT + 8)
    before = world.rows("SELECT count(*) FROM login_failure")
    assert_braked(log_in(of_(world, "198.51.100.3"), victim, "a wrong password"))
    assert world.rows("SELECT count(*) FROM login_failure") == before


def test_passwords_are_checked_a_few_at_once_in_turns_by_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The queue has a deadline, and one network's crowd does not hold up another's log-in."""
    running, most, order = 0, 0, []
    release, counting, entered = threading.Event(), threading.Lock(), threading.Semaphore(0)

    def verify(password_hash: str | None, password: str) -> bool:
        nonlocal running, most
        entered.release()
        with counting:
            running += 1
            most = max(most, running)
        release.wait(PATIENCE)
        with counting:
            order.append(password)
            running -= 1
        return True

    async def crowd() -> None:
        monkeypatch.setattr(passwords, "_verify", verify)
        crowded = [
            asyncio.ensure_future(passwords.password_fits("h", "crowd", "192.0.2.1"))
            for _ in range(20)
        ]
        await asyncio.sleep(0)
        neighbour = asyncio.ensure_future(passwords.password_fits("h", "other", "192.0.2.2"))
        await asyncio.sleep(0)
        monkeypatch.setattr(passwords, "QUEUE_SECONDS", 0.0)
        with pytest.raises(Rejection) as late:
            await passwords.password_fits("h", "late", "192.0.2.3")
        assert (late.value.code, late.value.status) == ("LogInsBusy", 503)
        for _ in range(passwords.AT_ONCE):
            assert await asyncio.to_thread(entered.acquire, timeout=PATIENCE)
        release.set()
        assert all(await asyncio.gather(*crowded, neighbour))

    asyncio.run(crowd())
    assert most == passwords.AT_ONCE
    assert "late" not in order
    assert order.index("other") <= 2 * passwords.AT_ONCE


def test_many_log_ins_of_one_user_at_once_are_all_accepted(world: World, login: str) -> None:
    credentials = {"login": login, "password": PASSWORD}
    right = httpx2.Request("POST", "http://testserver/api/v1/login", json=credentials)
    answers = all_at_once(world.http, [right] * 20)
    assert len({cookie_of(answer) for answer in answers}) == 20
