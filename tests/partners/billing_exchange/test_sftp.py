"""Partners log in and exchange files, with real clients."""

import asyncio
import os
import shutil
import stat
from pathlib import Path

import asyncssh
import pytest
from asyncssh import FXF_WRITE
from tests.living import on
from tests.partners.billing_exchange.conftest import (
    CODE,
    PASSWORD,
    add_partner,
    connected,
    served,
    with_sftp,
)
from tests.waiting import until_async

from gerance.kernel import metrics
from gerance.partners.billing_exchange.access import give_access
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.host_key import host_key

RETURNS = b"client_id;status;reason\r\nC1;paid;\r\n"


def test_a_partner_fetches_what_is_delivered_and_puts_what_it_sends(
    database: str, partner: str, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "partners", partner)
    folder.deliver("outbox", "bill.csv", [b"a;b\r\n", b"c;d\r\n"])

    async def exchange(sftp: asyncssh.SFTPClient) -> None:
        assert sorted(await sftp.listdir("/")) == [".", "..", "inbox", "outbox"]
        assert await sftp.getcwd() == "/"
        async with sftp.open("outbox/bill.csv", "rb") as file:
            assert await file.read() == b"a;b\r\nc;d\r\n"
        async with sftp.open("/inbox/returns.csv", "wb") as file:
            await file.write(RETURNS)
        assert (await sftp.stat("inbox/returns.csv")).size == len(RETURNS)
        await sftp.rename("/inbox/returns.csv", "/inbox/r2.csv")
        await sftp.remove("/inbox/r2.csv")

    with_sftp(database, tmp_path, exchange)
    assert stat.S_IMODE((tmp_path / "partners" / partner).stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "sftp_host_key").stat().st_mode) == 0o600


def test_a_file_is_seen_when_its_client_has_closed_it(
    database: str, partner: str, tmp_path: Path
) -> None:
    inbox = tmp_path / "partners" / partner / "inbox"

    async def put(sftp: asyncssh.SFTPClient) -> None:
        file = await sftp.open("/inbox/r.csv", "wb")
        await file.write(RETURNS)
        assert not (inbox / "r.csv").exists()
        await file.close()
        assert (inbox / "r.csv").read_bytes() == RETURNS

    with_sftp(database, tmp_path, put)


@pytest.mark.parametrize("cut", ["connection", "channel"])
def test_what_was_cut_off_half_way_is_never_seen(
    database: str, partner: str, tmp_path: Path, cut: str
) -> None:
    folder = tmp_path / "partners" / partner

    async def put() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            sftp = await connection.start_sftp_client()
            file = await sftp.open("/inbox/r.csv", "wb")
            await file.write(RETURNS)
            assert len(list((folder / ".uploads").iterdir())) == 1
            if cut == "connection":
                connection.abort()
            else:
                sftp.exit()
            await until_async(lambda: not list((folder / ".uploads").iterdir()))

    asyncio.run(put())
    assert [each.name for each in (folder / "inbox").iterdir()] == ["rejected"]


async def wrong_password(port: int, home: Path, user: str) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with connected(port, home, user, password="not the password"):
            pass


def test_the_right_password_succeeds_after_guesses(
    database: str, partner: str, tmp_path: Path
) -> None:
    on(database, lambda c: give_access(c, CODE, password=PASSWORD))

    async def guess() -> None:
        async with served(database, tmp_path) as port:
            await wrong_password(port, tmp_path, "nobody")
            async with connected(port, tmp_path, password=PASSWORD):
                pass
            for _ in range(10):
                await wrong_password(port, tmp_path, partner)
            async with connected(port, tmp_path, password=PASSWORD):
                pass

    asyncio.run(guess())


