"""The documentation is true: its commands run, answers are as it says, links lead on."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import NamedTuple
from uuid import uuid4

import pytest
from tests.cli.conftest import COMMAND, clean_environment
from tests.cli.test_demo import installation, started, stop
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
RUNNABLE = ["README.md", "docs/tutorial/first-ticket.md"]
RUNNABLE += [
    str(page.relative_to(ROOT))
    for page in sorted(ROOT.glob("docs/how-to/*.md"))
    if "```bash" in page.read_text(encoding="utf-8")
]
"""The pages with commands to be run, in the order in which they are."""
ADDRESS = "http://127.0.0.1:8000"
MARK = "=== end of a block ==="

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """Commands of a page, and what it says that they print (None: it does not say)."""

    commands: str
    printed: str | None


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of a demonstration."""
    place = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Where a demonstration serves."""
    with started(home, "--json", stderr=None) as process:
        yield installation(process)["url"]
        assert stop(process, signal.SIGTERM)[0] == 0


@pytest.fixture(scope="module")
def printed(
    address: str, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What the blocks of each page printed, run one after the other in one shell.

    `gerance` is the one that is tested, on the demonstration's data.
    """
    path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
    outputs = {}
    for page in RUNNABLE:
        script = "".join(f"{block.commands}\necho; echo '{MARK}'\n" for block in blocks(page))
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script.replace(ADDRESS, address)],
            cwd=tmp_path_factory.mktemp("reader"),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=clean_environment(GERANCE_HOME=str(home), PATH=path),
        )
        assert done.returncode == 0, f"{page}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        outputs[page] = done.stdout.split(MARK)[:-1]
    return outputs


def blocks(page: str) -> list[Block]:
    fences = _FENCE.findall((ROOT / page).read_text(encoding="utf-8"))
    following = [*fences[1:], ("", "")]
    return [
        Block(text, after if kind == "text" else None)
        for (language, text), (kind, after) in zip(fences, following, strict=True)
        if language == "bash"
    ]


def shows(said: str, got: str) -> bool:
    """Whether a page says what was printed: "..." stands for anything, blanks are all alike."""
    parts = [" ".join(part.split()) for part in said.split("...")]
    pattern = ".*".join(map(re.escape, parts))
    return re.fullmatch(pattern, " ".join(got.split()), re.DOTALL) is not None


@pytest.mark.parametrize("page", RUNNABLE)
def test_commands_print_what_the_page_says(page: str, printed: dict[str, list[str]]) -> None:
    for block, got in zip(blocks(page), printed[page], strict=True):
        if block.printed is not None:
            assert shows(block.printed, got), f"{block.commands}\n{got}"
        if "errorType" not in (block.printed or ""):
            assert "errorType" not in got, f"{block.commands}\n{got}"


