"""Functions, methods, properties and classes that nothing of the product uses: vulture finds them.

`python -m tests.quality.unused` lists them. Use by tests does not count. What a library calls by
its name, or a test alone needs, is in `ALLOWED` with the reason.
"""

import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parents[2]
PLACES = ("src/gerance", "benchmarks", "docs")
KINDS = ("function", "method", "property", "class")
ALLOWED: Mapping[str, Mapping[str, str]] = {
    "benchmarks/client.py": {
        "get_buffer": "asyncio calls it",
        "buffer_updated": "asyncio calls it",
    },
    "src/gerance/cli/command_group.py": {"*": "typer and click call them"},
    "src/gerance/cli/server/connection.py": {"on_*": "httptools calls them"},
    "src/gerance/cli/server/process.py": {"application": "uvicorn imports it by name"},
    "src/gerance/kernel/http/admin.py": {"do_GET": "http.server", "log_message": "http.server"},
    "src/gerance/kernel/odata/route.py": {"url_path_for": "starlette calls it"},
    "src/gerance/kernel/textarray.py": {"dump": "psycopg calls it"},
    "src/gerance/kernel/webhooks/owner_routes.py": {"__call__": "of a Protocol"},
    "src/gerance/partners/billing_exchange/sftp_files.py": {"*": "asyncssh calls them"},
    "src/gerance/partners/billing_exchange/sftp_server.py": {"*": "asyncssh calls them"},
    "src/gerance/partners/calls/parts.py": {"on_*": "python-multipart calls them"},
    "src/gerance/partners/mail/smtp_server.py": {"handle_*": "aiosmtpd calls them"},
    "src/gerance/rentals/writing/events.py": {
        "append_unlogged": "tests log the rows that they insert",
        "stream_uid": "tests find streams with it",
    },
}
"""By file: patterns of names, and why they are used all the same."""


def unused() -> Iterator[str]:
    """A sentence for each of them."""
    finder = Vulture(ignore_decorators=["@*.command", "@*.callback", "@app.*"])
    finder.scavenge([str(ROOT / place) for place in PLACES])
    for item in finder.get_unused_code():
        path = str(Path(item.filename).relative_to(ROOT))
        allowed = ALLOWED.get(path, {})
        if item.typ in KINDS and not any(fnmatch(item.name, each) for each in allowed):
            yield f"{path}:{item.first_lineno}: nothing uses the {item.typ} {item.name}. Delete it."


if __name__ == "__main__":
    sentences = list(unused())
    sys.stdout.write("".join(f"{each}\n" for each in sentences))
    sys.exit(bool(sentences))