def test_keys_let_their_own_partner_in(database: str, partner: str, tmp_path: Path) -> None:
    mine, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    line = mine.export_public_key().decode()
    add_partner(database, "OTHER")
    on(database, lambda c: give_access(c, CODE, public_keys=f"# our server\n{line}"))
    on(database, lambda c: give_access(c, "OTHER", password=PASSWORD))

    async def log_in() -> None:
        async with served(database, tmp_path) as port:
            async with connected(port, tmp_path, password=None, client_keys=[mine]):
                pass
            failures = failed.get()
            for user, key in ((partner, other), ("OTHER", mine), ("nobody", mine)):
                with pytest.raises(asyncssh.PermissionDenied):
                    async with connected(port, tmp_path, user, password=None, client_keys=[key]):
                        pass
            await until_async(lambda: failed.get() >= failures + 3)

    failed = metrics.SECURITY.labels("login_failed")._value
    asyncio.run(log_in())


def test_a_partner_sees_its_own_folder_alone(database: str, partner: str, tmp_path: Path) -> None:
    add_partner(database, "OTHER")
    Folder(tmp_path / "partners", "OTHER").deliver("outbox", "secret.csv", [b"secret"])

    async def look(sftp: asyncssh.SFTPClient) -> None:
        assert sorted(await sftp.listdir("/../OTHER/../..")) == [".", "..", "inbox", "outbox"]
        for path in ("/../OTHER/outbox/secret.csv", "/OTHER/outbox/secret.csv"):
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await sftp.open(path, "rb")

    with_sftp(database, tmp_path, look)


