"""One process serves SFTP, with one key, and lets nobody have more of it than is right."""

import asyncio
import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import psycopg
import pytest
from tests.partners.billing_exchange.conftest import connected, served
from tests.waiting import PATIENCE, until_async

from gerance.kernel.db import open_pool
from gerance.kernel.settings import Settings, SettingsError, load_settings
from gerance.partners.billing_exchange import sftp_server, sftp_service
from gerance.partners.billing_exchange.host_key import FILES, host_key, host_keys
from gerance.partners.billing_exchange.sftp_service import keep_serving_files


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def answers(port: int, home: Path) -> None:
    """Return once somebody serves there."""

    async def answered() -> bool:
        with contextlib.suppress(OSError):
            async with connected(port, home):
                return True
        return False

    await until_async(answered)


def test_another_process_takes_over_when_the_one_that_serves_is_gone(
    database: str, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_service, "PAUSE_SECONDS", 0.05)
    settings = Settings(home=tmp_path, database_url=database, sftp_port=free_port())
    assert settings.sftp_port is not None

    async def take_over(port: int) -> None:
        async with open_pool(database, size=4, statement_timeout_ms=30_000) as pool:
            first = asyncio.ensure_future(keep_serving_files(pool, settings))
            await answers(port, tmp_path)
            second = asyncio.ensure_future(keep_serving_files(pool, settings))
            first.cancel()
            await answers(port, tmp_path)
            second.cancel()
            await asyncio.gather(first, second, return_exceptions=True)

    asyncio.run(take_over(settings.sftp_port))


def test_the_key_is_made_once_by_whoever_is_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: host_key(tmp_path), range(8)))
    assert len({key.get_fingerprint() for key in keys}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sftp_host_key"]


def test_clients_without_ed25519_recognise_the_server_by_another_key(
    database: str, partner: str, tmp_path: Path
) -> None:
    keys = host_keys(tmp_path)
    assert [key.get_algorithm() for key in keys] == list(FILES)
    assert [key.get_fingerprint() for key in host_keys(tmp_path)] == [
        key.get_fingerprint() for key in keys
    ]
    assert all((tmp_path / name).stat().st_mode & 0o777 == 0o600 for name in FILES.values())

    async def log_in() -> None:
        async with (
            open_pool(database, size=2, statement_timeout_ms=30_000) as pool,
            sftp_server.sftp_server(pool, tmp_path, keys, host="127.0.0.1", port=0) as port,
        ):
            for algorithm, key in (
                ("ssh-ed25519", keys[0]),
                ("ecdsa-sha2-nistp256", keys[1]),
                ("rsa-sha2-256", keys[2]),
                ("rsa-sha2-512", keys[2]),
            ):
                async with connected(port, tmp_path, server_host_key_algs=[algorithm],
                                     known_hosts=([key.convert_to_public()], [], [])):  # fmt: skip
                    pass

    asyncio.run(log_in())


def test_connections_of_one_address_have_a_limit(
    database: str, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_server, "MOST_PER_ADDRESS", 2)

    async def fill() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path):
            async with connected(port, tmp_path):
                with pytest.raises((OSError, asyncssh.Error)):
                    async with connected(port, tmp_path):
                        pass
            await answers(port, tmp_path)

    asyncio.run(fill())


def test_who_asks_for_nothing_is_sent_away(
    database: str, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_server, "IDLE_SECONDS", 0.3)

    async def idle() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            async with asyncio.timeout(PATIENCE):
                await connection.wait_closed()

    asyncio.run(idle())


def test_who_is_disabled_meanwhile_is_sent_away(
    database: str, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_server, "ASK_SECONDS", 0.1)

    async def disabled() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as c:
                await c.execute("update partner set disabled = true")
            async with asyncio.timeout(PATIENCE):
                await connection.wait_closed()
            with pytest.raises(asyncssh.PermissionDenied):
                async with connected(port, tmp_path):
                    pass

    asyncio.run(disabled())


def test_one_connection_may_not_try_passwords_for_ever(
    database: str, partner: str, tmp_path: Path
) -> None:
    tried: list[str] = []

    class Guessing(asyncssh.SSHClient):
        def password_auth_requested(self) -> str:
            tried.append("guess")
            return f"guess number {len(tried)}"

    async def guess() -> None:
        async with served(database, tmp_path) as port:
            with pytest.raises((OSError, asyncssh.Error)):
                async with connected(port, tmp_path, password=None, client_factory=Guessing):
                    pass

    asyncio.run(guess())
    assert 2 <= len(tried) <= sftp_server.MOST_PASSWORDS + 1


def test_several_workers_need_a_port_that_is_named() -> None:
    with pytest.raises(SettingsError, match="sftp_port"):
        load_settings(sftp_port=0, workers=2)
    assert load_settings(sftp_port=0, workers=1).sftp_port == 0
