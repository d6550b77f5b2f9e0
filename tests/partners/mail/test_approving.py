"""What mail proposes is done when an operator approves it, once, and says so in its events."""

import json
import os
import re
import signal
import smtplib
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import COMMAND, Gerance, clean_environment
from tests.cli.conftest import gerance as _gerance
from tests.partners.mail.conftest import proposals
from tests.partners.mail.letters import CLIENT, letter
from tests.partners.mail.letters import SUBJECT as OF_SOMEBODY_ELSE
from tests.partners.mail.posting import OURS
from tests.partners.webhooks.living import World, within
from tests.waiting import PATIENCE

gerance = _gerance
SUBJECT = OF_SOMEBODY_ELSE.replace("Thierry", "Thérèse")
OFFER = SUBJECT.replace("Résiliation", "Offre")
TOMORROW = "2099-12-31"


@pytest.fixture(autouse=True)
def _customer(database: str, partners: None) -> None:
    """FOUSSIER has one customer, with the life that belongs to it."""

    async def activate(world: World) -> None:
        await world.activate("2026-03-12")

    within(database, activate)
    with psycopg.connect(database) as connection:
        connection.execute(
            "update partner set mail_senders = '{jeanne@foussier.example}', name = 'Foussier'"
            " where code = 'FOUSSIER'"
        )


