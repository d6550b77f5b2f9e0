"""What an application keeps for its requests is its own."""

from starlette.applications import Starlette
from starlette.requests import Request

from gerance.incidents.sessions import ENDPOINTS
from gerance.incidents.tickets.counts import TallyCache
from gerance.kernel.http.endpoint import Call


def asked_of(app: Starlette) -> Call:
    app.state.pool = app.state.writer = app.state.settings = None
    return Call(Request({"type": "http", "app": app}), ENDPOINTS[0], None)


def test_requests_of_one_application_find_the_same_instance() -> None:
    app = Starlette()
    assert asked_of(app).instance(TallyCache) is asked_of(app).instance(TallyCache)


def test_two_applications_in_one_process_share_nothing() -> None:
    one, other = asked_of(Starlette()), asked_of(Starlette())
    assert one.instance(TallyCache) is not other.instance(TallyCache)
