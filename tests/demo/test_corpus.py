"""The vocabulary and the world of the demo."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from gerance.demo.corpus import PURPOSES
from gerance.demo.corpus_places import CITIES
from gerance.demo.corpus_trades import TRADES
from gerance.demo.world import World, build_world


def test_every_purpose_has_a_known_trade_and_enough_to_say() -> None:
    assert len(PURPOSES) >= 35
    assert len({purpose.label for purpose in PURPOSES}) == len(PURPOSES)
    for purpose in PURPOSES:
        assert re.fullmatch(r"\S.*\S  / \S.*", purpose.label)
        assert purpose.trade in TRADES
        assert 3 <= len(purpose.incidents) <= 6
        assert purpose.comments
        assert purpose.messages
        assert all(all(incident) for incident in purpose.incidents)


def test_every_trade_is_called_for() -> None:
    assert {purpose.trade for purpose in PURPOSES} == TRADES.keys()


def test_cities_have_postal_codes_of_five_digits() -> None:
    assert len(CITIES) >= 25
    assert all(re.fullmatch(r"\d{5}", code) for city in CITIES.values() for code in city.zip_codes)


def test_the_same_seed_gives_the_same_world_and_another_seed_another(world: World) -> None:
    assert build_world().steps == world.steps
    assert build_world().users == world.users
    assert build_world(seed=7).steps != world.steps


def test_no_two_set_up_commands_share_a_process_uid(world: World) -> None:
    uids = [step.command["processUid"] for step in world.steps]
    assert len(set(uids)) == len(uids)


def test_no_record_has_the_uid_of_another(world: World) -> None:
    uids = [step.uid for step in world.steps if step.resource != "agencies"]
    uids += [agency.uid for agency in world.companies.agencies]
    uids += [user.uid for user in world.users if not user.by_command]
    assert len(set(uids)) == len(uids)


def test_the_world_has_the_size_it_promises(world: World) -> None:
    types = Counter(step.command["commandType"] for step in world.steps)
    assert types["CreateCallCenter"] == 2
    assert types["CreateClientAccountHolding"] == 1
    assert types["CreateClientAccount"] == 5
    assert sum(c.holding_uid is not None for c in world.companies.companies) == 2
    assert types["CreateAgency"] == 15
    assert types["ReferenceProviderCompany"] == 12
    assert types["AddProviderContact"] == 44
    assert types["ReferencePatrimony"] == 150
    assert types["ReferenceLot"] == 70
    assert types["ReferenceOperator"] == 10
    assert types["ReferencePatrimonyContact"] == 60
    assert {user.kind for user in world.users} == {
        "superUser",
        "callCenterUser",
        "clientAccountManager",
        "executive",
        "patrimonyManager",
        "patrimonyUser",
    }


def test_every_set_up_command_is_as_the_contract_says(world: World, contract: Any) -> None:
    for step in world.steps:
        if step.command["commandType"] == "ReferenceOperator":
            assert step.command.keys() == {
                "processUid",
                "aggregateUid",
                "callCenterUid",
                "firstName",
                "lastName",
                "commandType",
            }
        else:
            assert contract.problems(step.command) == []


def test_set_up_commands_refer_only_to_what_is_there_already(world: World) -> None:
    logins = {user.login for user in world.users if not user.by_command}
    known = {user.uid for user in world.users if not user.by_command}
    for step in world.steps:
        assert step.actor in logins
        own = {step.command["processUid"], step.uid}
        if step.resource == "agencies":
            own = {step.command["processUid"], step.command["agency"]["agencyUid"]}
        uids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", json.dumps(step.command))
        assert set(uids) - own <= known
        known |= own


def test_siret_numbers_pass_luhn_as_a_whole_and_as_siren(
    world: World, luhn: Callable[[str], bool]
) -> None:
    numbers = [step.command["siretNumber"] for step in world.steps if "siretNumber" in step.command]
    assert len(numbers) == len(set(numbers)) == 20
    for number in numbers:
        assert len(number) == 14
        assert luhn(number)
        assert luhn(number[:9])


def test_the_uids_of_the_published_examples_are_in_one_client_account(world: World) -> None:
    sample = world.sample
    assert sample["patrimonyUid"] == "74aa4bf3-8fde-4985-b16e-e3ba2788868f"
    assert sample["agencyUid"] == "17d706c1-7844-00f5-a4a4-f1afa1975184"
    assert sample["operatorUid"] == "f281d579-084e-95a1-8abb-582f2dcc2ed5"
    assert sample["providerContactUid"] == "7943797a-93c4-73f9-48f8-6baea5e94d13"
    operators = {o.uid: o.call_centre_uid for o in world.companies.operators}
    for uid in (
        "f281d579-084e-95a1-8abb-582f2dcc2ed5",
        "98bfb3a8-ae4a-7486-1ee3-96131d994801",
        "d7b82473-8fcc-739c-4e2e-7665d942f387",
    ):
        assert operators[uid] == sample["callCenterUid"]
    agencies = {a.uid: a.company_uid for a in world.companies.agencies}
    assert agencies["17d706c1-7844-00f5-a4a4-f1afa1975184"] == sample["companyUid"]
    assert agencies["5ced7e8e-3baa-1cb1-575d-b0e98cf21d5c"] == sample["companyUid"]
    contacts = {c.uid: c.company_uid for c in world.companies.provider_contacts}
    assert contacts[sample["providerContactUid"]] == sample["companyUid"]


def test_the_printed_accounts_see_the_published_examples(world: World) -> None:
    by_login = {user.login: user for user in world.users}
    kinds = ["superUser", "callCenterUser", "clientAccountManager", "executive"]
    assert list(world.accounts) == kinds
    for kind in kinds:
        user = by_login[world.accounts[kind]["login"]]
        assert user.kind == kind
        assert user.password == world.accounts[kind]["password"]
    manager = by_login[world.accounts["clientAccountManager"]["login"]]
    assert manager.company_uid == world.sample["companyUid"]
    executive = by_login[world.accounts["executive"]["login"]]
    assert executive.agency_uids == (
        "17d706c1-7844-00f5-a4a4-f1afa1975184",
        "5ced7e8e-3baa-1cb1-575d-b0e98cf21d5c",
    )
    centre = by_login[world.accounts["callCenterUser"]["login"]]
    assert centre.company_uid == world.sample["callCenterUid"]
