"""The lives of the demo's tickets: reproducible, in order, lawful, complete."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gerance.demo.lives import Life, ticket_lives
from gerance.demo.world import World, build_world

BUSINESS_DATES = (
    "openedDate",
    "date",
    "reportDate",
    "messageAddedDate",
    "logTrialAddedDate",
    "startedDate",
    "finishedDate",
    "closingDate",
)
CLOSINGS = {
    "FixPermanently",
    "FixPartially",
    "CloseTicket",
    "CloseTicketImpossibleRepair",
    "PostponeFix",
    "CloseBeyondCallCenterScope",
    "CloseAfterSeveralUnsuccessfulRecalls",
    "CancelTicket",
    "ArchiveTicket",
}
ASSIGNMENTS = {"AssignProvider", "IdentifyAssignee"}
REFUSALS = {"RefuseMission", "RefuseIntervention"}
OF_2017 = {"AssignProvider", "ScheduleMission", "AcceptMission", "RefuseMission"}
OF_2020 = {
    "IdentifyAssignee",
    "RequestIntervention",
    "ScheduleIntervention",
    "AcceptIntervention",
    "RefuseIntervention",
}
NEED_A_PROVIDER = {
    "ScheduleMission",
    "ScheduleIntervention",
    "DefineInterventionDeadline",
    "ReportSendingServiceOrder",
    "ReportFormalNoticeForProvider",
    "RequestIntervention",
    "AcceptMission",
    "AcceptIntervention",
    "RefuseMission",
    "RefuseIntervention",
    "ArriveOnSite",
    "StartIntervention",
    "FinishIntervention",
    "GoFromSite",
    "ProviderAnswerCall",
    "ProviderNotAnswerCall",
    "FixPermanently",
}


def types_of(life: Life) -> list[str]:
    return [command["commandType"] for _, command in life.commands]


def is_open(life: Life) -> bool:
    state = True
    for name in types_of(life):
        state = name == "ReopenTicket" or (state and name not in CLOSINGS)
    return state


def first_breach(life: Life) -> str | None:
    """The first rule the life breaks, played command by command; None if it is lawful."""
    provider: Any = None
    deadline: datetime | None = None
    closed = False
    report = False
    remarks: set[str] = set()
    for _, command in life.commands:
        name = command["commandType"]
        who = command.get("assignee", command.get("provider"))
        if name in ASSIGNMENTS:
            provider = who
        if name in NEED_A_PROVIDER and provider is None:
            return f"{name} without a provider"
        if name in NEED_A_PROVIDER - CLOSINGS and "assignee" in command and who != provider:
            return f"{name} about another provider"
        if name in REFUSALS:
            provider = None
        if closed and name not in {
            "ReopenTicket",
            "ReceiveCall",
            "CorrectTicketInformations",
            "CorrectTicketEventInformations",
        }:
            return f"{name} of a closed ticket"
        if name == "ReopenTicket" and not closed:
            return "ReopenTicket of an open ticket"
        if name == "DefineInterventionDeadline":
            deadline = datetime.fromisoformat(command["deadline"])
            if deadline <= datetime.fromisoformat(command["date"]):
                return "a deadline in the past"
        if name == "ReportFormalNoticeForProvider":
            new = datetime.fromisoformat(command["deadline"])
            if deadline is None:
                return "a formal notice without a deadline"
            if datetime.fromisoformat(command["reportDate"]) <= deadline or new < deadline:
                return "a formal notice too early, or with an earlier deadline"
            deadline = new
        if name == "CorrectTicketInformations":
            fields = command["fieldsToCorrect"]
            if not fields or not all(text.strip() for text in fields.values()):
                return "a blank correction"
            if "closingReport" in fields and not (closed and report):
                return "a correction of a report nobody gave"
        if name == "CorrectTicketEventInformations" and command["targetedEvent"] not in remarks:
            return "a correction of nothing that was said"
        if name in {"ScheduleMission", "ScheduleIntervention"} and not (
            command["date"] < command["startDate"] < command["endDate"]
        ):
            return "an appointment that is not in the future"
        if "comment" in command or "message" in command:
            remarks.add(command["processUid"])
        if name in CLOSINGS:
            closed, report = True, "report" in command
        elif name == "ReopenTicket":
            closed = False
    return None


def test_the_same_arguments_give_the_same_lives(lives: list[Life], now: datetime) -> None:
    assert list(ticket_lives(build_world(), count=2000, now=now)) == lives


def test_a_range_is_that_part_of_the_whole(world: World, lives: list[Life], now: datetime) -> None:
    part = list(ticket_lives(world, count=2000, now=now, first=700, stop=720))
    assert part == lives[700:720]
    assert list(ticket_lives(world, count=2000, now=now, first=1990)) == lives[1990:]


def test_another_seed_gives_other_lives(world: World, lives: list[Life], now: datetime) -> None:
    other = next(ticket_lives(world, count=2000, now=now, seed=7))
    assert other.uid != lives[0].uid


def test_every_ticket_command_of_the_contract_occurs(lives: list[Life], contract: Any) -> None:
    assert {name for life in lives for name in types_of(life)} == contract.ticket_commands()


def test_every_command_is_as_the_contract_says(lives: list[Life], contract: Any) -> None:
    for life in lives:
        for _, command in life.commands:
            assert contract.problems(command) == []


def test_commands_are_plain_json_without_nulls(lives: list[Life]) -> None:
    text = json.dumps([command for life in lives for _, command in life.commands])
    assert "null" not in text


def test_every_life_keeps_the_rules_of_tickets(lives: list[Life]) -> None:
    assert [(life.uid, breach) for life in lives if (breach := first_breach(life))] == []


def test_a_life_speaks_one_era(lives: list[Life]) -> None:
    for life in lives:
        assert not (OF_2017 & set(types_of(life)) and OF_2020 & set(types_of(life)))


def test_commands_are_received_in_order_just_after_they_happened(lives: list[Life]) -> None:
    for life in lives:
        received = [moment for moment, _ in life.commands]
        assert all(a < b for a, b in pairwise(received))
        for moment, command in life.commands:
            if command["commandType"] == "UpdateTicket":
                continue
            for name in BUSINESS_DATES:
                if name in command:
                    happened = datetime.fromisoformat(command[name])
                    assert timedelta(0) < moment - happened < timedelta(seconds=21)


def test_nothing_happens_after_now_and_the_last_14_months_are_filled(
    lives: list[Life], now: datetime
) -> None:
    assert all(life.commands[-1][0] <= now for life in lives)
    opened = [life.commands[0][0] for life in lives]
    assert opened == sorted(opened)
    assert timedelta(days=420) < now - opened[0] < timedelta(days=430)
    assert now - opened[-1] < timedelta(days=1)


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_lives_are_as_good_as_many(world: World, now: datetime, count: int) -> None:
    few = list(ticket_lives(world, count=count, now=now))
    assert len(few) == count
    assert all(types_of(life)[0] == "OpenTicket" for life in few)


def test_offsets_are_those_of_paris_in_their_season(lives: list[Life]) -> None:
    for life in lives:
        text = life.commands[0][1]["openedDate"]
        written = datetime.fromisoformat(text)
        there = written.astimezone(ZoneInfo("Europe/Paris"))
        assert written.utcoffset() == there.utcoffset()


def test_uids_are_never_used_twice_nor_those_of_the_published_tickets(lives: list[Life]) -> None:
    uids = [life.uid for life in lives]
    uids += [command["processUid"] for life in lives for _, command in life.commands]
    assert len(set(uids)) == len(uids)
    assert "eb0ea007-67af-4bf5-a34a-43dfca55717c" not in uids
    assert "1d178826-76dc-cd04-e174-346ba60eedad" not in uids


def test_lives_have_six_to_eight_commands_on_average(lives: list[Life]) -> None:
    assert 6 <= sum(len(life.commands) for life in lives) / len(lives) <= 8


def test_recent_tickets_are_more_often_open_and_most_are_fixed_for_good(
    lives: list[Life], now: datetime
) -> None:
    def share_open(recent: bool) -> float:
        group = [
            is_open(life)
            for life in lives
            if (now - life.commands[0][0] < timedelta(days=7)) is recent
        ]
        return sum(group) / len(group)

    assert share_open(True) > 0.3
    assert share_open(False) < 0.06
    closings = Counter(name for life in lives for name in types_of(life) if name in CLOSINGS)
    assert closings.most_common(1)[0][0] == "FixPermanently"


def test_calls_follow_the_week_the_day_and_the_seasons(lives: list[Life]) -> None:
    opened = [life.commands[0][0].astimezone(ZoneInfo("Europe/Paris")) for life in lives]
    days = Counter(moment.weekday() for moment in opened)
    assert days.most_common(1)[0][0] == 0
    assert days[6] < days[2]
    hours = Counter(moment.hour for moment in opened)
    assert hours[9] > 5 * hours[3]
    heating = Counter(
        moment.month
        for moment, life in zip(opened, lives, strict=True)
        if life.commands[0][1]["ticket"]["callPurposeLabel"].startswith("Chauffage")
    )
    assert heating[1] > 5 * heating[7]


def test_tickets_name_only_what_the_world_has(world: World, lives: list[Life]) -> None:
    companies = world.companies
    centre_of = {c.uid: c.call_centre_uid for c in companies.companies}
    company_of = {a.uid: a.company_uid for a in companies.agencies}
    company_of |= {p.uid: p.company_uid for p in world.patrimonies}
    contacts = {c.uid: c.company_uid for c in companies.provider_contacts}
    operators = {o.uid: o.call_centre_uid for o in companies.operators}
    actors = {u.login: u.company_uid for u in world.users if u.kind == "callCenterUser"}
    provider_companies = {c.uid for c in companies.provider_companies}
    for life in lives:
        place = life.commands[0][1]["locationRef"]
        company = company_of[place.get("patrimonyUid") or place["agencyUid"]]
        assert actors[life.actor] == centre_of[company]
        for _, command in life.commands:
            operator = command.get("operator", {})
            if operator.get("operatorType") == "ReferencedOperator":
                assert operators[operator["operatorUid"]] == centre_of[company]
            who = command.get("assignee", command.get("provider", {}))
            if who.get("assigneeType") == "ReferencedProviderCompany":
                assert who["providerUid"] in provider_companies
            elif "providerUid" in who:
                assert contacts[who["providerUid"]] == company
