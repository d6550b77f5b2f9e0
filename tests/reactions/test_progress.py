"""A service call follows its ticket after every event that changes its progress."""

from contextlib import suppress
from typing import Any

import pytest
from tests.incidents.decisions.slices import CASES, Case, after, body, given, given_before, when

from gerance.kernel.errors import Rejection
from gerance.reactions.progress import status_for
from gerance.reactions.registry import FOLLOW, REACTIONS

TICKET_CASES = [case for case in CASES if case.aggregate.name == "ticket" and case.before]


@pytest.mark.parametrize("case", TICKET_CASES, ids=[case.command for case in TICKET_CASES])
def test_an_event_that_changes_the_progress_has_a_reaction(case: Case) -> None:
    opened, assigned = given(body("OpenTicket", number=70)), given_before(case)
    # Some commands are rejected before a provider is in charge.
    with suppress(Rejection):
        assert_followed(opened, case)
    assert_followed(assigned, case)


def assert_followed(state: Any, case: Case) -> None:
    status = status_for(state)
    events = when(state, body(case.command))
    followed = any(
        FOLLOW in REACTIONS.get(("ticket", type(event).__name__), ()) for event in events
    )
    assert status_for(after(state, events)) == status or followed
