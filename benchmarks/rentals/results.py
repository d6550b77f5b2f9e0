"""The figures of a run: medians, ratios, and the table of the performance page that they make."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.rentals.questions import Question
from benchmarks.rentals.rounds import CONCURRENT, Figures, ratio

OURS, WARM, UNCHANGED = "gerance", "kept", "unchanged"
BASE, PEER = "base", "postgraphile"
NAMES = {"psql": "psql", "postgraphile": "PostGraphile", "orm": "ORM, Pydantic"}


def results(figures: Figures, questions: Sequence[Question], sizes: dict[str, int]) -> Any:
    """By question: milliseconds and requests a second of each target, and what each is to ours.

    `slower_by`: the target's time in ours; `fewer_by`: our requests a second in the target's.
    """
    found = {}
    for question in questions:
        name = question.name
        p50 = {who: taken for (asked, who), taken in figures.p50.items() if asked == name}
        rate = {who: rates for (asked, who), rates in figures.rate.items() if asked == name}
        found[name] = {
            "label": question.label,
            "bytes": sizes[name],
            "ms": {who: _short(statistics.median(each) * 1000) for who, each in p50.items()},
            "a_second": {who: _short(statistics.median(each)) for who, each in rate.items()},
            "slower_by": {who: _ratio(each, p50[OURS]) for who, each in p50.items() if who != OURS},
            "fewer_by": {
                who: _ratio(rate[OURS], each) for who, each in rate.items() if who != OURS
            },
        }
    return found


def tables(run: dict[str, Any]) -> str:
    """The figures in Markdown."""
    found = run["questions"].items()
    flow, missing = run["flow"], run["missing"]
    peers = [who for who in NAMES if who not in missing]
    heads = [NAMES[who] for who in peers]
    alone = [
        (
            "no cache, one client, p50 in ms",
            "Gérance",
            *heads,
            "to psql (goal: 1.3 on a, c, e)",
            "PostGraphile to it (goal: 2, on d 1)",
        ),
        *(
            (
                f"{name}: {each['label']} ({_size(each['bytes'])})",
                _number(each["ms"], OURS),
                *(_number(each["ms"], who) for who in peers),
                _inverse(each["slower_by"], "psql"),
                _times(each["slower_by"], "postgraphile"),
            )
            for name, each in found
        ),
    ]
    together = [
        (
            f"{CONCURRENT} clients, answers a second",
            "Gérance",
            *heads,
            "to psql",
            "to PostGraphile",
        ),
        *(
            (
                f"{name}: {each['label']}",
                _number(each["a_second"], OURS),
                *(_number(each["a_second"], who) for who in peers),
                _times(each["fewer_by"], "psql"),
                _times(each["fewer_by"], "postgraphile"),
            )
            for name, each in found
        ),
    ]
    kept = [
        (
            "cached answers",
            "p50 in ms",
            "times as fast (goal: 20 on a, c, e)",
            f"{CONCURRENT} clients",
            "times as many",
            "304 in ms",
        ),
        *(
            (
                f"{name}: {each['label']}",
                _number(each["ms"], WARM),
                _inverse(each["slower_by"], WARM),
                f"{_number(each['a_second'], WARM)} a second",
                _inverse(each["fewer_by"], WARM),
                _number(each["ms"], UNCHANGED),
            )
            for name, each in found
        ),
    ]
    said = (
        f"All buildings with their units ({flow['mb']} MB) begin after {flow['first_byte_ms']} ms"
        f" (goal: 100); the server's memory grows by {flow['most_growth_mb']} MB meanwhile."
    )
    without = [f"Not measured: {NAMES[who]} ({why})." for who, why in missing.items()]
    return "\n\n".join([_table(alone), _table(together), _table(kept), "\n".join([said, *without])])


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + " --- |" * lines[0].count(" | ") + " --- |")
    return "\n".join(lines)


def _ratio(over: Sequence[float], under: Sequence[float]) -> float:
    return float(f"{ratio(over, under):.4g}")


def _short(value: float) -> float:
    """Three digits that count."""
    return round(value, 2) if value < 10 else round(value, 1) if value < 100 else round(value)


def _number(values: dict[str, float], who: str) -> str:
    return f"{values[who]:,}" if who in values else ""


def _times(values: dict[str, float], who: str) -> str:
    return f"**{_short(values[who])} x**" if who in values else ""


def _inverse(values: dict[str, float], who: str) -> str:
    return f"**{_short(1 / values[who])} x**" if who in values else ""


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def writes_table(run: dict[str, Any]) -> str:
    """The figures of changes in Markdown."""
    figures = run["writes"]
    peers = [name for name in (BASE, PEER) if name in next(iter(figures.values()))["ratio"]]
    labels = {BASE: "earlier release", PEER: "PostGraphile"}
    rows = [
        ("PATCH, 16 clients, changes a second", "Gérance (p50)", *(labels[p] for p in peers)),
        ("---",) * (2 + len(peers)),
    ]
    for name, each in figures.items():
        label = f"{name}{'' if each['derived'] else ', nothing derived'}"
        ours = f"{each['a_second'][OURS]:,} ({each['p50_ms'][OURS]} ms)"
        others = (f"{each['a_second'][p]:,}: **{each['ratio'][p]} x**" for p in peers)
        rows.append((label, ours, *others))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
