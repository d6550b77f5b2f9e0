"""The world of the incident tests, for what goes wrong in it."""

from tests.incidents.conftest import world

__all__ = ["world"]