def test_there_is_no_shell_no_command_but_scp_and_no_forwarding(
    database: str, partner: str, tmp_path: Path
) -> None:
    async def ask() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            for command in (None, "id", "scp;id", "/bin/scp -t /inbox", "internal-sftp"):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await connection.create_process(command)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(subsystem="netconf")
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.start_server(lambda *_: lambda *_: None, "127.0.0.1", 0)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_unix_connection("/tmp/x")

    asyncio.run(ask())


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's client is not here")
def test_the_client_of_openssh_exchanges_files(database: str, partner: str, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "id")
    os.chmod(tmp_path / "id", 0o600)
    public = key.export_public_key().decode()
    on(database, lambda c: give_access(c, CODE, public_keys=public))
    Folder(tmp_path / "partners", partner).deliver("outbox", "bill.csv", [b"a;b\r\n"])
    (tmp_path / "r.csv").write_bytes(RETURNS)
    batch = (
        f"ls -l\nget /outbox/bill.csv {tmp_path}/got.csv\nput -p {tmp_path}/r.csv /inbox/r.csv\n"
    )
    batch += "-symlink /etc/passwd /inbox/l\n-ln /inbox/r.csv /inbox/h\nls /inbox\n"

    async def run() -> bytes:
        async with served(database, tmp_path) as port:
            server = host_key(tmp_path).export_public_key().decode()
            (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {server}")
            process = await asyncio.create_subprocess_exec(
                *("sftp", "-q", "-b", "-", "-P", str(port), "-i", str(tmp_path / "id")),
                *("-F", "none", "-o", f"UserKnownHostsFile={tmp_path}/known"),
                f"{partner}@127.0.0.1",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            told, _ = await process.communicate(batch.encode())
            assert process.returncode == 0, told
            return told

    told = asyncio.run(run())
    assert (tmp_path / "got.csv").read_bytes() == b"a;b\r\n"
    assert (tmp_path / "partners" / partner / "inbox" / "r.csv").read_bytes() == RETURNS
    assert {each.name for each in (tmp_path / "partners" / partner / "inbox").iterdir()} == {
        "rejected",
        "r.csv",
    }
    assert told.count(b"Operation unsupported") == 2


@pytest.mark.skipif(shutil.which("scp") is None, reason="OpenSSH's client is not here")
@pytest.mark.parametrize("mode", ["-O", "-s"])
def test_scp_of_openssh_copies_in_both_directions(
    database: str, partner: str, tmp_path: Path, mode: str
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "id")
    os.chmod(tmp_path / "id", 0o600)
    on(database, lambda c: give_access(c, CODE, public_keys=key.export_public_key().decode()))
    folder = Folder(tmp_path / "partners", partner)
    folder.deliver("outbox", "bill.csv", [b"a;b\r\n"])
    (tmp_path / "r.csv").write_bytes(RETURNS)

    async def copy(port: int, *paths: str) -> tuple[int | None, bytes]:
        process = await asyncio.create_subprocess_exec(
            *("scp", mode, "-p", "-P", str(port), "-i", str(tmp_path / "id")),
            *("-F", "none", "-o", f"UserKnownHostsFile={tmp_path}/known", *paths),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
        return process.returncode, told

    async def run() -> None:
        async with served(database, tmp_path) as port:
            server = host_key(tmp_path).export_public_key().decode()
            (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {server}")
            far, here = f"{partner}@127.0.0.1:", str(tmp_path)
            for target in ("/inbox/", "/inbox", "inbox/r2.csv", "/inbox/r.csv"):
                if target == "/inbox/r.csv":
                    (tmp_path / "r.csv").write_bytes(RETURNS[:9])
                status, told = await copy(port, f"{here}/r.csv", far + target)
                assert status == 0, told
            status, told = await copy(port, far + "/outbox/bill.csv", f"{here}/got.csv")
            assert status == 0, told
            for target in ("/outbox/r.csv", "/r.csv", "/inbox/x/r.csv"):
                status, told = await copy(port, f"{here}/r.csv", far + target)
                assert status == 1, told
            status, told = await copy(port, far + "/../../etc/passwd", f"{here}/passwd")
            assert status == 1, told

    asyncio.run(run())
    assert (tmp_path / "got.csv").read_bytes() == b"a;b\r\n"
    inbox = tmp_path / "partners" / partner / "inbox"
    assert {each.name for each in inbox.iterdir()} == {"rejected", "r.csv", "r2.csv"}
    contents = [(inbox / name).read_bytes() for name in ("r.csv", "r2.csv")]
    assert contents == [RETURNS[:9], RETURNS]


def test_a_file_that_is_there_is_not_continued(database: str, partner: str, tmp_path: Path) -> None:
    async def continue_it(sftp: asyncssh.SFTPClient) -> None:
        async with sftp.open("/inbox/r.csv", "wb") as file:
            await file.write(RETURNS)
        with pytest.raises(asyncssh.SFTPError):
            async with sftp.open("/inbox/r.csv", FXF_WRITE, encoding=None) as file:
                await file.write(b"x", 5)

    with_sftp(database, tmp_path, continue_it)
    inbox = tmp_path / "partners" / partner / "inbox"
    assert (inbox / "r.csv").read_bytes() == RETURNS


def test_what_scp_did_not_send_whole_is_never_seen(
    database: str, partner: str, tmp_path: Path
) -> None:
    folder = tmp_path / "partners" / partner

    async def send() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            process = await connection.create_process("scp -t /inbox/r.csv", encoding=None)
            assert await process.stdout.read(1) == b"\0"
            process.stdin.write(b"C0644 1000 r.csv\n")
            assert await process.stdout.read(1) == b"\0"
            process.stdin.write(b"A;paid;\r\n")
            await until_async(lambda: len(list((folder / ".uploads").iterdir())) == 1)
            process.stdin.write_eof()
            await until_async(lambda: not list((folder / ".uploads").iterdir()))

    asyncio.run(send())
    assert [each.name for each in (folder / "inbox").iterdir()] == ["rejected"]


def test_a_directory_that_is_there_is_no_obstacle(
    database: str, partner: str, tmp_path: Path
) -> None:
    async def make(sftp: asyncssh.SFTPClient) -> None:
        for path in ("/inbox", "/inbox/rejected", "/outbox"):
            await sftp.makedirs(path, exist_ok=True)
            with pytest.raises(asyncssh.SFTPFailure):
                await sftp.mkdir(path)
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.makedirs("/inbox2", exist_ok=True)

    with_sftp(database, tmp_path, make)
