"""The receiver that the documentation shows takes our calls, once each, and nobody else's."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from tests.docs.test_docs import ROOT
from tests.waiting import PATIENCE, until

from gerance.kernel.webhooks.endpoints import new_secret
from gerance.kernel.webhooks.request import sign

PAGE = ROOT / "docs/how-to/receive-incident-events.md"
EVENT = b'{"eventType":"TicketOpened","aggregateUid":"t1","sentDate":"2026-01-15T10:00:00.000Z"}'
SECRET = new_secret()


class Program:
    """The program of the page, and calls to it."""

    def __init__(self, process: Popen[str], port: int) -> None:
        self._process, self._url = process, f"http://127.0.0.1:{port}/"

    def call(self, message_id: str, *, secrets: tuple[str, ...] = (SECRET,), age: int = 0) -> int:
        """The status that it answers to a call which was signed `age` seconds ago."""
        moment = int(time.time()) - age
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(moment),
            "webhook-signature": sign(secrets, message_id, moment, EVENT),
        }
        return self.send(headers)

    def send(self, headers: dict[str, str]) -> int:
        request = urllib.request.Request(self._url, EVENT, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def printed(self) -> list[str]:
        """What it printed until now; it ends."""
        self._process.terminate()
        return self._process.communicate(timeout=PATIENCE)[0].splitlines()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    (text,) = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "receive.py").write_text(text, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "SECRET": SECRET, "PORT": str(port)}
    with Popen(
        [sys.executable, "receive.py"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            until(lambda: listens(port))
            yield Program(process, port)
        finally:
            process.kill()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def test_our_calls_are_taken_and_each_event_counts_once(program: Program) -> None:
    other = new_secret()
    assert [program.call("evt_1"), program.call("evt_1"), program.call("evt_2")] == [204] * 3
    assert program.call("evt_3", secrets=(other, SECRET)) == 204
    line = "2026-01-15T10:00:00.000Z TicketOpened t1"
    assert program.printed() == [line] * 3


def test_calls_of_others_and_old_ones_are_refused(program: Program) -> None:
    assert program.call("evt_1", secrets=(new_secret(),)) == 401
    assert program.call("evt_1", age=3600) == 401
    assert program.call("evt_1", age=-3600) == 401
    assert program.send({}) == 401
    assert program.printed() == []
