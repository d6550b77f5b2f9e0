"""The ticket of an urgent service call. Pure."""

from datetime import datetime

from gerance.incidents.tickets.commands import OpenTicket
from gerance.incidents.tickets.values import ClaimNumber, TicketInfos
from gerance.incidents.values import (
    AnonymousOperator,
    BasicAddress,
    CivilName,
    ContactMedium,
    HumanCaller,
    Mail,
    Name,
    PatrimonyLocation,
    Phone,
    PoorName,
    RecipientIdentificationSupplement,
)
from gerance.kernel.wire import DateTime, SafeUUID
from gerance.reactions.service_call import ServiceCall

OPERATOR = AnonymousOperator("Gérance")
"""Who acts, as tickets show it."""


def opening(
    call: ServiceCall, patrimony: str, *, process_uid: SafeUUID, at: datetime
) -> OpenTicket:
    """The command that opens a ticket for the call, with the moment when it became urgent."""
    request = "\n\n".join(text for text in (call.subject, call.description) if text)
    return OpenTicket(
        processUid=process_uid,
        operator=OPERATOR,
        locationRef=PatrimonyLocation(SafeUUID.parse(patrimony)),
        openedDate=DateTime.of(at),
        ticket=TicketInfos(
            caller=_caller(call),
            claimNumber=ClaimNumber(clientClaimNumber=str(call.call_no)),
            address=_address(call),
            request=request,
            callPurposeLabel=call.subject,
            altCallPurpose={},
            additionalData={"serviceCallId": str(call.id)},
        ),
    )


def _caller(call: ServiceCall) -> HumanCaller:
    """The tenant; the manager of the building where the call names no tenant."""
    name: Name
    if call.tenant_last_name is not None:
        name = PoorName(call.tenant_last_name)
        if call.tenant_first_name:
            name = CivilName(call.tenant_first_name, call.tenant_last_name)
        return HumanCaller(name, _medium(call.tenant_phone, call.tenant_email))
    name = PoorName(call.manager_name or call.building)
    return HumanCaller(name, _medium(call.manager_phone, call.manager_email))


def _medium(phone: str | None, email: str | None) -> ContactMedium | None:
    if phone:
        return Phone(phone)
    return Mail(email) if email else None


def _address(call: ServiceCall) -> BasicAddress:
    floor = None if call.floor is None else str(call.floor)
    inside = RecipientIdentificationSupplement(floor=floor, unit=call.unit_code)
    return BasicAddress(
        street=call.street,
        zipCode=call.postal_code or "",
        city=call.city,
        recipientSupplement=inside if call.unit_code or floor else None,
        state=call.province,
        country=call.country,
    )
