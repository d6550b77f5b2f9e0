"""One ticket's journal while it is written: the clock, who acts, and the commands so far."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

from gerance.demo.corpus_purpose import CallPurpose, Incident
from gerance.demo.lives_calendar import HOURS, received_at, wire, working_time
from gerance.demo.lives_cast import Cast, Site
from gerance.demo.lives_roles import CallerRole, ProviderRole
from gerance.demo.world_records import Wire

T = TypeVar("T")


class Journal:
    """The commands of one ticket, in time order, and what the next one needs to know.

    `moment` (epoch seconds) is when the last thing happened; `on_site` whether the provider is
    there (None: never came); `report` what the last closing reported; `remarks` are the
    processUids of comments and messages a later correction may aim at; `deadline` (epoch
    seconds) the last one given; `mislabelled` that it was opened under another purpose's label.
    """

    __slots__ = (
        "_bits",
        "caller",
        "cast",
        "commands",
        "deadline",
        "incident",
        "mislabelled",
        "moment",
        "now",
        "number",
        "of_2017",
        "on_site",
        "provider",
        "purpose",
        "random",
        "remarks",
        "report",
        "site",
        "uid",
    )

    def __init__(self, rng: Random, cast: Cast, number: int, moment: int, now: int) -> None:
        self.random = rng.random
        self._bits = rng.getrandbits
        self.cast = cast
        self.number = number
        self.moment = moment
        self.now = now
        self.commands: list[tuple[datetime, Wire]] = []
        self.remarks: list[str] = []
        self.report: str | None = None
        self.on_site: bool | None = None
        self.deadline: int | None = None
        self.mislabelled = False
        self.of_2017 = self.random() < 0.2
        self.uid = self.a_uid()
        self.site: Site
        self.caller: CallerRole
        self.purpose: CallPurpose
        self.incident: Incident
        self.provider: ProviderRole

    def a_uid(self) -> str:
        """A version-4 uid from this life's own random bits."""
        digits = f"{self._bits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def wait(self, least: int, most: int) -> None:
        """Let between `least` and `most` seconds go by; callers give at least 40, so that what
        the server receives within 20 seconds never overtakes."""
        self.moment += least + int(self.random() * (most - least))

    def wait_for_work(self, least: int, most: int) -> None:
        """The same, then until the next working time."""
        self.wait(least, most)
        self.moment = working_time(self.moment)

    @property
    def date(self) -> str:
        return wire(self.moment)

    @property
    def year(self) -> int:
        return HOURS[self.moment // 3600].year

    def begin(self) -> Wire:
        """A command with its processUid and, most often, its operator."""
        command: Wire = {"processUid": self.a_uid()}
        operator = self.pick(self.site.desk.operators)
        if operator is not None:
            command["operator"] = operator
        return command

    def begin_named(self) -> Wire:
        """A command of the kind that must name its operator."""
        return {"processUid": self.a_uid(), "operator": self.pick(self.site.desk.named_operators)}

    def begin_with_provider(self, *, by_name: bool = False) -> Wire:
        """A command about the provider: `provider` in the era of 2017, `assignee` later."""
        command = self.begin_named() if by_name else self.begin()
        if self.of_2017:
            command["provider"] = self.provider.provider
        else:
            command["assignee"] = self.provider.assignee
        return command

    def end(self, command: Wire, command_type: str) -> None:
        """Send the command: the server receives it 2 to 19 seconds after it happened."""
        command["commandType"] = command_type
        draw = self._bits(24)
        self.commands.append((received_at(self.moment + 2 + draw % 18, draw // 18 % 1000), command))

    def remark(self, command: Wire, probability: float, comments: Sequence[str]) -> None:
        """Add a comment with that probability; a later correction may aim at it."""
        if self.random() < probability:
            command["comment"] = self.pick(comments)
            self.remarks.append(command["processUid"])
