"""Every benchmark, and the tables of docs/explanation/performance.md that they make.

.venv/bin/python -m benchmarks [tickets] [rentals] [deliveries] [--write]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.deliveries.results import table as deliveries_table
from benchmarks.rentals.results import tables, writes_table

PAGE = Path(__file__).parent.parent / "docs/explanation/performance.md"

_LIMITS = """\
A ticket's command does more than its peer's, whose figure is for appending alone; what limits it is
one core of Python, two fifths of which go into the ticket's rules and documents. `--workers` adds
cores."""


def run(module: str, *options: str) -> dict[str, Any]:
    """The figures of one benchmark."""
    command = [sys.executable, "-m", module, "--json", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def table(commands: dict[str, Any], reads: dict[str, Any]) -> str:
    """The figures as a table in Markdown."""
    small, large, ratio = reads["small"], reads["large"], reads["large_to_small"]
    rows = [
        ("", "measured", "goal"),
        ("---", "---", "---"),
        (
            "The write path by itself, 16 concurrent, durable, beside the library `eventsourcing`",
            _beside(commands, "write_path"),
            "8 x",
        ),
        (
            "A ticket's command (rights, rules, four read tables), beside the same",
            _beside(commands, "ticket"),
            "8 x (missed)" if commands["ticket_ratio"] < 8 else "8 x",
        ),
        (
            "Its p50 and p99",
            f"{commands['ticket_p50_ms']} ms, {commands['ticket_p99_ms']} ms",
            "p99 50 ms",
        ),
        (
            "The same over HTTP, its client on the same machine",
            f"{_beside(commands, 'http')}, p99 {commands['http_p99_ms']} ms",
            "p99 50 ms",
        ),
        (
            f"List of 100: {small['tickets']:,} and {large['tickets']:,} tickets",
            f"{small['list_ms']} ms, {large['list_ms']} ms: **{ratio['list']} x**",
            "2 x",
        ),
        (
            "The same, `status=OPENED`",
            f"{small['open_list_ms']} ms, {large['open_list_ms']} ms: {ratio['open_list']} x",
            "",
        ),
        (
            "Detail of a ticket",
            f"{small['detail_ms']} ms, {large['detail_ms']} ms: **{ratio['detail']} x**",
            "2 x",
        ),
        (
            f"Export of 20,000 ({large['export_mb']} MB) beside psql copying the same documents",
            f"{large['export_ms']} ms to {large['psql_ms']} ms: **{large['export_to_psql']} x**",
            "1.5 x",
        ),
        ("Its first byte", f"{large['first_byte_ms']} ms", "200 ms"),
        ("Growth of the server's memory over it", f"{large['memory_growth_mb']} MB", "flat"),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _beside(commands: dict[str, Any], name: str) -> str:
    ours, theirs = commands[f"{name}_per_second"], commands["eventsourcing_per_second"]
    return f"{ours:,} to {theirs:,} a second: **{commands[f'{name}_ratio']} x**"


def tickets(home: str) -> str:
    """Commands and reads of tickets, in Markdown."""
    made = table(run("benchmarks.commands"), run("benchmarks.reads", "--home", home))
    return f"{made}\n\n{_LIMITS}"


def rentals(home: str) -> str:
    """Reads and changes of rentals, in Markdown."""
    reads = tables(run("benchmarks.rentals", "--home", home))
    return f"{reads}\n\n{writes_table(run('benchmarks.rentals.writes', '--home', home))}"


def deliveries(home: str) -> str:
    """Calls to endpoints, in Markdown."""
    return deliveries_table(run("benchmarks.deliveries"))


PARTS = {"tickets": tickets, "rentals": rentals, "deliveries": deliveries}
"""Each has a place of its own in the page, between two marks."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{' or '.join(PARTS)}, or all")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    parser.add_argument("--home", default=".gerance/benchmarks", help="where the data are kept")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    machine = f"Measured on {platform.machine()} with {_cores()} cores, Python"
    before = f"{machine} {platform.python_version()}, the embedded PostgreSQL."
    for name in options.parts or PARTS:
        text = f"{before}\n\n{PARTS[name](options.home)}"
        print(text)
        if options.write:
            PAGE.write_text(with_part(PAGE.read_text(), name, text))


def with_part(page: str, name: str, text: str) -> str:
    """The page with a part's text between its marks, which exist."""
    start, end = f"<!-- performance:{name}:start -->", f"<!-- performance:{name}:end -->"
    head, found, rest = page.partition(start)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{PAGE.name} has no place for {name}: {start} ... {end}")
    return f"{head}{start}\n{text}\n{end}{tail}"


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
