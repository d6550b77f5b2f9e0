"""The application: the contexts' endpoints, the documentation, and what surrounds every request."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from gerance import __version__, worker
from gerance.console.routes import console
from gerance.feeds import ENDPOINTS as FEEDS
from gerance.http_errors import answer_no_route, render_rejection
from gerance.incidents.routes import ENDPOINTS as INCIDENTS
from gerance.kernel import clock, metrics
from gerance.kernel.background import repeat
from gerance.kernel.db import Pool, given_up_at_the_end, open_pool
from gerance.kernel.http.compression import CompressionMiddleware
from gerance.kernel.http.documentation import documentation
from gerance.kernel.http.endpoint import Endpoint, routes, user_of
from gerance.kernel.http.health import health
from gerance.kernel.http.middleware import RequestMiddleware
from gerance.kernel.http.openapi import openapi
from gerance.kernel.http.part import Part
from gerance.kernel.identity.bearer import Bearers
from gerance.kernel.identity.sessions import SessionReader
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import RateLimits
from gerance.kernel.limits.shares import Shares
from gerance.kernel.log.eventlog import adopt_log
from gerance.kernel.log.writer import Writer, open_writer
from gerance.kernel.odata.describe.registration import describe
from gerance.kernel.odata.route import ODataRoute
from gerance.kernel.odata.versions import VersionReader
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.client import WebhookClient
from gerance.odata_service import MODEL, entity_sets
from gerance.partners.calls.access import partner_of
from gerance.partners.routes import ENDPOINTS as PARTNERS
from gerance.reference.document import complete
from gerance.reference.postman import VARIABLES, folders
from gerance.rentals.access.integrator import integrator_of
from gerance.rentals.access.routes import ENDPOINTS as TOKENS
from gerance.rentals.billing_run.routes import ENDPOINTS as BILLING
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.notifications.routes import ENDPOINTS as WEBHOOKS

POOL_FIGURES_SECONDS = 5.0
ENDPOINTS = (*INCIDENTS, *FEEDS, *TOKENS, *WEBHOOKS, *BILLING, *PARTNERS)
SESSIONS_AND_TOKENS = Part(
    introduction="""
The incident API takes commands under `/api/vEvent` and answers reads under `/api/v1`. Log in with
`POST /api/v1/login`: your browser, too, keeps the session for the requests that follow.

The partner API is under `/v1`. Here: **Authorize**, `partnerToken`, with `Token token="..."`. It
answers in French by default, and in English with `Accept-Language: en`.
"""
)
DESCRIPTIONS = describe(
    MODEL,
    title="Gerance",
    annotations=WRITE_ANNOTATIONS,
    folders=lambda: folders(api_document(clock.now().date())),
    variables=VARIABLES,
)
_OTHER_APIS = re.compile(r"/api/(v\d+|vevent|token|subscribe|unsubscribe|webhooks|billing)(/|$)")


def create_app(settings: Settings) -> Starlette:
    """The ASGI application over the migrated database of `settings.database_url`.

    It opens its connections when it starts and closes them when it stops. The background loops
    run inside it, unless `settings.jobs_inside` is false.
    """
    if settings.database_url is None:
        raise ValueError("the application needs a database_url")
    url = settings.database_url

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_pool(
                url,
                size=settings.pool_size,
                statement_timeout_ms=settings.statement_timeout_ms,
                shares=_shares(settings),
            ) as pool,
            # Long answers: their statements take as long as those who read them.
            open_pool(
                url,
                size=settings.pool_size // 2,
                statement_timeout_ms=0,
                silence_ms=settings.statement_timeout_ms,
            ) as streams,
        ):
            await adopt_log(pool)
            async with pool.brief() as connection:
                await clock.synchronise(connection)
            async with (
                open_writer(pool) as writer,
                worker.webhook_client(settings) as caller,
                _loops(pool, writer, caller, settings),
                given_up_at_the_end(pool, streams),
            ):
                app.state.pool, app.state.writer = pool, writer
                app.state.sessions = SessionReader(pool, idle=settings.session_idle_seconds)
                app.state.streams, app.state.caller = streams, caller
                app.state.long_answers = LongAnswers(
                    streams,
                    most_each=settings.long_answers_per_principal,
                    seconds=settings.long_answer_wait_seconds,
                )
                app.state.find_principal = (user_of, integrator_of, partner_of)
                app.state.versions, app.state.bearers = VersionReader(pool), Bearers(pool)
                yield

    service = entity_sets(settings)
    app = Starlette(
        routes=[
            ODataRoute(service),
            *health(),
            *documentation(lambda: api_document(clock.today(settings.zone))),
            *DESCRIPTIONS.routes,
            *routes(ENDPOINTS),
            *console(),
            ODataRoute(service, _OTHER_APIS),
        ],
        middleware=[
            Middleware(
                RequestMiddleware, render=render_rejection, hsts_seconds=settings.hsts_seconds
            ),
            Middleware(CompressionMiddleware),
        ],
        exception_handlers={HTTPException: answer_no_route},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.rates = RateLimits(settings.requests_per_second, settings.requests_burst)
    return app


def api_document(today: date) -> dict[str, Any]:
    """The OpenAPI document of all three APIs, with texts and with examples as of a day."""
    parts = [SESSIONS_AND_TOKENS, DESCRIPTIONS.openapi]
    return complete(openapi(ENDPOINTS, parts, version=__version__), today)


def endpoints() -> Sequence[Endpoint]:
    """Every endpoint of the application, for documentation and tests."""
    return ENDPOINTS


def _shares(settings: Settings) -> Shares:
    """Those of principals; what is left is for the writer, for log-ins, `/ready` and jobs."""
    most = settings.pool_size * 5 // 8
    each = min(settings.connections_per_principal, max(1, most // 2))
    return Shares(most=most, most_each=each)


@asynccontextmanager
async def _loops(
    pool: Pool, writer: Writer, caller: WebhookClient, settings: Settings
) -> AsyncIterator[None]:
    """What runs as long as the application does."""
    inside = worker.run_loops(pool, writer, caller, settings) if settings.jobs_inside else None
    loops = [
        asyncio.ensure_future(each)
        for each in (_watch(pool), inside or clock.keep_synchronised(pool))
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        # All of them, and to their end: they undo what they were at on connections of the pool.
        await asyncio.gather(*loops, return_exceptions=True)


async def _watch(pool: Pool) -> None:
    """Record the figures of the pool, until cancelled."""

    async def turn() -> None:
        metrics.record_pool(pool.get_stats())

    await repeat(turn, seconds=POOL_FIGURES_SECONDS, failure="figures of the pool not recorded")
