"""What a command on a ticket refers to, whether its sender reaches it, and what the ticket shows of
it.

The references are read with the ticket, in one statement, within the sender's reach. What is
missing from the result is unknown or out of reach; both are rejected alike.
"""

from typing import Any

import msgspec

from gerance.incidents.rights import (
    OF_PATRIMONY_CONTACTS,
    Columns,
    Condition,
    reach,
    reached_users,
)
from gerance.incidents.tickets import commands as c
from gerance.incidents.tickets.state import Location, Parties, ShownContact, ShownProvider
from gerance.incidents.values import (
    AgencyLocation,
    LocationReference,
    ProviderPersona,
    ReferencedContactCaller,
    ReferencedOperator,
    ReferencedUser,
)
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Reading
from gerance.kernel.wire import decode

_LOCATION = """(SELECT json_strip_nulls(json_build_object({more}
  'company', json_build_object('uid', c.uid, 'name', c.name),
  'callCenter', c.call_center,
  'holding', c.holding,
  'agencies', (SELECT json_agg(json_build_object('uid', a.uid, 'name', a.name)
                               ORDER BY fold(a.name), a.uid)
               FROM agency a WHERE a.uid = ANY(place.agencies)),
  'patrimony', CASE WHEN place.uid IS NOT NULL THEN json_build_object(
    'uid', place.uid, 'name', coalesce(place.label, place.ref), 'ref', place.ref) END
))::text FROM ({places}) place JOIN company c ON c.uid = place.company {where})"""

PATRIMONY_PLACE = (
    "SELECT p.uid, p.company, p.agencies, p.ref, p.label FROM patrimony p WHERE p.uid = {uid}"
)
AGENCY_PLACE = (
    "SELECT NULL::uuid AS uid, a.company, ARRAY[a.uid] AS agencies, NULL AS ref, NULL AS label"
    " FROM agency a WHERE a.uid = {uid} AND a.active"
)


_REFERENCE = (
    "'ref', CASE WHEN current_setting('transaction_read_only') = 'off' THEN"
    " ticket_reference_for(%(stream)s::uuid, coalesce(c.call_center, c.uid),"
    " extract(year FROM now() AT TIME ZONE 'UTC')::integer) END,"
)
"""SQL: the short reference of the ticket, in the series of the place's call centre. None for a dry
run on a replica, which gives no numbers."""


def location_sql(places: str, where: str = "", more: str = "") -> str:
    """SQL: the JSON of a Location for a place (`PATRIMONY_PLACE`, `AGENCY_PLACE`)."""
    return _LOCATION.format(places=places, where=where, more=more)


def providers_sql(uids: str, condition: str = "true") -> str:
    """SQL: a JSON object from provider uid to ShownProvider."""
    return f"""(SELECT json_object_agg(x.uid, x.shown)::text FROM (
  SELECT p.uid, json_build_object('name', p.name, 'phones', p.phones, 'fax', p.fax,
                                  'emails', p.emails) AS shown
  FROM provider_contact p WHERE p.uid = ANY({uids}) AND {condition}
  UNION ALL
  SELECT q.uid, json_build_object('name', q.name) FROM provider_company q
  WHERE q.uid = ANY({uids})
) x)"""


def contacts_sql(uids: str, condition: str = "true", accounts: str = "true") -> str:
    """SQL: a JSON object from caller uid to ShownContact."""
    return f"""(SELECT json_object_agg(x.uid, x.shown)::text FROM (
  SELECT t.uid, json_strip_nulls(json_build_object('name', t.name, 'account', t.account,
         'medium', t.document::json -> 'medium')) AS shown
  FROM patrimony_contact t WHERE t.uid = ANY({uids}) AND {condition}
  UNION ALL
  SELECT u.uid, json_strip_nulls(json_build_object(
         'name', concat_ws(' ', u.first_name, u.last_name), 'account', u.uid,
         'medium', CASE WHEN u.phone IS NOT NULL THEN
           json_build_object('mediumType', 'PHONE', 'identifier', u.phone) END))
  FROM account u WHERE u.uid = ANY({uids}) AND {accounts}) x)"""


class _OwnReference(msgspec.Struct, frozen=True):
    """What a command reads beside the location: the short reference of the ticket, if any."""

    ref: str | None = None


class References(msgspec.Struct, frozen=True):
    """The uids a command names, each with its path in the command."""

    location: tuple[str, LocationReference] | None = None
    provider: tuple[str, str] | None = None
    caller: tuple[str, str] | None = None
    operator: tuple[str, ReferencedOperator | ReferencedUser] | None = None


def references_of(command: c.AnyTicketCommand) -> References:
    """What the command refers to."""
    location: tuple[str, LocationReference] | None = None
    provider: tuple[str, str] | None = None
    caller: tuple[str, str] | None = None
    operator: tuple[str, ReferencedOperator | ReferencedUser] | None = None
    for path in ("locationRef", "locationReference"):
        where = getattr(command, path, None)
        if where is not None:
            kind = "agencyUid" if isinstance(where, AgencyLocation) else "patrimonyUid"
            location = (f"$.{path}.{kind}", where)
    for path in ("provider", "assignee", "recipient"):
        who = getattr(command, path, None)
        if isinstance(who, ProviderPersona):
            path, who = f"{path}.provider", who.provider
        uid = getattr(who, "providerUid", None)
        if uid is not None:
            provider = (f"$.{path}.providerUid", uid)
    infos = getattr(command, "ticket", None)
    called_by = infos.caller if infos is not None else getattr(command, "caller", None)
    if isinstance(called_by, ReferencedContactCaller):
        caller = ("$.ticket.caller.uid" if infos is not None else "$.caller.uid", called_by.uid)
    if isinstance(command.operator, ReferencedOperator):
        operator = ("$.operator.operatorUid", command.operator)
    elif isinstance(command.operator, ReferencedUser):
        operator = ("$.operator.userUid", command.operator)
    return References(location, provider, caller, operator)


