"""The billing run, asked for by an integrator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.responses import Response

from gerance.kernel import clock
from gerance.kernel.db import Connection
from gerance.kernel.errors import Forbidden, Rejection
from gerance.kernel.http.body import decode_without_case, read_aside, read_body
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.kernel.locks import BILLING_RUN, session_lock_if_free
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.errors import error_response
from gerance.kernel.odata.writing.conditions import IdempotentRequest, StoredResponse
from gerance.kernel.wire import encode
from gerance.rentals.access.integrator import authenticate
from gerance.rentals.access.rights import access_of
from gerance.rentals.billing.entity import TENANT_SERVICE, TRANSACTION
from gerance.rentals.billing_run.period import parse_period
from gerance.rentals.billing_run.run import Order, run_billing
from gerance.rentals.billing_run.summary import Billed
from gerance.rentals.leasing.entity import (
    LEASE_PRICE_CHANGE,
    TENANT,
    TENANT_PARKING,
    TENANT_STORAGE,
)

MOST_SECONDS = 15.0
"""A request starts no further batch after this time, so that clients do not time out."""

_ENTITY_TYPES = (
    TENANT,
    LEASE_PRICE_CHANGE,
    TENANT_SERVICE,
    TENANT_PARKING,
    TENANT_STORAGE,
    TRANSACTION,
)


class BillingRequest(msgspec.Struct, rename="pascal"):
    """The month to bill, `2026-12`. `dry_run`: only return what would be billed; `after`: continue
    after the tenant with this Id (`Next` of an answer that is not complete)."""

    period: Annotated[str, Meta(max_length=20)]
    dry_run: bool = False
    after: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


async def run(call: Call) -> Response:
    """200 with what was billed. Raises Rejection: 403 without the rights, 409 `BillingUnderWay`."""
    integrator = await authenticate(call)
    settings = call.settings
    access = access_of(integrator, _ENTITY_TYPES, frozenset(settings.modules), frozenset())
    for entity in _ENTITY_TYPES:
        access.require(entity)
    if integrator.read_only:
        raise Forbidden("This key may only read.")
    body = await read_body(call.request, limit=settings.max_body_bytes)
    request = await read_aside(
        len(body), lambda: decode_without_case(BillingRequest, body, strict=True)
    )
    order = Order(
        period=parse_period(request.period),
        today=clock.today(settings.zone),
        dry_run=request.dry_run or call.dry_run,
        places=_places(access),
        actor=integrator.uid,
        after=request.after,
        most_seconds=MOST_SECONDS,
    )
    repeatable = None
    if not order.dry_run:
        identity = b"\n".join([call.request.url.path.lower().encode(), body])
        repeatable = IdempotentRequest.of(call.request.headers, integrator.uid, identity)
    long_answers: LongAnswers = call.request.app.state.long_answers
    async with (
        long_answers.connection(owner_of(call.request.scope)) as (connection, _),
        _alone(connection),
    ):
        first = repeatable and await _first_answer(connection, repeatable)
        if first:
            return Response(first.body, first.status, headers=first.headers)
        summary, position = await run_billing(connection, order)
        headers = {"Content-Type": "application/json"}
        if position is not None:
            headers["Gerance-Position"] = str(position)
        content = encode(summary)
        if repeatable:
            async with connection.transaction():
                await repeatable.take(connection)
                await repeatable.keep(connection, 200, headers, content)
    return Response(content, headers=headers)


async def _first_answer(
    connection: Connection, repeatable: IdempotentRequest
) -> StoredResponse | None:
    """What was answered when the key came first. It is taken only once a run has come to its end:
    one that was stopped is run again. Raises Rejection (422) when another request has it."""
    async with connection.transaction(force_rollback=True):
        return await repeatable.take(connection)


def _places(access: Access) -> tuple[dict[str, int], ...] | None:
    places = access.rows(TENANT)
    return None if places is None else tuple(dict(each) for each in places)


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[None]:
    """Within the block the connection makes the one run that requests may have going on."""
    async with session_lock_if_free(connection, BILLING_RUN) as free:
        if not free:
            raise Rejection(
                "BillingUnderWay",
                headers={"Retry-After": str(round(MOST_SECONDS))},
            )
        yield


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/Billing/Run",
        handler=run,
        summary="Bill a month",
        description=(
            "Applies the price changes that fall due and charges rent, services, rebates, parkings"
            " and storages of the month to every tenant that is one in it, as far as the key's"
            " places go. What was billed before is not billed again, so the same request may be"
            " sent any number of times; with the `Idempotency-Key` that it had, the first answer"
            f" comes. After {MOST_SECONDS:g} seconds it answers with what it has"
            " done: `Complete` is false and `Next` says after which tenant to go on (`After`)."
            " Needs the right to write, and to all sets that it reads and writes:"
            f" {', '.join(each.set_name for each in _ENTITY_TYPES)}."
        ),
        tag="Billing",
        body=BillingRequest,
        answers={200: Billed},
        rejections={
            403: "Without the right to write, or to one of the sets",
            409: "Another request is billing",
            422: "The Idempotency-Key came with another request before",
        },
        public=True,
        scheme="bearer",
        render=error_response,
        error_schema="ODataError",
    ),
)
