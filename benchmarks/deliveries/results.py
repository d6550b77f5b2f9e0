"""The table of the performance page that a run makes."""

from typing import Any


def table(run: dict[str, Any]) -> str:
    """The figures in Markdown."""
    beside = f"{run['beside_dead_p50_ms']} ms, {run['beside_dead_p99_ms']} ms"
    written = f"{run['notified_writes_per_second']:,} to {run['writes_per_second']:,} a second"
    rows = [
        ("deliveries", "measured", "goal"),
        ("---", "---", "---"),
        (
            "A backlog for 20 endpoints, one engine, its receiver on the same machine",
            f"**{run['per_second']:,} a second**",
            "1,000 a second",
        ),
        (
            "From the answer to a command to its call, when idle: p50, p99",
            f"**{run['idle_p50_ms']} ms**, {run['idle_p99_ms']} ms",
            "p50 50 ms",
        ),
        (
            "The same at 200 deliveries a second to 50 endpoints",
            f"{run['well_p50_ms']} ms, {run['well_p99_ms']} ms",
            "",
        ),
        (
            "The same for 49 of them when one takes calls and never answers",
            f"{beside}: p99 **{run['dead_ratio']} x**",
            "1.5 x",
        ),
        (
            "Commands while each commit wakes a worker (NOTIFY), beside none that does",
            f"{written}: {run['notified_ratio']} x",
            "",
        ),
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{lines}\n\n{_LIMITS}"


_LIMITS = """\
What limits the first is one core of Python, more than half of which goes into the HTTP client."""
