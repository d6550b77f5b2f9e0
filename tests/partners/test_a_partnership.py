"""The life of a partnership, from the first lead to the end of a contract."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from tests.partners.calling import accepted
from tests.partners.programme import Programme, programme

RETURNS = "client_id;status;reason\r\nanna;paid;\r\nbruno;unpaid;rejet de prélèvement\r\n"
BOTH = [("anna", "35,88", "billed"), ("bruno", "35,88", "billed")]
TWICE = "impayé deux fois / unpaid twice: 2025-03, 2025-04"


@pytest.fixture
def foussier(database: str, tmp_path: Path) -> Iterator[Programme]:
    with programme(database, tmp_path, "2025-01-11") as begun:
        begun.gerance(
            *("campaign", "set", "FOUSSIER", "ACCUEIL", "--default", "--free-months", "1"),
            *("--unit-price", "29.90", "--redirect", "https://suite.example/{client_id}"),
        )
        begun.gerance("typology", "set", "1", "Artisan")
        yield begun


def bill(foussier: Programme, month: str) -> list[tuple[str, str, str]]:
    """Bill the month; client, amount and status of each line of the file that is fetched."""
    billed = foussier.told("bill", "--period", month)[0]
    content = foussier.fetch(billed["name"])
    assert sha256(content).hexdigest() == billed["sha256"]
    assert foussier.fetch(f"{billed['name']}.sha256").decode().split()[0] == billed["sha256"]
    lines = csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";")
    return [(line["client_id"], line["amount_incl_tax"], line["status"]) for line in lines]


def heard(foussier: Programme) -> dict[str, list[str]]:
    """What the partner was told of each client so far: lead 0, activated 1, billed 2, ended 3,
    offered 4."""
    told = defaultdict(list)
    for call in foussier.heard():
        told[call["client_id"]].append(call["event_type"])
    return dict(told)


def test_two_customers_of_a_partner_from_the_lead_to_the_end(foussier: Programme) -> None:
    foussier.start()
    leads_become_customers(foussier)
    the_first_month_is_free(foussier)
    one_does_not_pay_and_one_is_offered_a_month(foussier)
    who_does_not_pay_twice_is_to_be_ended(foussier)
    foussier.stop()
    foussier.go_to("2025-06-08")
    what_became_due_is_caught_up(foussier)


def leads_become_customers(foussier: Programme) -> None:
    for client in ("anna", "bruno"):
        shown = accepted(foussier.partner.lead(client_id=client))
        assert shown["redirect_to"] == f"https://suite.example/{client}"
    foussier.go_to("2025-01-14")
    for client in ("anna", "bruno"):
        accepted(foussier.partner.customer(client_id=client))
    assert heard(foussier) == {"anna": ["0", "1"], "bruno": ["0", "1"]}


def the_first_month_is_free(foussier: Programme) -> None:
    foussier.go_to("2025-02-28")
    assert bill(foussier, "2025-02") == []
    assert heard(foussier) == {"anna": ["0", "1"], "bruno": ["0", "1"]}
    foussier.go_to("2025-03-01")
    assert heard(foussier) == {"anna": ["0", "1", "2"], "bruno": ["0", "1", "2"]}


def one_does_not_pay_and_one_is_offered_a_month(foussier: Programme) -> None:
    foussier.go_to("2025-03-31")
    assert bill(foussier, "2025-03") == BOTH
    foussier.put("FOUSSIER_2025-03_retours.csv", RETURNS)
    assert foussier.told("proposals") == []
    foussier.go_to("2025-04-20")
    gesture = {"months": 1, "reason": "Geste commercial"}
    answer = foussier.partner.post("/v1/customers/anna/offer", gesture)
    assert accepted(answer)["status"] == "offered"
    assert heard(foussier) == {"anna": ["0", "1", "2", "4"], "bruno": ["0", "1", "2"]}


def who_does_not_pay_twice_is_to_be_ended(foussier: Programme) -> None:
    foussier.go_to("2025-04-30")
    assert bill(foussier, "2025-04") == BOTH
    foussier.go_to("2025-05-04")
    foussier.put("FOUSSIER_2025-04_retours.csv", RETURNS)
    (proposal,) = foussier.told("proposals")
    assert (proposal["client_id"], proposal["kind"]) == ("bruno", "terminate")
    assert proposal["reason"] == TWICE
    assert foussier.partner.told("bruno")["customer"]["end_of_contract_date"] is None
    said = foussier.gerance("approve", str(proposal["id"]))
    assert "the contract of FOUSSIER bruno ends on 2025-05-31." in said
    assert foussier.told("proposals") == []


def what_became_due_is_caught_up(foussier: Programme) -> None:
    foussier.told("bill", "--period", "2025-05")
    foussier.start()
    assert bill(foussier, "2025-05") == [
        ("anna", "0,00", "offered"),
        ("bruno", "35,88", "terminated"),
    ]
    assert heard(foussier) == {"anna": ["0", "1", "2", "4", "2"], "bruno": ["0", "1", "2", "3"]}
    last = {call["client_id"]: call for call in foussier.heard()}
    counted = ("nb_of_paid_months", "nb_of_offered_months")
    assert [last["anna"][name] for name in counted] == ["3", "1"]
    ended = ("end_of_contract_date", "unsubscription_reason")
    assert [last["bruno"][name] for name in ended] == ["2025-05-31", TWICE]
    assert foussier.partner.told("anna")["history"][-1]["date"] == "2025-06-01"
    bruno = foussier.partner.told("bruno")
    assert [(each["event"], each["date"], each["by"]) for each in bruno["history"][-2:]] == [
        ("TerminationPlanned", "2025-05-04", "operator"),
        ("ContractTerminated", "2025-05-31", "time"),
    ]
    assert [each["payment"] for each in bruno["billed"]] == ["unpaid", "unpaid", None]
