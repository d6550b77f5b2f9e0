"""Shapes of the kernel as the rental API writes them: names begin with a capital letter."""

from functools import cache
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from gerance.kernel.wire import encode


def in_pascal(kind: Any, **inner: Any) -> Any:
    """The type with such names, for the documentation. `inner`: types of fields of its own."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return kind
    declared = [_field(each, inner.get(each.name, each.type)) for each in fields(kind)]
    return _made(kind, tuple(declared))


def encode_pascal(value: Any) -> bytes:
    """JSON with such names."""
    return encode(_renamed(msgspec.json.decode(encode(value))))


@cache
def _made(kind: type[msgspec.Struct], declared: tuple[Any, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        f"Webhook{kind.__name__}",
        declared,
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
