"""The receivers in PHP check signatures as they say; where there is no PHP they are not run."""

import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import clean_environment
from tests.docs.test_docs import ROOT
from tests.docs.test_receiving_program import listens
from tests.waiting import PATIENCE, until

from gerance.kernel.webhooks.endpoints import new_secret
from gerance.kernel.webhooks.request import sign

PARTNERS = "docs/how-to/integrate-as-a-partner.md"
RENTALS = "docs/how-to/receive-our-webhooks.md"
SECRET = new_secret()
BODY = b"event_type=1&client_id=54d8b0fad5922248bf2f"


def program(page: str) -> str:
    """The receiver in PHP of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```php\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if "php://input" in block)
    return str(found)


@pytest.mark.skipif(shutil.which("php") is None, reason="there is no PHP here")
@pytest.mark.parametrize("page", [RENTALS, PARTNERS])
def test_the_receivers_in_php_take_our_calls_and_nobody_elses(page: str, tmp_path: Path) -> None:
    with receiving(program(page), tmp_path) as url:
        assert called(url, (SECRET,)) == 204
        assert called(url, (new_secret(), SECRET)) == 204
        assert called(url, (new_secret(),)) == 401
        assert called(url, (SECRET,), age=3600) == 401
        assert called(url, (SECRET,), body=BODY + b"0") == 401
        assert called(url, ()) == 401


@contextmanager
def receiving(text: str, directory: Path) -> Iterator[str]:
    """The address at which PHP's own server runs a program."""
    (directory / "receive.php").write_text(text, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}", "receive.php"],
        cwd=directory, env=clean_environment(SECRET=SECRET), stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            until(lambda: listens(port))
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def called(url: str, secrets: tuple[str, ...], *, age: int = 0, body: bytes = BODY) -> int:
    """The status that a call is answered with: signed `age` seconds ago, whatever is sent."""
    moment = int(time.time()) - age
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(moment)}
    if secrets:
        headers["webhook-signature"] = sign(secrets, "evt_1", moment, BODY)
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, headers), timeout=PATIENCE
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
