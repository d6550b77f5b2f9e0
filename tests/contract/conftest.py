"""The world of the incident tests, and the stage on which the contract is played."""

import pytest
from tests.contract.stage import Stage
from tests.incidents.conftest import World, world

__all__ = ["world"]


@pytest.fixture(scope="module")
def stage(world: World) -> Stage:
    return Stage(world)
