"""The messages of these slices are those of the contract, and every refusal of theirs is raised."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from gerance.incidents.aggregates import AGGREGATES
from gerance.incidents.routes import ENDPOINTS

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE.parent / "contract" / "incidents.yaml").read_text())

OURS = {"ReferenceOperator"}
LATER = {
    "CompanyEventError": {
        "ImpossibleToCancelCanceledCompany",
        "ImpossibleToCancelCallCenter",
        "CallCenterIsNotEligibleToPremiumAccount",
        "CompanyIsAlreadyPremiumAccount",
        "CompanyIsAlreadySponsoredAccount",
        "CallCenterIsNotDowngradable",
    },
    "PatrimonyEventError": {"ImpossibleToReferenceAlreadyExistingBuilding"},
    "ProviderContactEventError": {
        "ImppossibleToAssociateWithProviderCompanyThatIsAlreadyAssociated",
        "ImpossibleToRemoveNonExistingActivity",
    },
    "ProviderCompanyEventError": {"ImpossibleToPerfomCommandOnNonExistingProviderCompany"},
    "LotEventError": set(),
    "PatrimonyContactEventError": {
        "ImpossibleToRemoveNonExistingLink",
        "ImpossibleToRemoveBecauseShouldHaveAtLeastOneRemainingLink",
        "ImpossibleToAddContactThatAlreadyExistInThisPatrimonyContact",
        "ImpossibleToRemoveNonExistingContact",
        "ImpossibleToRemoveBecauseShouldHaveAtLeastOneRemainingContact",
        "ImpossibleToRemoveNonExistingActivity",
    },
}
"""Codes of commands that these slices do not have yet."""
LIBERAL = {"callCenterUid", "createdDate"}
"""Other spellings, of commands that also have the contract's."""
FROM_OTHERS = {("AddProviderContact", "companyUid")}
"""Fields of the contract that another edition leaves out."""

ENTITIES = [each for each in AGGREGATES if each.name != "ticket"]
COMMANDS = [kind for each in ENTITIES for kind in each.command_classes]
EVENTS = [kind for each in ENTITIES for kind in each.event_classes]


def fields(kind: type) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}


def published(description: dict[str, Any]) -> dict[str, Any]:
    tags = {"commandType", "eventType"}
    return {name: kind for name, kind in description["fields"].items() if name not in tags}


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_has_the_fields_of_the_contract(kind: type) -> None:
    if kind.__name__ in OURS:
        return
    wanted, present = published(CONTRACT["commands"][kind.__name__]), fields(kind)
    liberal = {n for n in LIBERAL if n in present and n not in wanted}
    assert set(present) - liberal == set(wanted)
    spelled_twice = {"callCenterReference", "updatedDate"} if liberal else set()
    for name, type_name in wanted.items():
        if name not in spelled_twice and (kind.__name__, name) not in FROM_OTHERS:
            assert present[name].required != type_name.endswith("?"), name


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_has_at_least_the_fields_of_the_contract(kind: type) -> None:
    if kind.__name__ in CONTRACT["events"]:
        assert set(published(CONTRACT["events"][kind.__name__])) <= set(fields(kind))


def test_every_code_that_these_commands_may_be_refused_with_is_raised_and_tested() -> None:
    sources = Path(HERE.parents[1] / "src" / "gerance").rglob("*.py")
    code = "".join(path.read_text() for path in sources)
    tests = "".join(p.read_text() for p in HERE.glob("test_*.py") if p != Path(__file__))
    families = {e.error_family for e in ENDPOINTS if e.body is not None} & set(CONTRACT["errors"])
    assert families - {"TicketEventError"} == set(LATER)
    for family in LATER:
        for published_code in set(CONTRACT["errors"][family]) - LATER[family]:
            assert f'"{published_code}"' in code, published_code
            assert published_code in tests, published_code
