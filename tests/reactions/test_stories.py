"""What follows from service calls and tickets."""

from datetime import UTC, date, datetime

from tests.app import assign, close, contact, detail, provider_contact
from tests.reactions.conftest import Bridge

from gerance.rentals.property.entity import BUILDING
from gerance.rentals.purchasing.entity import SUPPLIER

DAY = "2127-01-20T08:00:00.000+01:00"
EVENING = "2127-01-20T23:30:00.000Z"
LATER = "2127-01-22T10:00:00.000+01:00"
NEVER = "9999-12-31T23:59:59.999Z"


def schedule(bridge: Bridge, ticket: str, start: str = DAY, end: str = LATER) -> None:
    bridge.user.events(
        f"tickets/{ticket}",
        "ScheduleIntervention",
        assignee=contact(bridge.contact),
        date=DAY,
        startDate=start,
        endDate=end,
    )


def reopen(bridge: Bridge, ticket: str) -> None:
    bridge.user.events(f"tickets/{ticket}", "ReopenTicket", date=DAY)


def test_an_urgent_call_opens_a_ticket_at_the_patrimony(bridge: Bridge) -> None:
    call, ticket = bridge.opened(tenant_id=bridge.tenant, unit_id=1)
    shown = detail(bridge.user, ticket)
    ((data,),) = bridge.rows(
        "SELECT data FROM event WHERE stream = %s AND event_type = 'TicketOpened'",
        ticket,
    )
    infos = data["ticket"]
    assert data["locationRef"]["patrimonyUid"] == bridge.world.patrimony
    assert infos["request"] == "Fuite d'eau\n\nSous l'évier de la cuisine"
    assert infos["callPurposeLabel"] == "Fuite d'eau"
    assert infos["claimNumber"] == {"clientClaimNumber": str(bridge.shown(call, "call_no"))}
    assert infos["caller"]["name"] == {"nameType": "PoorName", "value": "Roy"}
    assert infos["address"] == {
        "street": "1000 des Pins",
        "zipCode": "",
        "city": "Québec",
        "recipientSupplement": {"unit": "12"},
    }
    assert infos["additionalData"] == {"serviceCallId": str(call)}
    assert shown["status"] == "OPENED"
    assert bridge.types(call) == ["ServiceCallCreated", "ServiceCallChanged"]


def test_what_is_not_urgent_not_open_or_not_linked_opens_none(bridge: Bridge) -> None:
    bridge.rows(
        "INSERT INTO rentals.building (id, company_no, division_no, building_code, name,"
        " civic_no_and_street, city) VALUES (2, 3, 1, 'SEUL', 'Seul', '1 rue Seule', 'Lévis')"
        " RETURNING id"
    )
    calls = [
        bridge.call(priority=2),
        bridge.call(status="D"),
        bridge.call(status="X"),
        bridge.call(building_id=2),
    ]
    bridge.react()
    assert [bridge.shown(call, "ticket_uid") for call in calls] == [None] * 4
    assert bridge.failures == []


def test_a_call_that_becomes_urgent_opens_a_ticket(bridge: Bridge) -> None:
    call = bridge.call(priority=3)
    bridge.react()
    bridge.set(call, priority=1)
    bridge.react()
    assert bridge.is_open(bridge.ticket_of(call))


def test_without_a_tenant_the_manager_of_the_building_is_the_caller(bridge: Bridge) -> None:
    bridge.change(BUILDING, 1, manager_name="Luc Côté", phone="418 555-0101")
    _, ticket = bridge.opened()
    caller = detail(bridge.user, ticket)["caller"]
    assert caller["name"] == "Luc Côté"
    assert caller["medium"][0]["identifier"] == "418 555-0101"


