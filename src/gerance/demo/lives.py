"""The tickets of the demonstration: any number of lives over the 14 months before a moment.

Pure and reproducible: life `k` depends on the world, the seed, `k`, `count` and `now` alone, so
several processes may each generate a range of the same tickets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from gerance.demo.lives_calendar import Calls
from gerance.demo.lives_cast import cast_of
from gerance.demo.lives_journal import Journal
from gerance.demo.lives_plots import live
from gerance.demo.world import World
from gerance.demo.world_records import Wire


@dataclass(frozen=True, slots=True)
class Life:
    """One ticket. `commands`: when the server received each (aware, UTC), and the wire's command.

    The first is its OpenTicket, whose `aggregateUid` is `uid`. `actor` is the login of a user
    within whose reach the ticket is: the session of commands that name no operator. Commands of
    one world share their nested dicts: read them, do not change them.
    """

    uid: str
    actor: str
    commands: list[tuple[datetime, Wire]]


def ticket_lives(
    world: World,
    *,
    count: int,
    now: datetime,
    seed: int = 2026,
    first: int = 0,
    stop: int | None = None,
) -> Iterator[Life]:
    """Lives `first` up to `stop` (excluded; `count` by default) of the `count` lives before `now`.

    Opening dates never decrease; nothing is received after `now` (an aware moment). What a life
    would still have become after `now` is left out, so the recent ones are more often open.
    """
    present = int(now.timestamp())
    calls = Calls(present)
    cast = cast_of(world)
    key = ((seed << 40 | present) << 40 | count) << 40
    rng = Random()
    for number in range(first, count if stop is None else stop):
        rng.seed(key | number)
        opening = calls.opening((number + rng.random()) / count)
        journal = Journal(rng, cast, number, opening, present)
        live(journal)
        commands = journal.commands
        while commands[-1][0] > now:
            commands.pop()
        yield Life(journal.uid, journal.site.desk.actor, commands)
