"""Files reach the partner's own server: whole, again until they do, and nowhere else."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import pytest
from tests.living import on
from tests.partners.billing_exchange import far_sides
from tests.partners.billing_exchange.conftest import CODE, add_customers
from tests.partners.billing_exchange.test_billing import billed

from gerance.cli.certificate import self_signed
from gerance.kernel.db import open_pool
from gerance.kernel.errors import Rejection
from gerance.partners.billing_exchange.billing import BillingFile
from gerance.partners.billing_exchange.push import (
    STEPS,
    list_pushes,
    push_again,
    push_due,
    set_target,
)
from gerance.partners.billing_exchange.target import PushTarget, read_target

HERE = ("127.0.0.0/8", "::1/128")
KEY = asyncssh.generate_private_key("ssh-ed25519")
PUBLIC = KEY.export_public_key().decode()


def target(scheme: str, port: int, **secrets: Any) -> PushTarget:
    url = f"{scheme}://{far_sides.USER}@localhost:{port}/"
    return read_target(url, **{"password": far_sides.PASSWORD} | secrets)


def billed_for(database: str, to: PushTarget) -> BillingFile:
    """A file of the partner, which is to be pushed there."""
    on(database, lambda c: set_target(c, CODE, to))
    add_customers(database, CODE, 2_000)
    return billed(database)


async def push(database: str, root: Path, networks: Sequence[str] = HERE) -> bool:
    async with open_pool(database, size=4, statement_timeout_ms=30_000) as pool:
        return await push_due(pool, root, networks)


def pushes(database: str) -> list[dict[str, Any]]:
    return on(database, list_pushes)


def assert_arrived(far: Path, file: BillingFile) -> None:
    assert sorted(os.listdir(far)) == [file.name, f"{file.name}.sha256"]
    assert hashlib.sha256((far / file.name).read_bytes()).hexdigest() == file.sha256
    assert (far / f"{file.name}.sha256").read_bytes() == file.checksum


@pytest.fixture
def far(tmp_path: Path) -> Path:
    path = tmp_path / "far"
    path.mkdir()
    return path


def test_files_reach_an_sftp_server_whose_key_is_known(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    async def reach() -> None:
        async with far_sides.sftp_server(far, KEY) as port:
            file = await asyncio.to_thread(
                billed_for, database, target("sftp", port, host_key=PUBLIC)
            )
            assert await push(database, tmp_path)
            assert_arrived(far, file)
            await asyncio.to_thread(on, database, lambda c: push_again(c, CODE, file.name))
            assert await push(database, tmp_path)
            assert not await push(database, tmp_path)
            assert_arrived(far, file)

    asyncio.run(reach())
    assert pushes(database)[0]["done"] is not None


def test_nothing_is_said_to_an_sftp_server_with_another_key(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()

    async def reach() -> None:
        async with far_sides.sftp_server(far, KEY) as port:
            to = target("sftp", port, host_key=other)
            await asyncio.to_thread(billed_for, database, to)
            assert await push(database, tmp_path)

    asyncio.run(reach())
    assert os.listdir(far) == []
    assert "not trusted" in pushes(database)[0]["error"]


def test_files_reach_an_ftp_server(database: str, partner: str, tmp_path: Path, far: Path) -> None:
    with far_sides.ftp_server(far) as port:
        file = billed_for(database, target("ftp", port))
        for _ in range(2):
            assert asyncio.run(push(database, tmp_path))
            assert_arrived(far, file)
            on(database, lambda c: push_again(c, CODE, file.name))


def test_files_reach_an_ftp_server_over_tls(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    with far_sides.ftps_server(far, certificate, key) as port:
        file = billed_for(database, target("ftps", port, ca=certificate.read_text()))
        assert asyncio.run(push(database, tmp_path))
    assert pushes(database)[0]["error"] is None
    assert_arrived(far, file)


def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    with far_sides.ftps_server(far, certificate, key) as port:
        billed_for(database, target("ftps", port))
        assert asyncio.run(push(database, tmp_path))
    assert "certificate verify failed" in pushes(database)[0]["error"].lower()


def test_what_fails_is_tried_again_for_a_day_and_then_given_up(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    with far_sides.ftp_server(far) as port:
        file = billed_for(database, target("ftp", port, password="wrong one"))
        for _ in STEPS:
            assert asyncio.run(push(database, tmp_path))
            (row,) = pushes(database)
            assert row["due"] is not None
            assert not asyncio.run(push(database, tmp_path))
            make_due(database)
        assert asyncio.run(push(database, tmp_path))
        (row,) = pushes(database)
        assert (row["due"], row["done"], row["failures"]) == (None, None, len(STEPS) + 1)
        assert "wrong one" not in row["error"]
        on(database, lambda c: set_target(c, CODE, target("ftp", port)))
        on(database, lambda c: push_again(c, CODE, file.name))
        assert asyncio.run(push(database, tmp_path))
    assert_arrived(far, file)
    assert timedelta(hours=20) < sum(STEPS, timedelta()) < timedelta(hours=28)


def make_due(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("update partner_push set due = now()")


def test_a_push_whose_process_was_killed_is_taken_up_again(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    async def killed(port: int) -> None:
        pushing = asyncio.ensure_future(push(database, tmp_path))
        while not os.listdir(far):  # noqa: ASYNC110
            await asyncio.sleep(0)
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)

    with far_sides.ftp_server(far) as port:
        file = billed_for(database, target("ftp", port))
        asyncio.run(killed(port))
        assert pushes(database)[0]["done"] is None
        make_due(database)
        assert asyncio.run(push(database, tmp_path))
    assert pushes(database)[0]["done"] is not None
    assert_arrived(far, file)


def test_private_addresses_are_called_only_where_the_settings_say_so(
    database: str, partner: str, tmp_path: Path, far: Path
) -> None:
    with far_sides.ftp_server(far) as port:
        billed_for(database, target("ftp", port))
        assert asyncio.run(push(database, tmp_path, networks=()))
    assert os.listdir(far) == []
    assert "is not called" in pushes(database)[0]["error"]


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("http://u@example.org/", {}),
        ("ftp://example.org/", {}),
        ("ftp://u:secret@example.org/", {}),
        ("ftp://u@example.org:99999/", {}),
        ("ftp://u@example.org/a%0d%0aDELE%20x", {}),
        ("sftp://u@example.org/", {}),
        ("sftp://u@example.org/", {"host_key": "no key"}),
        ("sftp://u@example.org/", {"host_key": PUBLIC, "private_key": "none"}),
        ("ftp://u@example.org/", {"password": None}),
        ("ftps://u@example.org/", {"ca": "none"}),
    ],
)
def test_targets_are_checked_when_they_are_given(url: str, more: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refused:
        read_target(url, **{"password": "pa55word", **more})
    assert "pa55word" not in refused.value.message
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    "line", [PUBLIC, f"[sftp.example.org]:22 {PUBLIC}"], ids=["a key", "a host and its key"]
)
def test_the_key_of_a_server_is_taken_as_tools_print_it(line: str) -> None:
    read = target("sftp", 22, host_key=f"# comment\n{line}")
    assert read.host_key == " ".join(PUBLIC.split()[:2])
