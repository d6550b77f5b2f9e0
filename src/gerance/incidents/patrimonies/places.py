"""Finding patrimonies by where they are: by the addresses of their lots, and their own."""

import math

from gerance.incidents.rights import Condition
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.endpoint import Call

_EARTH_METRES = 6_371_000
_BOUNDS = (("latitude", 90.0), ("longitude", 180.0), ("distance", math.inf))

_HAS_ADDRESS = (
    "EXISTS (SELECT FROM (SELECT json_array_elements(p.addresses::json) AS address UNION ALL"
    " SELECT json_array_elements(l.addresses::json) FROM lot l WHERE l.patrimony = p.uid) places"
    " WHERE {0})"
)
_IS_PLACE = "address #>> '{checker,googlePlaceId}' = %(place)s"
_IS_NEAR = (
    f"{_EARTH_METRES} * 2 * asin(least(1, sqrt("
    "sind((({lat}) - %(latitude)s) / 2) ^ 2"
    " + cosd(%(latitude)s) * cosd({lat}) * sind((({lng}) - %(longitude)s) / 2) ^ 2)))"
    " <= %(distance)s"
).format(
    lat="(address #>> '{geoLocation,lat}')::float8", lng="(address #>> '{geoLocation,lng}')::float8"
)


def address_conditions(call: Call) -> list[Condition]:
    """The conditions of `placeid` and `geolocation`. Raises BadRequest for a malformed one."""
    conditions = []
    if (place := call.parameter("placeid")) is not None:
        conditions.append(Condition(_HAS_ADDRESS.format(_IS_PLACE), {"place": place}))
    if (text := call.parameter("geolocation")) is not None:
        conditions.append(Condition(_HAS_ADDRESS.format(_IS_NEAR), _circle(text)))
    return conditions


def _circle(text: str) -> dict[str, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
        circle = dict(zip(("latitude", "longitude", "distance"), numbers, strict=True))
    except ValueError:
        circle = {}
    inside = all(abs(circle.get(name, math.nan)) <= most for name, most in _BOUNDS)
    if not inside or circle["distance"] < 0 or math.isinf(circle["distance"]):
        raise BadRequest(
            "geolocation: expected latitude,longitude,metres like 48.858398,2.294524,150,"
            f" got {text[:60]!r}."
        )
    return circle
