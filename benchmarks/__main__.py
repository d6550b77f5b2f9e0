"""Every benchmark, and the table of the README that they make.

.venv/bin/python -m benchmarks [--write]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- performance:start -->", "<!-- performance:end -->"


_LIMITS = """\
A ticket's command does more than its peer's, whose figure is for appending alone; what limits it is
one core of Python, two fifths of which go into the ticket's rules and documents. `--workers` adds
cores."""


def run(module: str, *options: str) -> dict[str, Any]:
    """The figures of one benchmark."""
    command = [sys.executable, "-m", module, "--json", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--home", default=".gerance/benchmarks", help="where the data are kept")
    options = parser.parse_args()
    made = table(run("benchmarks.commands"), run("benchmarks.reads", "--home", options.home))
    machine = f"Measured on {platform.machine()} with {_cores()} cores, Python"
    text = f"{machine} {platform.python_version()}, the embedded PostgreSQL.\n\n{made}\n\n{_LIMITS}"
    print(text)
    if options.write:
        head, _, rest = README.read_text().partition(START)
        _, _, tail = rest.partition(END)
        README.write_text(f"{head}{START}\n{text}\n{END}{tail}")


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
