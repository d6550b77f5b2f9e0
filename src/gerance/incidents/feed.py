"""The live feed of a user: events that it may read now, as long as its session lasts."""

from collections.abc import Sequence

from gerance.incidents.aggregates import CATEGORIES, EVENT_TYPES_OF
from gerance.incidents.editions import shape_events
from gerance.incidents.event_visibility import visible_events
from gerance.kernel.db import Connection
from gerance.kernel.errors import Unauthenticated
from gerance.kernel.feeds.listener import EventFilter, FeedEntry
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.sessions import SessionReader
from gerance.kernel.log.eventlog import LoggedEvent

TYPES = frozenset().union(*EVENT_TYPES_OF.values())
"""The types of the events that users may receive."""


class SessionListener:
    """A Listener with a session. An open feed counts as use of the session."""

    categories = CATEGORIES
    types = TYPES

    def __init__(self, sessions: SessionReader, token: str, principal: Principal) -> None:
        self._sessions, self._token = sessions, token
        self.principal = principal

    @property
    def name(self) -> str:
        return self.principal.uid

    async def refresh(self) -> "SessionListener":
        """With the user's rights as of now. Raises Unauthenticated: the session is over."""
        return await session_listener(self._sessions, self._token)

    async def visible_entries(
        self, connection: Connection, events: Sequence[LoggedEvent], event_filter: EventFilter
    ) -> list[FeedEntry]:
        """Those of the events that the user may read now, in the shape of its edition."""
        visible = await visible_events(
            connection, self.principal, events, agencies=event_filter.agencies
        )
        shaped = await shape_events(
            connection, self.principal, [(event.event_type, event.data) for event in visible]
        )
        return [
            FeedEntry(event.cursor, event.category, *form)
            for event, form in zip(visible, shaped, strict=True)
            if form is not None
        ]


async def session_listener(sessions: SessionReader, token: str | None) -> SessionListener:
    """The listener of this session. Raises Unauthenticated when there is none, or it is over."""
    principal = None if token is None else await sessions.principal(token)
    if token is None or principal is None:
        raise Unauthenticated
    return SessionListener(sessions, token, principal)
