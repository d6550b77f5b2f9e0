"""Given what happened, when something is asked or a day comes, then these events."""

from datetime import timedelta

import pytest
from tests.partners.lifecycle.living import DETAILS, Life, activation, day, shown

from gerance.kernel.errors import Rejection
from gerance.partners.customers.commands import OfferMonths, Terminate
from gerance.partners.lifecycle.counters import billing_start
from gerance.partners.lifecycle.deadlines import next_due


@pytest.mark.parametrize(
    ("activated", "free", "start"),
    [
        ("2026-03-10", 0, "2026-04-01"),
        ("2026-03-01", 0, "2026-04-01"),
        ("2026-03-10", 2, "2026-06-01"),
        ("2026-01-31", 1, "2026-03-01"),
        ("2026-12-31", 0, "2027-01-01"),
        ("2026-11-22", 13, "2028-01-01"),
    ],
)
def test_billing_starts_with_the_month_after_the_free_ones(
    activated: str, free: int, start: str
) -> None:
    assert billing_start(day(activated), free) == day(start)


def test_a_service_is_billed_from_its_day_on_and_not_before() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation(free_months=2))
    assert not life.reach(day("2026-05-31"))
    life.reach(day("2026-06-01"))
    assert life.told == [
        ("ServiceActivated", day("2026-03-10")),
        ("BillingStarted", day("2026-06-01")),
    ]
    assert life.present.status == "billed"
    assert next_due(life.present) is None


def test_offered_months_follow_the_one_that_has_begun() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation())
    (offered,) = life.ask(day("2026-04-15"), OfferMonths(6, "geste"))
    assert shown(offered) == {
        "date": day("2026-04-15"), "firstMonth": day("2026-05-01"),
        "lastMonth": day("2026-10-01"), "reason": "geste",
    }  # fmt: skip
    assert life.present.status == "offered"
    life.reach(day("2027-01-01"))
    assert life.told[-1] == ("BillingStarted", day("2026-11-01"))


def test_offers_come_one_behind_another_and_behind_free_months() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation(free_months=1))
    life.ask(day("2026-03-11"), OfferMonths(1))
    life.ask(day("2026-03-12"), OfferMonths(2))
    assert [(o.first, o.last) for o in life.present.offers] == [
        (day("2026-05-01"), day("2026-05-01")),
        (day("2026-06-01"), day("2026-07-01")),
    ]
    life.reach(day("2026-12-01"))
    assert life.told[-1] == ("BillingStarted", day("2026-08-01"))


def test_what_is_offered_for_good_is_never_billed() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation())
    life.ask(day("2026-05-10"), OfferMonths(None))
    assert not life.ask(day("2026-05-10"), OfferMonths(None))
    assert not life.reach(day("2100-01-01"))
    with pytest.raises(Rejection, match="permanently"):
        life.ask(day("2100-01-01"), OfferMonths(3))


def test_a_contract_ends_on_its_last_day() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation())
    life.ask(day("2026-05-10"), Terminate(day("2026-06-30"), "Retraite"))
    assert not life.ask(day("2026-05-10"), Terminate(day("2026-06-30"), "Retraite"))
    assert not life.reach(day("2026-06-29"))
    (ended,) = life.reach(day("2026-09-01"))
    assert shown(ended) == {"date": day("2026-06-30"), "reason": "Retraite"}
    assert life.present.status == "terminated"
    for command in (activation(), OfferMonths(1), Terminate(day("2026-07-31"))):
        with pytest.raises(Rejection, match="ended on 2026-06-30"):
            life.ask(day("2026-09-02"), command)


def test_an_end_that_was_planned_may_be_changed_until_it_comes() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation())
    life.ask(day("2026-05-10"), Terminate(day("2026-12-31")))
    life.ask(day("2026-05-11"), Terminate(day("2026-04-30")))
    assert life.told[-1] == ("ContractTerminated", day("2026-04-30"))
    other = Life()
    other.ask(day("2026-03-10"), activation())
    with pytest.raises(Rejection, match="started on"):
        other.ask(day("2026-03-11"), Terminate(day("2026-03-09")))


def test_days_that_were_missed_are_caught_up_in_order_each_by_its_own_date() -> None:
    asked = [(day("2026-03-10"), activation(1)), (day("2026-03-11"), OfferMonths(2))]
    planned = (day("2026-03-12"), Terminate(day("2026-09-15")))
    daily, late = Life(), Life()
    for life in (daily, late):
        for when, command in (*asked, planned):
            life.ask(when, command)
    today = day("2026-03-12")
    while today < day("2027-03-12"):
        today += timedelta(days=1)
        daily.reach(today)
    late.reach(today)
    assert late.told == daily.told
    assert late.told[-2:] == [
        ("BillingStarted", day("2026-07-01")),
        ("ContractTerminated", day("2026-09-15")),
    ]


def test_a_customer_keeps_its_campaign() -> None:
    life = Life()
    life.ask(day("2026-03-10"), activation())
    assert life.present.details.campaign_code == "C"
    assert not life.ask(day("2026-03-11"), activation())
    other = activation()
    details = type(DETAILS)(
        lastname="L", email="l@l.example", phone_number1="+33199001234", campaign_code="D"
    )
    with pytest.raises(Rejection, match="another campaign"):
        life.ask(day("2026-03-11"), type(other)(details, other.campaigns, "C"))