def test_a_call_is_as_far_as_its_ticket(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    assign(bridge.user, ticket, bridge.contact)
    bridge.react()
    assert bridge.shown(call) == "A"
    schedule(bridge, ticket, EVENING)
    bridge.react()
    assert bridge.shown(call, "status, scheduled_date") == ("P", date(2127, 1, 21))
    close(bridge.user, ticket, date="2127-01-22T11:00:00.000+01:00")
    bridge.react()
    closed = datetime(2127, 1, 22, 10, tzinfo=UTC)
    assert bridge.shown(call, "status, closed_at") == ("D", closed)
    reopen(bridge, ticket)
    bridge.react()
    assert bridge.shown(call, "status, closed_at") == ("P", None)
    assert bridge.types(call).count("ServiceCallChanged") == 5


def test_a_repair_planned_for_the_end_of_the_calendar_is_on_its_last_day(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    assign(bridge.user, ticket, bridge.contact)
    schedule(bridge, ticket, NEVER, NEVER)
    bridge.react()
    assert bridge.shown(call, "status, scheduled_date") == ("P", date(9999, 12, 31))
    assert bridge.failures == []


def test_a_ticket_opened_again_without_anybody_in_charge_opens_the_call(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    bridge.user.events(f"tickets/{ticket}", "CancelTicket", date=DAY)
    bridge.react()
    assert bridge.shown(call) == "D"
    reopen(bridge, ticket)
    bridge.react()
    assert bridge.shown(call) == "O"


def test_a_call_that_is_done_or_cancelled_closes_its_ticket(bridge: Bridge) -> None:
    for status, became in (("D", "terminé"), ("X", "annulé")):
        call, ticket = bridge.opened()
        bridge.set(call, status=status)
        bridge.react()
        assert not bridge.is_open(ticket)
        assert bridge.shown(call) == status
        number = bridge.shown(call, "call_no")
        report = f"Appel de service nº {number} {became}"
        assert detail(bridge.user, ticket)["report"] == report
        assert bridge.types(ticket) == ["TicketOpened", "TicketClosed"]


def test_a_call_that_is_opened_again_opens_its_ticket_again(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    bridge.set(call, status="D")
    bridge.react()
    before = bridge.end
    bridge.set(call, status="A")
    bridge.react()
    assert bridge.is_open(ticket)
    assert bridge.shown(call) == "A"
    changed, reopened = bridge.events(before)
    assert reopened[1:] == (ticket, "TicketReopened", changed[0])
    # What the call centre closes afterwards stays closed.
    close(bridge.user, ticket, date=DAY)
    bridge.react()
    assert bridge.shown(call) == "D"
    assert not bridge.is_open(ticket)


def test_a_call_that_goes_on_opens_no_ticket_that_was_closed_meanwhile(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    bridge.set(call, status="A")
    close(bridge.user, ticket, date=DAY)
    bridge.react()
    assert not bridge.is_open(ticket)
    assert bridge.shown(call) == "D"


def test_a_ticket_that_is_closed_already_is_not_closed_again(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    close(bridge.user, ticket, date=DAY)
    bridge.set(call, status="X")
    bridge.react()
    assert bridge.types(ticket) == ["TicketOpened", "TicketClosed"]
    assert bridge.shown(call) == "X"


def test_the_supplier_of_a_call_takes_the_ticket_in_charge(bridge: Bridge) -> None:
    call, ticket = bridge.opened(supplier_id=1)
    assert bridge.types(ticket) == ["TicketOpened", "AssigneeIdentified"]
    assert bridge.shown(call) == "A"
    late, other = bridge.opened()
    bridge.set(late, supplier_id=1)
    bridge.react()
    assert bridge.types(other) == ["TicketOpened", "AssigneeIdentified"]
    # Whom the call centre puts in charge afterwards stays, whatever else is said of the call.
    else_one = provider_contact(bridge.world.root, bridge.world.company, "Quelqu'un d'autre")
    assign(bridge.user, other, else_one)
    bridge.set(late, description="Encore de l'eau")
    bridge.react()
    assert bridge.types(other)[2:] == ["AssigneeIdentified"]


def test_a_supplier_whom_the_company_does_not_know_takes_nothing(bridge: Bridge) -> None:
    foreign = provider_contact(bridge.world.root, bridge.world.other_company, "Ailleurs")
    bridge.rows(
        "INSERT INTO rentals.supplier (id, supplier_code, name) VALUES (2, 'A', 'A') RETURNING id"
    )
    bridge.recorded()
    bridge.change(SUPPLIER, 2, provider_contact_uid=foreign)
    call, ticket = bridge.opened(supplier_id=2)
    assert bridge.types(ticket) == ["TicketOpened"]
    assert bridge.shown(call) == "O"
    assert bridge.failures == []