def test_the_listener_prints_the_events_of_the_tutorial(
    address: str, printed: dict[str, list[str]], tmp_path: Path
) -> None:
    page = (ROOT / "docs/how-to/listen-to-events.md").read_text(encoding="utf-8")
    program = [text for language, text in _FENCE.findall(page) if language == "python"][1]
    (tmp_path / "listen.py").write_text(program.replace(ADDRESS, address), encoding="utf-8")
    opened = json.loads(blocks(RUNNABLE[1])[2].commands.split("JSON'\n")[1].split("\nJSON")[0])
    wanted = f"PermanentlyFixed {opened['aggregateUid']}"
    with subprocess.Popen(
        [sys.executable, "listen.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as listener:
        patience = Timer(PATIENCE, listener.kill)
        patience.start()
        assert listener.stdout
        lines = []
        for line in listener.stdout:
            lines.append(line.strip())
            if lines[-1].endswith(wanted):
                break
        patience.cancel()
        listener.kill()
    assert lines[-1].endswith(wanted)
    assert len(lines) == len(set(lines))


def test_the_live_listener_goes_on_where_it_was(address: str, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/listen-to-events.md").read_text(encoding="utf-8")
    program = next(text for language, text in _FENCE.findall(page) if language == "python")
    (tmp_path / "listen_live.py").write_text(program.replace(ADDRESS, address), encoding="utf-8")
    opening = json.loads(blocks(RUNNABLE[1])[2].commands.split("JSON'\n")[1].split("\nJSON")[0])
    login = b'{"login": "centre@demo.gerance.example", "password": "demo-centre-2026"}'
    with urllib.request.urlopen(
        urllib.request.Request(
            f"{address}/api/v1/login", login, {"Content-Type": "application/json"}
        )
    ) as answer:
        cookie = answer.headers["Set-Cookie"]

    def opened() -> str:
        uids = {"processUid": str(uuid4()), "aggregateUid": str(uuid4())}
        body = json.dumps(opening | uids).encode()
        asked(address, "vEvent/tickets", "POST", body, {"Cookie": cookie})
        return f"TicketOpened {uids['aggregateUid']}"

    @contextmanager
    def listening() -> Iterator[Iterator[str]]:
        with subprocess.Popen(
            [sys.executable, "listen_live.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        ) as listener:
            patience = Timer(PATIENCE, listener.kill)
            patience.start()
            assert listener.stdout
            yield (line.strip().partition(" ")[2] for line in listener.stdout)
            listener.kill()
            patience.cancel()

    with listening() as lines:
        until((tmp_path / "cursor.txt").exists)  # From then on it is told of everything.
        first = opened()
        assert next(lines) == first
    missed = [opened() for _ in range(3)]
    with listening() as lines:
        # The program may have been stopped before it wrote down that it was through.
        heard = next(lines)
        assert [next(lines) if heard == first else heard, next(lines), next(lines)] == missed


def test_the_copy_of_the_tenants_stays_what_the_api_has(address: str, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/keep-a-copy-of-rentals.md").read_text(encoding="utf-8")
    program = next(text for language, text in _FENCE.findall(page) if language == "python")
    (tmp_path / "copy_tenants.py").write_text(program, encoding="utf-8")
    body = b'{"UserName": "integrateur", "Password": "demo-integrateur-2026"}'
    key = {"x-api-key": "gk_demo-integrateur-2026", "Accept": "text/plain"}
    token = asked(address, "Token", "POST", body, key).decode()
    bearer = {"Authorization": f"Bearer {token}"}

    def copied() -> int:
        """Bring the copy up to date, compare it with the API; how many entities that took."""
        told = subprocess.run(
            [sys.executable, "copy_tenants.py", address, token],
            cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE,
        ).stdout  # fmt: skip
        names = "LastName,FirstName,UnitId,CurrentRent,Balance,Id"
        read = json.loads(asked(address, f"Tenants?$select={names}", "GET", None, bearer))
        with closing(sqlite3.connect(tmp_path / "tenants.db")) as copy:
            rows = copy.execute("SELECT id, content FROM tenant ORDER BY id").fetchall()
        assert [(each["Id"], without_annotations(each)) for each in read["value"]] == [
            (number, json.loads(content)) for number, content in rows
        ]
        return int(told.split()[0])

    everything = copied()
    assert everything > 1000
    assert copied() == 0
    tenant = (
        b'{"CompanyNo": 3, "DivisionNo": 1, "TenantType": "P", "LastName": "Copie",'
        b' "LeaseStartDate": "2027-01-01", "LeaseEndDate": "2027-12-31", "Rent": 0}'
    )
    new = json.loads(asked(address, "Tenants", "POST", tenant, bearer))["Id"]
    asked(address, "Tenants(2)", "PATCH", b'{"FirstName": "Anne-Marie"}', bearer)
    assert copied() == 2
    asked(address, f"Tenants({new})", "DELETE", None, bearer)
    assert copied() == 1


def test_the_receiver_of_rentals_prints_what_changes(address: str, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/receive-our-webhooks.md").read_text(encoding="utf-8")
    (program,) = (text for language, text in _FENCE.findall(page) if language == "python")
    (tmp_path / "receive_rentals.py").write_text(program, encoding="utf-8")
    body = b'{"UserName": "integrateur", "Password": "demo-integrateur-2026"}'
    key = {"x-api-key": "gk_demo-integrateur-2026", "Accept": "text/plain"}
    bearer = {"Authorization": f"Bearer {asked(address, 'Token', 'POST', body, key).decode()}"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    wanted = {"ResponseUrl": f"http://127.0.0.1:{port}/", "Entities": ["Supplier"]}
    made = asked(address, "subscribe", "POST", json.dumps(wanted).encode(), bearer)
    with subprocess.Popen(
        [sys.executable, "receive_rentals.py"],
        cwd=tmp_path,
        env=os.environ | {"SECRET": json.loads(made)["Secret"], "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    ) as receiver:
        patience = Timer(PATIENCE, receiver.kill)
        patience.start()
        ping = f"Webhooks/{json.loads(made)['Uid']}/Ping"
        until(lambda: json.loads(asked(address, ping, "POST", b"", bearer))["Delivered"])
        asked(address, "Suppliers(3)", "PATCH", b'{"ContactName": "Odile"}', bearer)
        assert receiver.stdout
        lines = [receiver.stdout.readline().strip() for _ in range(2)]
        receiver.kill()
        patience.cancel()
    assert lines == ["PING Ping 0", "UPDATE Supplier 3"]
    asked(address, "unsubscribe", "POST", b'["suppliers"]', bearer)


@pytest.mark.parametrize(("language", "runs_it"), [("python", sys.executable), ("php", "php")])
def test_the_sample_of_a_partner_makes_a_lead(
    address: str, language: str, runs_it: str, tmp_path: Path
) -> None:
    if shutil.which(runs_it) is None:
        pytest.skip(f"there is no {runs_it} here")
    page = (ROOT / "docs/how-to/integrate-as-a-partner.md").read_text(encoding="utf-8")
    (program,) = (
        text for kind, text in _FENCE.findall(page) if kind == language and "api.example" in text
    )
    program = program.replace("https://api.example", address)
    (tmp_path / "sample").write_text(program.replace("54d8b0fad5922248bf2f", language), "utf-8")
    subprocess.run([runs_it, "sample"], cwd=tmp_path, check=True, timeout=PATIENCE)
    call = urllib.request.Request(
        f"{address}/v1/customers/{language}",
        headers={"Authorization": 'Token token="d4e9b0993d1e437605"'},
    )
    with urllib.request.urlopen(call, timeout=PATIENCE) as answer:
        assert json.load(answer)["customer"]["status"] == "lead"


def without_annotations(entity: dict[str, object]) -> dict[str, object]:
    """The properties of an entity, without control information such as `@odata.etag`."""
    return {name: value for name, value in entity.items() if "@" not in name}


def asked(
    address: str, path: str, method: str, body: bytes | None, headers: dict[str, str]
) -> bytes:
    """What the rental API answers."""
    request = urllib.request.Request(
        f"{address}/api/{path}",
        body,
        {"Content-Type": "application/json", **headers},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as refused:
        raise AssertionError(f"{method} {path}: {refused.code} {refused.read()!r}") from refused


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [link for link in _LINK.findall(text) if "://" not in link]
    assert [link for link in targets if not leads(page, link)] == []


def leads(page: Path, link: str) -> bool:
    """Whether what a page links to is there, with the heading that is meant."""
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    if not heading:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    linked = {ROOT / link for link in _LINK.findall((ROOT / "README.md").read_text("utf-8"))}
    assert set(ROOT.glob("docs/*/*.md")) <= linked


def test_every_entity_is_reached_from_the_index() -> None:
    index = ROOT / "docs/reference/entities.md"
    linked = {index.parent / link for link in _LINK.findall(index.read_text(encoding="utf-8"))}
    assert set(ROOT.glob("docs/reference/rentals/*.md")) <= linked


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    assert done.returncode == 0, done.stderr
