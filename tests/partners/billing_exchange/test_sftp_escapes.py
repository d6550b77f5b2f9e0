"""Nothing that a client asks for leads out of its folder, or past what it may use of it."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh import SFTPAttrs, SFTPClient
from tests.partners.billing_exchange.conftest import CODE, connected, served, with_sftp

from gerance.partners.billing_exchange import uploads
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import resolve

SECRET = b"the neighbour's customers"
Act = Callable[[SFTPClient], Awaitable[Any]]


async def _open_to_write(sftp: SFTPClient, path: str) -> None:
    async with sftp.open(path, "wb"):
        pass


def read(path: str) -> Act:
    return lambda sftp: sftp.open(path, "rb")


def write(path: str) -> Act:
    return lambda sftp: _open_to_write(sftp, path)


ESCAPES: dict[str, Act] = {
    "reading by ..": read("/outbox/../../OTHER/outbox/secret.csv"),
    "reading by .. in bytes": read("../OTHER/outbox/secret.csv"),
    "reading an absolute path": read("/etc/passwd"),
    "reading through a link in the folder": read("/inbox/link"),
    "reading through a link that is a directory": read("/inbox/linked/secret.csv"),
    "reading the uploads of others": read("/.uploads/1"),
    "listing through a link": lambda sftp: sftp.listdir("/inbox/linked"),
    "listing the uploads": lambda sftp: sftp.listdir("/.uploads"),
    "writing at the top": write("/x.csv"),
    "writing to /outbox": write("/outbox/x.csv"),
    "writing to /outbox by ..": write("/inbox/../outbox/x.csv"),
    "writing to /inbox/rejected": write("/inbox/rejected/x.csv"),
    "writing beside the folder": write("/inbox/../../OTHER/inbox/x.csv"),
    "writing an absolute path": write("/tmp/x.csv"),
    "writing a backslash": write("/inbox/..\\..\\x.csv"),
    "writing a line break": write("/inbox/a\nb.csv"),
    "writing over a directory": write("/inbox/rejected"),
    "appending": lambda sftp: sftp.open("/inbox/mine.csv", "ab"),
    "changing in place": lambda sftp: sftp.open("/inbox/mine.csv", "r+b"),
    "a symbolic link": lambda sftp: sftp.symlink("/etc/passwd", "/inbox/l"),
    "a hard link": lambda sftp: sftp.link("/outbox/bill.csv", "/inbox/l"),
    "reading a link": lambda sftp: sftp.readlink("/inbox/link"),
    "renaming into /outbox": lambda sftp: sftp.rename("/inbox/mine.csv", "/outbox/x.csv"),
    "renaming out of /outbox": lambda sftp: sftp.rename("/outbox/bill.csv", "/inbox/x.csv"),
    "renaming out of the folder": lambda sftp: sftp.posix_rename("/inbox/mine.csv", "/../OTHER/x"),
    "renaming over a directory": lambda sftp: sftp.posix_rename(
        "/inbox/mine.csv", "/inbox/rejected"
    ),
    "renaming a directory": lambda sftp: sftp.rename("/inbox/rejected", "/inbox/x"),
    "renaming a link": lambda sftp: sftp.rename("/inbox/link", "/inbox/x"),
    "removing from /outbox": lambda sftp: sftp.remove("/outbox/bill.csv"),
    "removing a report": lambda sftp: sftp.remove("/inbox/rejected/report.csv"),
    "removing what another has": lambda sftp: sftp.remove("/../OTHER/outbox/secret.csv"),
    "making a directory": lambda sftp: sftp.mkdir("/inbox/d"),
    "removing a directory": lambda sftp: sftp.rmdir("/inbox/rejected"),
    "setting the mode of /outbox": lambda sftp: sftp.chmod("/outbox", 0o777),
    "setting the mode of a file in /outbox": lambda sftp: sftp.chmod("/outbox/bill.csv", 0o777),
    "cutting a file short": lambda sftp: sftp.setstat("/inbox/mine.csv", SFTPAttrs(size=1)),
    "asking for the file system": lambda sftp: sftp.statvfs("/"),
}


@pytest.mark.parametrize("attempt", ESCAPES.values(), ids=ESCAPES)
def test_no_request_leads_out_of_the_folder(
    database: str, partner: str, tmp_path: Path, attempt: Act
) -> None:
    root = tmp_path / "partners"
    Folder(root, "OTHER").deliver("outbox", "secret.csv", [SECRET])
    mine = Folder(root, partner)
    mine.deliver("outbox", "bill.csv", [b"bill"])
    mine.deliver("inbox/rejected", "report.csv", [b"report"])
    mine.deliver("inbox", "mine.csv", [b"mine"])
    os.symlink(root / "OTHER" / "outbox" / "secret.csv", root / CODE / "inbox" / "link")
    os.symlink(root / "OTHER" / "outbox", root / CODE / "inbox" / "linked")
    before = tree(root)

    async def fails(sftp: SFTPClient) -> None:
        with pytest.raises(asyncssh.SFTPError):
            await attempt(sftp)

    with_sftp(database, tmp_path, fails)
    assert tree(root) == before


def tree(root: Path) -> dict[str, bytes | str | None]:
    """Every path below it with its mode, and what is there."""
    return {
        f"{path.relative_to(root)} {path.lstat().st_mode:o}": os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in sorted(root.rglob("*"))
    }


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (b"", "/"),
        (b".", "/"),
        (b"/inbox/../../..", "/"),
        (b"//inbox//x.csv", "/inbox/x.csv"),
        (b"inbox/./rejected/..", "/inbox"),
        ("/inbox/été.csv".encode(), "/inbox/été.csv"),
    ],
)
def test_paths_are_read_from_the_top_of_the_folder(path: bytes, meant: str) -> None:
    assert resolve(path).path == meant


@pytest.mark.parametrize(
    "path", [b"/inbox/\xff", b"/inbox/a\x00b", b"/etc/x", b"/inbox/" + b"x" * 300]
)
def test_paths_that_name_nothing_are_refused(path: bytes) -> None:
    with pytest.raises(OSError):
        resolve(path)


def test_a_folder_swapped_for_a_link_is_not_entered(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "MINE")
    Folder(tmp_path, "OTHER").deliver("outbox", "secret.csv", [SECRET])
    folder.prepare()
    (tmp_path / "MINE" / "outbox").rmdir()
    os.symlink(tmp_path / "OTHER" / "outbox", tmp_path / "MINE" / "outbox")
    with pytest.raises(OSError):
        folder.open_to_read(resolve(b"/outbox/secret.csv"))


@pytest.mark.parametrize("code", ["", "..", "../OTHER", "a/b", ".uploads", "a b", "x" * 65])
def test_codes_that_could_name_another_folder_have_none(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError):
        Folder(tmp_path, code)


def test_uploads_end_at_the_quota_and_leave_nothing(
    database: str, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "QUOTA_BYTES", 100_000)
    monkeypatch.setattr(uploads, "QUOTA_FILES", 3)

    async def fill(sftp: SFTPClient) -> None:
        for name in ("1", "2", "3"):
            await put(sftp, f"/inbox/{name}", b"x" * 30_000)
        for name, size in (("4", 1), ("1", 60_000)):
            with pytest.raises(asyncssh.SFTPError):
                await put(sftp, f"/inbox/{name}", b"x" * size)
        await sftp.remove("/inbox/3")
        file = await sftp.open("/inbox/hole", "wb")
        with pytest.raises(asyncssh.SFTPError):
            await file.write(b"x", 50_000)
        with pytest.raises(asyncssh.SFTPError):
            await file.close()

    with_sftp(database, tmp_path, fill)
    folder = tmp_path / "partners" / partner
    assert sorted(os.listdir(folder / "inbox")) == ["1", "2", "rejected"]
    assert os.listdir(folder / ".uploads") == []


async def put(sftp: SFTPClient, path: str, content: bytes) -> None:
    async with sftp.open(path, "wb") as file:
        await file.write(content)


def test_one_session_has_few_files_open_and_one_connection_few_sessions(
    database: str, partner: str, tmp_path: Path
) -> None:
    async def exhaust() -> None:
        async with served(database, tmp_path) as port, connected(port, tmp_path) as connection:
            sessions = [await connection.start_sftp_client() for _ in range(4)]
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.start_sftp_client()
            files = [await sessions[0].open(f"/inbox/{nth}", "wb") for nth in range(16)]
            with pytest.raises(asyncssh.SFTPError):
                await sessions[0].open("/inbox/16", "wb")
            await files[0].close()
            await sessions[0].open("/inbox/16", "wb")

    asyncio.run(exhaust())
