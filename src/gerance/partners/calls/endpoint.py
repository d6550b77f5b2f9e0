"""Endpoints of the partner API: encrypted, authenticated, in the language of the request."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from gerance.kernel.errors import Rejection
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.partners.calls.access import calling_partner, require_private
from gerance.partners.calls.body import BODIES
from gerance.partners.calls.envelope import OlderAnswer, RejectedAnswer, rejection
from gerance.partners.calls.execute import language_of_call
from gerance.partners.wording import worded

Handler = Callable[[Call, str], Awaitable[Response]]
"""Answers a request of the partner with this code."""

SCHEME = "partnerToken"


def partner_endpoint(
    *, handler: Handler, render: Callable[[Rejection], Response] = rejection, **more: Any
) -> Endpoint:
    """An endpoint that authenticates the partner, then calls `handler`."""

    async def handle(call: Call) -> Response:
        language = language_of_call(call)
        # Internal errors are answered in that language, too.
        call.request.scope["render"] = lambda error: render(worded(error, language))
        try:
            require_private(call)
            partner = await calling_partner(call)
            await call.reach_position()
            return await handler(call, partner)
        except Rejection as error:
            raise worded(error, language) from error

    return Endpoint(
        handler=handle,
        render=render,
        error_type=RejectedAnswer if render is rejection else OlderAnswer,
        bodies=BODIES,
        rejections={
            403: "Plain HTTP, or another partner's code",
            404: "No such client",
            409: "Not possible in the current state of the client",
        },
        public=True,
        scheme=SCHEME,
        tag=more.pop("tag", "Partners"),
        **more,
    )
