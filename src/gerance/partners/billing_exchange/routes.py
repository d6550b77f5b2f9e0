"""Billing files over HTTP: the same bytes as in the partner's folder, to that partner alone."""

from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.responses import Response

from gerance.kernel.errors import reject
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.http.stream_response import StreamedResponse
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.partners.billing_exchange.billing import (
    BillingFile,
    billing_files,
    content,
    named_file,
)
from gerance.partners.billing_exchange.delivery import CHECKSUM
from gerance.partners.calls.endpoint import partner_endpoint

_AMOUNTS_AS_NUMBERS = msgspec.json.Encoder(decimal_format="number")


class BillingFileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A billing file. Amounts in euros, JSON numbers with two decimals; `position`: the last event
    of the log that it knows."""

    name: str
    period: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")]
    lines: int
    size: int
    sha256: str
    amount_excl_tax: float
    amount_incl_tax: float
    position: int
    created: datetime


class BillingFilesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The partner's billing files, the newest month first."""

    response: int
    text: str
    files: list[BillingFileEntry]


async def list_files(call: Call, partner: str) -> Response:
    """200 with all of them: one a month."""
    async with call.pool.connection() as connection:
        files = await billing_files(connection, partner)
    answer = BillingFilesAnswer(response=0, text="OK", files=[_entry(file) for file in files])
    return Response(_AMOUNTS_AS_NUMBERS.encode(answer), media_type="application/json")


async def get_file(call: Call, partner: str) -> Response:
    """200 with the bytes, 304 for who has them; 404 for a name that is not one of the partner's."""
    name = call.request.path_params["name"]
    async with call.pool.connection() as connection:
        file = await named_file(connection, partner, name.removesuffix(CHECKSUM))
    if file is None:
        raise reject("UnknownBillingFile", "name", name=name[:200])
    if name.endswith(CHECKSUM):
        return Response(file.checksum, media_type="text/plain")
    headers = {
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "X-Content-Type-Options": "nosniff",
        "Gerance-Position": str(file.position),
    }
    if headers["ETag"] in call.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    long_answers: LongAnswers = call.request.app.state.long_answers
    async with AsyncExitStack() as stack:
        connection, place = await stack.enter_async_context(
            long_answers.connection(owner_of(call.request.scope))
        )
        return StreamedResponse(
            content(connection, file),
            headers={**headers, "Content-Length": str(file.size)},
            media_type="text/csv; charset=utf-8",
            resources=stack.pop_all(),
            place=place,
        )


def _entry(file: BillingFile) -> BillingFileEntry:
    return BillingFileEntry(
        **{name: getattr(file, name) for name in BillingFileEntry.__struct_fields__}
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    partner_endpoint(
        method="GET",
        path="/v1/billing-files",
        handler=list_files,
        summary="List the billing files",
        description="One for each month that was billed, the newest first.",
        answers={200: BillingFilesAnswer},
    ),
    partner_endpoint(
        method="GET",
        path="/v1/billing-files/{name}",
        handler=get_file,
        summary="Get a billing file",
        description=(
            "The CSV file that is in /outbox of the SFTP server too, byte for byte; with `.sha256`"
            " behind its name, its checksum as `sha256sum -c` reads it (text/plain). With the"
            " `If-None-Match` of an ETag: 304."
        ),
        answers={200: str, 304: None},
        media="text/csv",
        also=("text/plain",),
    ),
)
