"""Shapes of the kernel as the rental API writes them: names in Pascal case."""

from functools import cache
from typing import Any, Self

import msgspec
from msgspec.structs import FieldInfo, fields

from gerance.kernel.webhooks.shapes import EndpointView
from gerance.kernel.wire import DateTime, encode


class WebhookAddress(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An endpoint with its entities and the state of its deliveries. No secret is shown.

    `headers`: the names of its own headers; `rate`: calls a second at most, null for no limit;
    `state`: active, paused (its events are collected) or off (they are not); `reason`: why it is
    off: failing (no delivery succeeded for five days), gone (it answered 410), operator (by the
    operator of this server); `healthy`: it is not off, and the last delivery succeeded;
    `failing_since`: no delivery has succeeded since then; `waiting`: the number of pending changes;
    `failing`: how many of them failed and will be retried; `dead`: how many are given up until they
    are replayed.
    """

    uid: str
    url: str
    headers: tuple[str, ...]
    entities: tuple[str, ...]
    rate: float | None
    state: str
    reason: str | None
    healthy: bool
    failing_since: DateTime | None
    created: DateTime
    waiting: int
    failing: int
    dead: int

    @classmethod
    def of(cls, endpoint: EndpointView) -> Self:
        """The view of an endpoint of the rentals."""
        own = set(cls.__struct_fields__) - {"entities"}
        values: dict[str, Any] = {name: getattr(endpoint, name) for name in own}
        return cls(entities=tuple(endpoint.subscriptions), **values)


def in_pascal(kind: Any, **inner: Any) -> Any:
    """The type with names in Pascal case, for documentation. `inner`: fields with other types."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return kind
    field_specs = [_field(each, inner.get(each.name, each.type)) for each in fields(kind)]
    return _define(kind, tuple(field_specs))


def encode_pascal(value: Any) -> bytes:
    """JSON with names in Pascal case."""
    return encode(_renamed(msgspec.json.decode(encode(value))))


@cache
def _define(kind: type[msgspec.Struct], field_specs: tuple[Any, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        f"Webhook{kind.__name__}",
        field_specs,
        namespace={"__doc__": kind.__doc__},
        rename="pascal",
        kw_only=True,
    )


def _field(info: FieldInfo, kind: Any) -> tuple[Any, ...]:
    return (info.name, kind) if info.required else (info.name, kind, info.default)


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _renamed(each) for name, each in value.items()}
    return [_renamed(each) for each in value] if isinstance(value, list) else value
