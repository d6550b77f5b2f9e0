"""Counts the statements that a program sends to PostgreSQL, as libpq traces its messages."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gerance.kernel.db import Pool

_SENT = ("\tQuery\t", "\tExecute\t")
"""Messages that make the server execute a statement: simple ones, and prepared ones."""


@contextmanager
def statements_of(pool: Pool) -> Iterator[list[str]]:
    """The statements that the connections of the pool send within the block, BEGIN and COMMIT
    included: one message each. Nothing else may use the pool meanwhile."""
    messages: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        traces = []
        for nth, line in enumerate(tuple(pool.lines)):
            if not line.closed:
                trace = Path(directory, str(nth)).open("w+")  # noqa: SIM115
                traces.append((line, trace))
                line.pgconn.trace(trace.fileno())
        try:
            yield messages
        finally:
            for line, trace in traces:
                line.pgconn.untrace()
                trace.seek(0)
                messages += [each for each in trace if "\tF\t" in each and
                             any(kind in each for kind in _SENT)]  # fmt: skip
                trace.close()
