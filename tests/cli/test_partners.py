"""Partners are set up, and their customers handled, from the command line."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import Gerance
from tests.partners.calling import Partner, accepted, refused, serving

TABLES = (
    "partner, partner_token, partner_source, partner_campaign, partner_typology, partner_customer,"
    " stream, event, audit, login_failure"
)


@pytest.fixture(autouse=True)
def _no_partners(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(f"truncate {TABLES}")


def done(gerance: Gerance, *arguments: str) -> str:
    """What the command prints."""
    answered = gerance("partners", *arguments)
    assert answered.returncode == 0, answered.stderr
    return answered.stdout


def told(gerance: Gerance, *arguments: str) -> Any:
    """What the command answers in JSON."""
    return json.loads(done(gerance, *arguments, "--json"))


def set_up(gerance: Gerance) -> str:
    """A partner with a campaign; its token."""
    token = told(gerance, "add", "FOUSSIER", "--source", "Foussier")["token"]
    done(gerance, "campaign", "set", "FOUSSIER", "ETE", "--unit-price", "19,90", "--default")
    done(gerance, "typology", "set", "1", "Artisan")
    return str(token)


def test_a_partner_is_set_up_and_calls(gerance: Gerance, database: str, tmp_path: Path) -> None:
    assert done(gerance, "list").startswith("There is no partner yet")
    token = set_up(gerance)
    with serving(database, tmp_path) as http:
        accepted(Partner(http, "FOUSSIER", token).customer(client_id="c1"))
    (row,) = told(gerance, "list")
    assert row | {"created": None} == {
        "code": "FOUSSIER", "name": "FOUSSIER", "disabled": False, "created": None,
        "mailSenders": [], "sources": ["Foussier"], "tokens": 1, "customers": 1,
    }  # fmt: skip
    for listed in (done(gerance, "list"), done(gerance, "token", "list", "FOUSSIER")):
        assert token not in listed
    (campaign,) = told(gerance, "campaign", "list", "FOUSSIER")
    assert campaign["unitPrice"] == "19.90"


def test_a_token_is_replaced_and_both_are_good_for_a_while(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    old = set_up(gerance)
    new = told(gerance, "token", "rotate", "FOUSSIER")["token"]
    newest = told(gerance, "token", "rotate", "FOUSSIER", "--overlap-hours", "0")["token"]
    fresh = told(gerance, "token", "rotate", "FOUSSIER")["token"]
    with serving(database, tmp_path) as http:
        for token in (old, new):
            refused(Partner(http, "FOUSSIER", token).lead(), 401)
        for token in (newest, fresh):
            accepted(Partner(http, "FOUSSIER", token).lead())
        done(gerance, "token", "revoke", "FOUSSIER", newest[-4:])
        refused(Partner(http, "FOUSSIER", newest).lead(), 401)
        done(gerance, "disable", "FOUSSIER")
        refused(Partner(http, "FOUSSIER", fresh).lead(), 401)


def test_customers_are_offered_months_and_leave(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    token = set_up(gerance)
    with serving(database, tmp_path) as http:
        partner = Partner(http, "FOUSSIER", token)
        accepted(partner.customer(client_id="c1"))
        accepted(partner.lead(client_id="c2"))
        assert "offered" in done(gerance, "offer", "FOUSSIER", "c1", "--months", "6")
        done(gerance, "terminate", "FOUSSIER", "c1", "--date", "2199-12-31", "--reason", "Retraite")
        assert partner.events("c1") == ["ServiceActivated", "BillingOffered", "TerminationPlanned"]
        assert {each["by"] for each in partner.told("c1")["history"]} == {"partner", "operator"}
    (row,) = told(gerance, "customers", "FOUSSIER", "--status", "offered")
    assert row["unsubscription_reason"] == "Retraite"
    refusal = gerance("partners", "offer", "FOUSSIER", "c2", "--for-good")
    assert refusal.returncode == 1
    assert refusal.stderr.startswith("gerance: client_id: the service is not active for c2 yet.")


def test_each_act_leaves_a_row_in_the_audit(gerance: Gerance, database: str) -> None:
    set_up(gerance)
    done(gerance, "source", "add", "FOUSSIER", "Émile")
    done(gerance, "source", "end", "FOUSSIER", "emile")
    done(gerance, "campaign", "end", "FOUSSIER", "ETE")
    done(gerance, "typology", "end", "1")
    with psycopg.connect(database) as connection:
        acts = connection.execute("SELECT act FROM audit ORDER BY id").fetchall()
    assert [act for (act,) in acts] == [
        "partner added", "partner campaign set", "partner typology set", "partner source added",
        "partner source ended", "partner campaign ended", "partner typology ended",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "../etc"), "must have 1 to 40 letters"),
        (("add", "X", "--name", " "), "A name must have 1 to 100 characters"),
        (("source", "add", "NOBODY", "N"), "There is no partner with the code NOBODY."),
        (("campaign", "set", "P", "C", "--unit-price", "cheap"), "'cheap' is not an amount"),
        (("campaign", "end", "P", "C"), "P has no running campaign C."),
        (("offer", "P", "c"), "--months or --for-good: choose one"),
        (("terminate", "P", "c", "--date", "soon"), "expected a day like 2026-11-30"),
        (("terminate", "P", "c", "--date", "2026-11-30"), "client_id: c is unknown."),
        (("customers", "P", "--status", "gone"), "expected one of lead, activated"),
        (("customers", "NOBODY"), "There is no partner with the code NOBODY."),
        (("files", "NOBODY"), "There is no partner with the code NOBODY."),
        (("token", "list", "NOBODY"), "There is no partner with the code NOBODY."),
        (("campaign", "list", "NOBODY"), "There is no partner with the code NOBODY."),
        (("webhook", "deliveries", "NOBODY"), "There is no partner with the code NOBODY."),
        (("push-to", "P", "sftp://a@b/", "--host-key", "/"), "/: Is a directory"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    gerance: Gerance, arguments: tuple[str, ...], said: str
) -> None:
    answered = gerance("partners", *arguments)
    assert answered.returncode == 1
    assert said in answered.stderr
    assert len(answered.stderr.splitlines()) == 1


def test_the_customers_are_made_again_from_the_log(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    token = set_up(gerance)
    with serving(database, tmp_path) as http:
        accepted(Partner(http, "FOUSSIER", token).customer(client_id="c1"))
    before = told(gerance, "customers", "FOUSSIER")
    with psycopg.connect(database) as connection:
        connection.execute("truncate partner_customer")
    assert told(gerance, "customers", "FOUSSIER") == []
    assert gerance("projections", "rebuild").returncode == 0
    assert told(gerance, "customers", "FOUSSIER") == before != []