TICKET = (
    "(SELECT ARRAY[t.number::text, d.parties, w.words::text] FROM ticket t"
    " JOIN ticket_document d USING (number) JOIN ticket_search w USING (number)"
    " WHERE t.uid = asked.stream)"
)
"""SQL, read with every ticket: its number, its parties, its words."""


def read_references(references: References, principal: Principal) -> Reading:
    """What the command refers to, within its sender's reach."""
    columns: list[str] = []
    params: dict[str, Any] = {}
    if references.location is not None:
        where = references.location[1]
        condition = reach(
            principal,
            Columns(
                company="place.company",
                call_center="c.call_center",
                holding="c.holding",
                agencies="place.agencies",
                patrimony="place.uid",
            ),
        )
        if isinstance(where, AgencyLocation):
            uid, places = where.agencyUid, AGENCY_PLACE
        else:
            uid, places = where.patrimonyUid, PATRIMONY_PLACE
        place = places.format(uid="%(place)s::uuid")
        columns.append(location_sql(place, f"WHERE {condition.sql}", _REFERENCE))
        params |= {"place": uid, **condition.params}
    if references.provider is not None:
        condition = reach(principal, Columns(company="p.company"))
        columns.append(providers_sql("ARRAY[%(provider)s::uuid]", condition.sql))
        params |= {"provider": references.provider[1], **condition.params}
    if references.caller is not None:
        contacts = reach(principal, OF_PATRIMONY_CONTACTS)
        accounts = _callers(principal)
        columns.append(contacts_sql("ARRAY[%(caller)s::uuid]", contacts.sql, accounts.sql))
        params |= {"caller": references.caller[1], **contacts.params, **accounts.params}
    if references.operator is not None:
        operator = references.operator[1]
        accounts = _named_operators(principal)
        uid = operator.userUid if isinstance(operator, ReferencedUser) else operator.operatorUid
        operator_sql = (
            "(SELECT EXISTS (SELECT FROM account u WHERE u.uid = %(operator)s::uuid"
            f" AND {accounts.sql})"
        )
        if isinstance(operator, ReferencedOperator):
            condition = _operators(principal)
            operator_sql += (
                " OR EXISTS (SELECT FROM operator o WHERE o.uid = %(operator)s::uuid"
                f" AND {condition.sql})"
            )
            params |= condition.params
        columns.append(operator_sql + ")")
        params |= {"operator": uid, **accounts.params}
    return Reading(tuple(columns), params)


def parties_after(
    references: References, columns_read: tuple[Any, ...], parties_before: Parties | None
) -> Parties:
    """The ticket's parties, those of the command included.

    `columns_read`: what `read_references` read; `parties_before`: the parties so far.
    Raises Rejection (TicketGenericError), naming the path of what is unknown or out of reach.
    """
    values = iter(columns_read)
    location = parties_before.location if parties_before else None
    ref = parties_before.ref if parties_before else None
    providers = dict(parties_before.providers) if parties_before else {}
    contacts = dict(parties_before.contacts) if parties_before else {}
    if references.location is not None:
        path, _ = references.location
        text = _require(next(values), path)
        location, ref = decode(Location, text), decode(_OwnReference, text).ref
    if references.provider is not None:
        path, _ = references.provider
        providers |= decode(dict[str, ShownProvider], _require(next(values), path))
    if references.caller is not None:
        path, _ = references.caller
        contacts |= decode(dict[str, ShownContact], _require(next(values), path))
    if references.operator is not None:
        path, _ = references.operator
        _require(next(values) or None, path)
    if location is None:
        raise ValueError("a ticket is always somewhere")
    return Parties(location, providers, contacts, ref)


def _require(value: Any, path: str) -> Any:
    if value is None:
        raise Rejection("TicketGenericError", f"Unknown or out of your reach - at `{path}`")
    return value


def _callers(principal: Principal) -> Condition:
    """The users that may be named as callers.

    The ticket shows their names and telephone numbers: those that the sender may read, itself,
    and for a call centre its colleagues.
    """
    visible = reached_users(principal)
    own = "u.uid = %(me)s::uuid"
    if principal.kind == "callCenterUser":
        own += " OR u.company = %(my_company)s::uuid"
    return _or(visible, own, principal)


def _named_operators(principal: Principal) -> Condition:
    """The users that may be named as operators, of whom a ticket shows nothing.

    Those of the companies within reach; a patrimony user names only itself.
    """
    if principal.kind == "patrimonyUser":
        return reached_users(principal)
    own = "u.uid = %(me)s::uuid OR u.company = %(my_company)s::uuid"
    return _or(reach(principal, Columns(company="u.company")), own, principal)


def _or(condition: Condition, own: str, principal: Principal) -> Condition:
    mine = {"me": principal.uid, "my_company": principal.company}
    return Condition(f"({condition.sql} OR {own})", {**condition.params, **mine})


def _operators(principal: Principal) -> Any:
    condition = reach(principal, Columns(company="o.call_center"))
    if principal.kind == "superUser":
        return condition
    mine = "SELECT coalesce(c.call_center, c.uid) FROM company c WHERE c.uid = %(my_company)s::uuid"
    return condition._replace(
        sql=f"o.call_center IN ({mine})", params={"my_company": principal.company}
    )
