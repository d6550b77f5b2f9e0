"""Rounds: every target in turn, so that what disturbs one disturbs all; ratios within a round."""

import asyncio
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.rentals.questions import Question
from benchmarks.rentals.targets import Target

CONCURRENT = 16
LONG = 5
"""How often an answer that takes long is asked for in a round, one after the other."""
ALONE = frozenset({"orm"})
"""Those asked for long answers by one client only: 16 would take minutes and gigabytes."""


@dataclass(frozen=True)
class Pace:
    """How long each measurement takes, and how often all are made."""

    rounds: int = 3
    alone: float = 0.4
    together: float = 1.0


@dataclass
class Figures:
    """By question and target, one figure for each round: seconds, and requests a second."""

    p50: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    rate: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))


async def measure(targets: Sequence[Target], questions: Sequence[Question], pace: Pace) -> Figures:
    """The figures of all the rounds."""
    figures = Figures()
    for nth in range(pace.rounds):
        for question in questions:
            for target in targets:
                if (message := target.message(question)) is not None:
                    taken = await _alone(target, message, question, pace.alone)
                    figures.p50[question.name, target.name].append(taken)
            for target in targets:
                message = target.message(question)
                if message is None or (question.long and (nth or target.name in ALONE)):
                    continue
                rate = await _together(target, message, question, pace.together)
                figures.rate[question.name, target.name].append(rate)
        print(f"round {nth + 1} of {pace.rounds}", file=sys.stderr)
    return figures


async def _alone(target: Target, message: bytes, question: Question, seconds: float) -> float:
    """The median time of requests one after the other, after two to warm up."""
    opened = await target.open()
    for _ in range(1 if question.long else 2):
        await opened.ask(message)
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    while (len(times) < LONG) if question.long else (time.perf_counter() < deadline):
        started = time.perf_counter()
        await opened.ask(message)
        times.append(time.perf_counter() - started)
    await target.close(opened)
    return statistics.median(times)


async def _together(target: Target, message: bytes, question: Question, seconds: float) -> float:
    """Requests a second on 16 connections; those under way at the end are waited for."""
    opened = [await target.open() for _ in range(CONCURRENT)]
    done = 0

    async def client(nth: int, deadline: float) -> None:
        nonlocal done
        while True:
            await opened[nth].ask(message)
            done += 1
            if time.perf_counter() >= deadline:
                return

    if not question.long:
        await asyncio.gather(*(client(nth, 0) for nth in range(CONCURRENT)))
    done, started = 0, time.perf_counter()
    deadline = started if question.long else started + seconds
    await asyncio.gather(*(client(nth, deadline) for nth in range(CONCURRENT)))
    rate = done / (time.perf_counter() - started)
    for each in opened:
        await target.close(each)
    return rate


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))
