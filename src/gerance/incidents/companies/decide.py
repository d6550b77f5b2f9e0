"""A company is created once, identified once, and updated as what it is."""

from typing import Any

from gerance.incidents.companies import commands as c
from gerance.incidents.companies import events as e
from gerance.incidents.companies.state import Company
from gerance.incidents.companies.values import CompanyType
from gerance.incidents.messages import Stamp, heading
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import LocalDate, SafeUUID


def decide(
    state: Company | None, command: c.CreateCompany | c.IncrementCompany, stamp: Stamp
) -> list[e.CompanyEvent]:
    """The events of a command. Raises Rejection with the codes of CompanyEventError."""
    at = heading(command, stamp)
    if isinstance(command, c.Creation):
        if state is not None:
            raise Rejection(
                "ImpossibleToCreateExistingCompany",
                f"The company {stamp.aggregate} already exists.",
            )
        return [_created(command, at), *_identified(command, at), *_upgraded(command, at)]
    if state is None:
        raise unknown(stamp.aggregate)
    return [_increment(state, command, at)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a company that does not exist."""
    return Rejection("ImpossibleToPerfomCommandOnNonExistingCompany", f"There is no company {uid}.")


def _created(command: c.Creation, at: dict[str, Any]) -> e.CompanyEvent:
    at = {**at, "createdDate": command.createdDate, "name": command.name}
    match command:
        case c.CreateClientAccount():
            return e.ClientAccountCreated(
                callCenterReference=_call_center(command),
                holdingReference=command.holdingReference,
                **at,
            )
        case c.CreateClientAccountHolding():
            return e.ClientAccountHoldingCreated(callCenterReference=_call_center(command), **at)
        case _:
            return e.CallCenterCreated(**at)


def _call_center(command: c.ServedCreation) -> SafeUUID:
    assert command.callCenterReference is not None
    return command.callCenterReference


def _identified(command: c.Creation, at: dict[str, Any]) -> list[e.CompanyEvent]:
    siret = command.siretNumber
    return [] if siret is None else [e.CompanyIdentified(siretNumber=siret, **at)]


def _upgraded(command: c.Creation, at: dict[str, Any]) -> list[e.CompanyEvent]:
    day: LocalDate = command.createdDate
    match getattr(command, "billingType", None):
        case "PremiumAccount":
            return [e.CompanyUpgradedToPremiumAccount(upgradedDate=day, **at)]
        case "StandardAccount":
            return [e.CompanyUpgradedToStandardAccount(upgradedDate=day, **at)]
    return []


def _increment(state: Company, command: c.IncrementCompany, at: dict[str, Any]) -> e.CompanyEvent:
    match command:
        case c.IdentifyCompany(siretNumber=siret):
            if state.siret_number is not None:
                raise Rejection(
                    "CompanyAlreadyIdentified",
                    f"The company already has the SIRET number {state.siret_number}.",
                )
            return e.CompanyIdentified(siretNumber=siret, **at)
        case c.UpdateCallCenter():
            kind: type[Any] = e.CallCenterUpdated
            _require_type(state, "CallCenter", command)
        case c.UpdateClientAccountHolding():
            kind = e.ClientAccountHoldingUpdated
            _require_type(state, "ClientAccountHolding", command)
        case c.UpdateClientAccount():
            kind = e.ClientAccountUpdated
            _require_type(state, "ClientAccount", command)
            at = {**at, "holdingReference": command.holdingReference}
    event: e.CompanyEvent = kind(updatedDate=command.updatedDate, name=command.name, **at)
    return event


def _require_type(state: Company, company_type: CompanyType, command: object) -> None:
    if state.company_type != company_type:
        raise Rejection(
            "CompanyGenericError",
            f"{type(command).__name__} needs a {company_type}; this company is a"
            f" {state.company_type}.",
        )
