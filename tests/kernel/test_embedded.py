"""The embedded database lives as long as the process that owns it, and outlives no data."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.waiting import PATIENCE

from gerance.kernel.embedded import EmbeddedError, database
from gerance.kernel.embedded.leftover import recorded_pid, runs
from gerance.kernel.settings import Settings, load_settings

OWNER = """
import sys, psycopg
from pathlib import Path
from gerance.kernel.embedded import database
from gerance.kernel.settings import Settings
with database(Settings(home=Path(sys.argv[1]))) as url:
    with psycopg.connect(url) as connection:
        # "If not exists" is no help to two who begin at once.
        connection.execute("select pg_advisory_xact_lock(1)")
        connection.execute("create table if not exists kept (what text)")
        connection.execute("insert into kept values ('acknowledged')")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A new home, at whose end no server may run."""
    place = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    yield place
    running = recorded_pid(place / "postgres")
    shutil.rmtree(place)
    assert running == []


def settings(home: Path) -> Settings:
    return msgspec.structs.replace(load_settings(home=home), database_url=None)


def start_owner(home: Path) -> subprocess.Popen[bytes]:
    """A process that owns the server of a home, has committed a row, and waits for its stdin."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def finish(process: subprocess.Popen[bytes]) -> int:
    process.communicate(b"", timeout=PATIENCE)
    return process.returncode


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
        assert row
        return int(row[0])


def test_it_is_utf8_in_c_order_and_reachable_by_nobody_else(home: Path) -> None:
    with database(settings(home)) as url, psycopg.connect(url) as connection:
        assert connection.execute(
            "select pg_encoding_to_char(encoding), datcollate, current_user, datname,"
            " current_setting('listen_addresses'), current_setting('synchronous_commit')"
            " from pg_database where datname = current_database()"
        ).fetchone() == ("UTF8", "C", "gerance", "gerance", "", "on")
        assert (home / "socket").stat().st_mode & 0o777 == 0o700
        assert (home / "postgres.log").stat().st_mode & 0o777 == 0o600
        pid = int(recorded_pid(home / "postgres")[0])
    assert not runs(pid, home / "postgres")


def test_a_failing_statement_is_not_written_to_the_log(home: Path) -> None:
    """A client that sends expressions which cannot be computed does not fill the disk."""
    value = "v" * 20_000
    with database(settings(home)) as url, psycopg.connect(url, autocommit=True) as connection:
        before = (home / "postgres.log").stat().st_size
        long = " + ".join(["1"] * 500) + " + 1 / (length(%s::text) - 20000)"
        for wrong in (f"SELECT {long}", f"SELECT {long}, %s::text::int"):
            with pytest.raises(psycopg.errors.DataError):
                connection.execute(wrong, [value] * wrong.count("%s"))
        with pytest.raises(psycopg.errors.DataError):
            connection.execute("DO $$ BEGIN PERFORM 1 / 0; END $$ -- " + value)
        assert 0 < (home / "postgres.log").stat().st_size - before < 1024


def test_a_given_url_is_used_as_it_is(home: Path) -> None:
    given = msgspec.structs.replace(settings(home), database_url="postgresql://elsewhere/x")
    with database(given) as url:
        assert url == "postgresql://elsewhere/x"
    assert list(home.iterdir()) == []


def test_a_killed_owner_loses_nothing(home: Path) -> None:
    owner = start_owner(home)
    left = int(recorded_pid(home / "postgres")[0])
    owner.kill()
    finish(owner)
    assert runs(left, home / "postgres")
    with database(settings(home)) as url:
        assert rows(url) == 1
        assert int(recorded_pid(home / "postgres")[0]) != left


def test_a_killed_server_and_owner_lose_nothing(home: Path) -> None:
    owner = start_owner(home)
    os.kill(int(recorded_pid(home / "postgres")[0]), signal.SIGKILL)
    owner.kill()
    finish(owner)
    with database(settings(home)) as url:
        assert rows(url) == 1


def test_a_guest_leaves_the_server_of_its_host_running(home: Path) -> None:
    owner = start_owner(home)
    with database(settings(home)) as url:
        assert rows(url) == 1
    with database(settings(home)) as url:
        assert rows(url) == 1
    assert finish(owner) == 0


def test_the_server_stays_for_those_who_still_use_it(home: Path) -> None:
    owner = start_owner(home)
    with database(settings(home)) as url:
        assert finish(owner) == 0
        assert rows(url) == 1
        pid = int(recorded_pid(home / "postgres")[0])
    assert not runs(pid, home / "postgres")


def test_a_crash_of_one_disturbs_no_other(home: Path) -> None:
    owner = start_owner(home)
    with database(settings(home)) as url:
        owner.kill()
        finish(owner)
        with database(settings(home)) as again:
            assert again == url
        assert rows(url) == 1


def test_those_who_start_at_once_share_one_server(home: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen(command, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    assert [process.stdout.readline() for process in processes] == [b"ready\n"] * 3
    with database(settings(home)) as url:
        assert rows(url) == 3
    assert [finish(process) for process in processes] == [0, 0, 0]


def test_a_pid_file_that_names_another_program_is_stale(home: Path) -> None:
    with database(settings(home)):
        record = (home / "postgres" / "postmaster.pid").read_text()
    lines = record.splitlines()
    (home / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with database(settings(home)) as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("name", ["long/" * 40, "a 'quoted', 100% \"odd\" é"])
def test_any_path_may_be_the_home(home: Path, name: str) -> None:
    with database(settings(home / name)) as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        sockets = Path(recorded_pid(home / name / "postgres")[4])
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert sockets.parent == home / name or not sockets.exists()


def test_half_a_data_directory_is_made_anew(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    with database(settings(home)) as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_data_of_another_major_version_are_not_touched(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 9"), database(settings(home)):
        pass
    shutil.rmtree(home / "postgres")
