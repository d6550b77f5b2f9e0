"""Reading 2,000 buildings, 40,000 units and 40,000 tenants, side by side in one run.

The reference's questions (reference/002), asked of `gerance serve` (one process), of psql with the
very statement that the server sends, of PostGraphile (one process), and of an application with
SQLAlchemy and Pydantic (one process): the same PostgreSQL, the same rows, the same client. First
all answers are checked: as many entities, the same members, and psql's bytes those of the server.

- nothing kept: requests say `Cache-Control: no-cache`, so that every answer is read anew;
- kept: the answers that the server keeps until something changes;
- unchanged: the request has the answer's ETag, and is answered 304.

The data are loaded on the first run into `--home` and kept there.

    .venv/bin/python -m benchmarks.rentals [--home DIR] [--rounds 3] [--seconds 1] [--json]
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.peers import running
from benchmarks.peers.installing import Missing
from benchmarks.rentals import targets
from benchmarks.rentals.estate import Served, credentials, estate, loaded, served, token
from benchmarks.rentals.questions import QUESTIONS, Question
from benchmarks.rentals.results import OURS, UNCHANGED, WARM, results, tables
from benchmarks.rentals.rounds import Pace, measure
from benchmarks.rentals.streaming import flow

PEERS = {
    "postgraphile": (running.postgraphile, targets.postgraphile),
    "orm": (running.orm, targets.orm),
}


@contextmanager
def peers(url: str) -> Iterator[tuple[list[targets.Http], dict[str, str]]]:
    """Those that can be measured here, and why others cannot."""
    running.prepare(url)
    found: list[targets.Http] = []
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        for name, (run, target) in PEERS.items():
            try:
                found.append(target(stack.enter_context(run(url))))
            except Missing as why:
                missing[name] = str(why)
                print(f"without {name}: {why}", file=sys.stderr)
        yield found, missing


async def checked(
    url: str, cold: targets.Http, others: list[targets.Http], question: Question
) -> int:
    """Bytes of our answer, after all have been held against it."""
    members = await targets.check(cold, question)
    for each in others:
        if each.message(question) is not None and await targets.check(each, question) != members:
            raise SystemExit(f"{each.name}, {question.name}: not the members {members}")
    return await targets.check_psql(url, cold, question)


async def asked(
    url: str, server: Served, others: list[targets.Http], pace: Pace, access: tuple[str, str]
) -> dict[str, Any]:
    """All figures of one run."""
    bearer = await token(server.port, *access)
    cold = targets.ours(OURS, server.port, bearer, Cache_Control="no-cache")
    warm = targets.ours(WARM, server.port, bearer)
    longest = next(each for each in QUESTIONS if each.long)
    flowing = await flow(cold, longest, server.pid)
    sizes, tags = {}, {}
    for question in QUESTIONS:
        sizes[question.name] = await checked(url, cold, others, question)
        head = (await targets.answer(warm, question)).head
        tags[question.name] = head.partition(b"\r\netag: ")[2].partition(b"\r\n")[0].decode()
    unchanged = targets.unchanged(UNCHANGED, server.port, bearer, tags)
    everyone: list[targets.Target] = [cold, targets.InPsql(url), *others, warm, unchanged]
    figures = await measure(everyone, QUESTIONS, pace)
    return {"questions": results(figures, QUESTIONS, sizes), "flow": flowing}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".gerance", "benchmarks"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of 16 clients, each time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pace = Pace(options.rounds, options.seconds * 0.4, options.seconds)
    with estate(options.home.resolve() / "rentals") as url:
        uvloop.run(loaded(url))
        access = uvloop.run(credentials(url))
        with peers(url) as (others, missing), served(url) as server:
            run = uvloop.run(asked(url, server, others, pace, access))
    run["missing"] = missing
    print(json.dumps(run) if options.json else tables(run))


if __name__ == "__main__":
    main()