def events(database: str) -> list[dict[str, Any]]:
    """What happened after the activation."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("select data from event where version > 1 order by position")
        return [data for (data,) in rows.fetchall()]


def propose(gerance: Gerance, content: bytes) -> int:
    done = gerance("mail", "read", "-", "--json", stdin=content.decode())
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["proposal"])


def test_approving_does_it_once_and_the_event_says_who_and_why(
    gerance: Gerance, database: str
) -> None:
    number = propose(gerance, letter(SUBJECT, f"Fin le {TOMORROW}.\nMotif : retraite\n"))
    assert events(database) == []
    listed = gerance("partners", "proposals").stdout
    for text in (CLIENT, TOMORROW, "retraite", "mail"):
        assert text in listed
    approved = gerance("partners", "approve", str(number))
    assert TOMORROW in approved.stdout
    (event,) = [each for each in events(database) if each["eventType"] == "TerminationPlanned"]
    assert (event["endOfContractDate"], event["reason"]) == (TOMORROW, "retraite")
    assert event["approval"] == {"proposal": number, "source": "mail", "approvedBy": "operator"}
    assert gerance("partners", "approve", str(number)).returncode == 1
    assert len([each for each in events(database) if "approval" in each]) == 1


def test_a_message_about_another_client_is_checked_first(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(OF_SOMEBODY_ELSE, f"Fin le {TOMORROW}."))
    refused = gerance("partners", "approve", str(number))
    assert (refused.returncode, events(database)) == (1, [])
    assert "“Thierry Lhermitte”, the stored client is “Mme Thérèse Lhermitte" in refused.stderr
    assert "Thierry" in gerance("partners", "proposals").stdout
    assert gerance("partners", "approve", str(number), "--same-client").returncode == 0
    assert len([each for each in events(database) if "approval" in each]) == 1


def test_what_is_not_clear_is_said_by_who_approves(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(OFFER, "Un geste, s'il vous plaît."))
    refused = gerance("partners", "approve", str(number))
    assert refused.returncode == 1
    assert "does not name the number of months" in refused.stderr
    assert [each for each in events(database) if "approval" in each] == []
    assert (
        "4 months are offered"
        in gerance("partners", "approve", str(number), "--months", "4").stdout
    )
    assert proposals(database)[0]["state"] == "approved"


def test_a_contract_ends_on_no_day_that_was_only_guessed(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(SUBJECT, "Fin le 30/11/2099 ou le 31/12/2099."))
    for given in ((), ("--months", "3"), ("--for-good",)):
        refused = gerance("partners", "approve", str(number), *given)
        assert (refused.returncode, events(database)) == (1, [])
    assert gerance("partners", "approve", str(number), "--date", TOMORROW).returncode == 0
    offer = propose(gerance, letter(OFFER, "Offrez 3 mois.", identifier="<2@foussier.example>"))
    refused = gerance("partners", "approve", str(offer), "--date", TOMORROW)
    assert "is an offer, which takes no last day" in refused.stderr


def test_what_was_done_before_a_kill_is_not_done_otherwise(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(OFFER, "Offrez 3 mois."))
    assert "3 months are offered" in gerance("partners", "approve", str(number)).stdout
    before = events(database)
    with psycopg.connect(database) as connection:
        connection.execute("update partner_proposal set state = 'open'")
    again = gerance("partners", "approve", str(number), "--months", "9")
    assert (again.returncode, "executed before" in again.stdout) == (0, True)
    assert events(database) == before


def test_rejecting_changes_nothing(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(OFFER, "Offrez 3 mois."))
    assert gerance("partners", "reject", str(number)).returncode == 0
    assert events(database) == []
    assert propose(gerance, letter(OFFER, "Offrez 3 mois.")) == number
    assert proposals(database)[0]["state"] == "rejected"


def test_a_client_that_is_unknown_cannot_be_approved(gerance: Gerance, database: str) -> None:
    number = propose(gerance, letter(SUBJECT.replace(CLIENT, "nobody")))
    assert "FOUSSIER has no client nobody." in gerance("partners", "proposals").stdout
    assert "nobody is unknown" in gerance("partners", "approve", str(number)).stderr
    assert proposals(database)[0]["state"] == "open"


def test_a_file_is_read_and_tried_without_a_proposal(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    (tmp_path / "mail.eml").write_bytes(letter(OFFER, "Offrez 3 mois.\nMotif : fidélité"))
    told = gerance("mail", "read", str(tmp_path / "mail.eml"), "--dry-run").stdout
    who = f"{CLIENT} of FOUSSIER (Thérèse Lhermitte)"
    assert told == f"Offer 3 months to {who}. Reason: fidélité\nRead from: 3 mois\n"
    assert proposals(database) == []
    stranger = gerance("mail", "read", "-", stdin=letter(sender="x@y.example").decode())
    assert (stranger.returncode, stranger.stdout) == (1, "")
    assert "x@y.example is not known" in stranger.stderr
    assert "No such file" in gerance("mail", "read", str(tmp_path / "none")).stderr


def test_senders_are_added_and_listed(gerance: Gerance) -> None:
    done = gerance("partners", "sender", "add", "FOUSSIER", "Paul@Other.Example")
    assert done.stdout == "FOUSSIER can send requests from paul@other.example.\n"
    listed = gerance("partners", "sender", "list", "FOUSSIER", "--json").stdout
    assert json.loads(listed) == ["jeanne@foussier.example", "paul@other.example"]


def test_the_command_listens_until_a_signal(database: str, tmp_path: Path) -> None:
    settings = {
        "GERANCE_DATABASE_URL": database, "GERANCE_HOME": str(tmp_path),
        "GERANCE_MAIL_RECIPIENTS": OURS, "GERANCE_MAIL_PORT": "0",
        "GERANCE_MAIL_REQUIRE_DKIM": "false",
    }  # fmt: skip
    with subprocess.Popen(
        [COMMAND, "mail", "listen"],
        env=clean_environment(**settings),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        found = re.search(r"port (\d+)", process.stderr.readline())
        assert found
        with smtplib.SMTP("127.0.0.1", int(found[1]), timeout=PATIENCE) as client:
            client.sendmail("jeanne@foussier.example", OURS, letter())
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert len(proposals(database)) == 1


def test_it_listens_for_nobody_without_recipients(gerance: Gerance) -> None:
    done = gerance("mail", "listen")
    assert done.returncode == 1
    assert "--recipient" in done.stderr
