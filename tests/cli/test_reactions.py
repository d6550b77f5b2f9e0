"""Operators see what reactions could not do."""

import json

import psycopg
from tests.cli.conftest import Gerance

from gerance.rentals.writing.events import stream_uid

TICKET = "7258be54-c274-51f0-a7c3-33fa718c353f"


def test_what_could_not_follow_is_listed_newest_first(gerance: Gerance, database: str) -> None:
    assert json.loads(gerance("reactions", "failures", "--json").stdout) == []
    assert "No reaction failed" in gerance("reactions", "failures").stdout
    with psycopg.connect(database, autocommit=True) as connection:
        for category, stream, event_type, reaction in (
            ("ServiceCall", stream_uid(7), "ServiceCallCreated", "open-ticket"),
            ("ticket", TICKET, "TicketReopened", "follow-ticket"),
        ):
            connection.execute(
                "WITH made AS (INSERT INTO event (category, stream, version, ordinal, event_type,"
                " process_uid, sent_date, data) VALUES (%s, %s, 1, 0, %s, gen_random_uuid(), now(),"
                " '{}') RETURNING position) INSERT INTO reaction_failure (position, reaction, code,"
                " message) SELECT position, %s, 'NotFound', 'The patrimony is gone.' FROM made",
                [category, stream, event_type, reaction],
            )
    followed, opened = json.loads(gerance("reactions", "failures", "--json").stdout)
    assert (opened["of"], opened["eventType"]) == ("ServiceCalls(7)", "ServiceCallCreated")
    assert (opened["reaction"], opened["code"]) == ("open-ticket", "NotFound")
    assert followed["of"] == f"Tickets({TICKET})"
    assert followed["position"] > opened["position"]
    shown = gerance("reactions", "failures").stdout
    assert "The patrimony is gone." in shown
    assert "ServiceCalls(7)" in shown
