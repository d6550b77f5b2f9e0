"""The files that one request, or one delivery, passes through: what a reader has to open.

A reader follows a path straight down through at most 15 of our files. Here a path is run and its
files are counted, so the promise is a number and not an opinion.

A file counts when one of its functions runs between the entrance of the route's handler (or of the
engine's turn) and the complete answer, on the thread of the event loop or on a thread that starts
in between. Nothing of Python, its libraries or the tests counts. Two kinds of our own code do
not count either:

- The files of SHARED: what every request passes before its handler (the request middleware, the
  route table, authentication, rate limits) and what every module uses without a reader of one path
  having to open it (the connection pool, encoders, logging, metrics, errors). They are the same for
  all paths, a reader learns them once, and a path cannot be made to look shorter by moving its own
  code there: the list is short and each line of it is one file or package with one job.
- Lambdas of a module or a class, and methods and properties of modules that declare data
  (DECLARATIONS). Such a lambda is one expression in a declaration (`entity.py`, an AGGREGATE); the
  function that it calls counts. A property of an event reads its fields. A plain function in such
  a module counts: there the path has left the data.

Without these two exclusions the counts are: AssignProvider 31 files, POST Tenants 36, the query 36,
a delivery 21 (November 2026; about 15 of them run for every request). So 15 is the number of files
about the path itself, not of all files that run. docs/explanation/architecture.md says the same.

A function whose result an earlier call cached does not run: trace the first request of its kind.
"""

import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from starlette.testclient import TestClient

import gerance

T = TypeVar("T")

SOURCE = Path(gerance.__file__).parent
MOST_FILES = 15

SHARED = (
    "app.py",  # composes the application
    "http_errors.py",  # renders errors that no handler caught
    "kernel/http/middleware.py",  # around every request
    "kernel/http/security_headers.py",
    "kernel/http/compression.py",
    "kernel/http/paths.py",
    "kernel/http/endpoint.py",  # the route table
    "kernel/http/body.py",  # reads and decodes the body of every request that has one
    "kernel/odata/route.py",
    "kernel/odata/parse/paths.py",  # the path of every OData request, which is its route
    "kernel/odata/access.py",  # the rights of a principal
    "kernel/odata/signing.py",  # signatures of tokens
    "kernel/odata/versions.py",  # read with each authentication
    "odata_service.py",  # authenticates an integrator
    "rentals/access/",  # keys, tokens and rights of integrators
    "kernel/http/origin.py",
    "kernel/identity/",  # authentication
    "kernel/keyring.py",  # the key of encrypted secrets, read once
    "kernel/text.py",  # the spelling of every text of a request
    "kernel/accept.py",  # parses Accept headers
    "kernel/limits/",  # rate limits and quotas
    "kernel/errors",  # the catalogue of errors
    "kernel/db.py",  # the connection pool
    "kernel/plans.py",
    "kernel/textarray.py",
    "kernel/sql_files.py",  # loads .sql files
    "kernel/locks.py",
    "kernel/keyring.py",  # encrypts and decrypts stored secrets
    "kernel/transactions.py",  # retries of transient failures
    "kernel/wire.py",  # JSON encoding
    "kernel/clock.py",
    "kernel/escape.py",
    "kernel/fold.py",  # the key under which texts compare
    "kernel/logging.py",
    "kernel/metrics.py",
)
"""Files and packages that are not part of any one path."""

ENTRANCES = ("_serve.<locals>.serve", "ODataRoute.handle")
"""Functions with which a route's handler begins; before them the router looks for the route."""

DECLARATIONS = (
    "commands.py",
    "edm.py",
    "entity.py",
    "events.py",
    "state.py",
    "syntax.py",
    "values.py",
)


@contextmanager
def tracing(files: set[str], entrances: Sequence[str] = ()) -> Iterator[None]:
    """Add to `files`, within the block, the files whose functions run on this thread and on those
    that start in between; where `entrances` are named, from the first call of one of them."""
    entered = not entrances

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal entered
        if event != "call" or (name := _source_file(frame)) is None:
            return
        entered = entered or frame.f_code.co_qualname in entrances
        if entered and _counts(name, frame):
            files.add(name)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def files_of_request(http: TestClient, send: Callable[[], T]) -> tuple[list[str], T]:
    """The files of a request to the application of `http`, and what `send` gives.

    `http` is open and its background jobs are off (`tests.living.running`); `send` returns when the
    answer is complete.
    """
    files: set[str] = set()
    assert http.portal is not None
    trace = tracing(files, ENTRANCES)
    # The portal's thread runs the event loop, on which handlers and the writer's lanes run.
    http.portal.call(trace.__enter__)
    try:
        result = send()
    finally:
        http.portal.call(trace.__exit__, None, None, None)
    return sorted(files), result


async def files_of_call(call: Callable[[], Awaitable[T]]) -> tuple[list[str], T]:
    """The files of a coroutine on the running event loop, and what it returns."""
    files: set[str] = set()
    with tracing(files):
        result = await call()
    return sorted(files), result


def _source_file(frame: FrameType) -> str | None:
    """The file of a frame, relative to our package; None when it is not one of ours."""
    try:
        return Path(frame.f_code.co_filename).relative_to(SOURCE).as_posix()
    except ValueError:
        return None


def _counts(name: str, frame: FrameType) -> bool:
    code = frame.f_code
    if name.startswith(SHARED) or code.co_name == "<module>":
        return False
    if code.co_name == "<lambda>" and "<locals>" not in code.co_qualname:
        return False
    plain = "." not in code.co_qualname and not code.co_name.startswith("<")
    return plain or name.rpartition("/")[2] not in DECLARATIONS
