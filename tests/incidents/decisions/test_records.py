"""The rules of all slices but tickets and lots that go beyond the fields of a command."""

from typing import Any

import pytest
from tests.incidents.decisions.slices import AGENCY, OTHER, SIRET, body, given, uid, when

from gerance.kernel.errors import Rejection

ACCOUNT = body("CreateClientAccount", full=False, number=70)
PATRIMONY = body("ReferencePatrimony", number=70)


def rejection(state: Any, command: dict[str, Any], **facts: Any) -> str:
    with pytest.raises(Rejection) as refused:
        when(state, command, **facts)
    return refused.value.code


@pytest.mark.parametrize("kind", ["CallCenter", "ClientAccountHolding", "ClientAccount"])
def test_a_company_is_updated_as_what_it_is(kind: str) -> None:
    company = given(body(f"Create{kind}", full=False))
    for other in {"CallCenter", "ClientAccountHolding", "ClientAccount"} - {kind}:
        assert rejection(company, body(f"Update{other}")) == "CompanyGenericError"
    assert when(company, body(f"Update{kind}"))


def test_a_company_is_identified_once() -> None:
    identified = given(ACCOUNT, body("IdentifyCompany"))
    assert identified.siret_number == SIRET
    assert rejection(identified, body("IdentifyCompany", number=10)) == "CompanyAlreadyIdentified"


@pytest.mark.parametrize("billing", ["SponsoredAccount", "PremiumAccount", "StandardAccount"])
def test_an_account_starts_with_the_billing_of_its_command(billing: str) -> None:
    assert given(ACCOUNT | {"billingType": billing}).billing_type == billing


def test_an_account_keeps_its_holding_where_an_update_names_none() -> None:
    held = given(body("CreateClientAccount"), body("UpdateClientAccount", full=False, number=10))
    assert held.holding == OTHER


@pytest.mark.parametrize("kind", ["CallCenter", "ClientAccountHolding"])
def test_only_a_client_account_has_agencies(kind: str) -> None:
    company = given(body(f"Create{kind}", full=False))
    code = "ImpossibleToCreateAgencyInAnotherCompanyThatClientAccount"
    assert rejection(company, body("CreateAgency")) == code


def test_the_uid_of_an_agency_is_used_once() -> None:
    code = "ImpossibleToCreateExistingAgency"
    assert rejection(given(ACCOUNT), body("CreateAgency"), uid_in_use=True) == code
    company = given(ACCOUNT, body("CreateAgency"))
    assert company.agencies[AGENCY].name == "Agence"
    assert rejection(company, body("CreateAgency", number=10)) == code


def test_an_unknown_agency_is_not_updated() -> None:
    code = "ImpossibleToPerformCommandOnNonExistingAgency"
    assert rejection(given(ACCOUNT), body("UpdateAgency")) == code


def test_a_login_in_use_is_rejected() -> None:
    executive = body("ReferenceExecutive")
    assert rejection(None, executive, login_in_use=True) == "LoginTaken"
    user = given(executive)
    assert rejection(user, body("UpdateLogin"), login_in_use=True) == "LoginTaken"
    assert when(user, body("UpdateUser"), login_in_use=True)


def test_a_user_is_disabled_and_updated() -> None:
    user = given(body("ReferenceExecutive"), body("UpdateLogin", number=10))
    assert (user.kind, user.disabled) == ("executive", False)
    assert given(body("ReferenceExecutive"), body("DisableUser", number=10)).disabled
    renamed = given(body("ReferenceExecutive"), body("UpdateUser", full=False, number=10))
    assert (renamed.job, renamed.phone) == (None, None)


def test_a_patrimony_always_has_an_agency_and_each_once() -> None:
    associate = body("AssociatePatrimonyInAgency", number=71)
    both = given(PATRIMONY, associate)
    assert both.agencies == [OTHER, AGENCY]
    code = "ImpossibleToAssociatePatrimonyInAgencyForAlreadyAssociatedAgency"
    assert rejection(both, body("AssociatePatrimonyInAgency", number=72)) == code
    leave = body("DissociatePatrimonyFromAgency", number=73)
    assert given(PATRIMONY, associate, leave).agencies == [OTHER]
    last = leave | {"agencyUid": OTHER}
    code = "ImpossibleToDissociatePatrimonyFromAgencyRemainOnlyOneAgency"
    assert rejection(given(PATRIMONY), last) == code
    code = "ImpossibleToDissociatePatrimonyFromAgencyThatDoesntExist"
    assert rejection(given(PATRIMONY), leave) == code


def test_a_contact_is_linked_with_each_thing_once() -> None:
    code = "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact"
    contact = body("ReferencePatrimonyContact")
    twice = contact | {"linkedWithEntities": contact["linkedWithEntities"] * 2}
    assert rejection(None, twice) == code
    link = body("LinkPatrimonyContactWithUser", number=10)
    assert given(contact, link).user == OTHER
    assert rejection(given(contact, link), link | {"processUid": uid(11)}) == code


def test_a_provider_contact_is_disabled_for_a_while() -> None:
    added = body("AddProviderContact")
    disabled = body("DisableProviderContact", number=10)
    assert not given(added, disabled).active
    assert given(added, disabled, body("EnableProviderContact", number=11)).active
