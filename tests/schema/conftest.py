"""Races: statements that run beside the test."""

from collections.abc import Iterator

import pytest
from support.race import Race
from support.world import World


@pytest.fixture
def race(world: World) -> Iterator[Race]:
    race = Race(world)
    yield race
    world.release()  # what still waits for a lock is cut off
    race.close()
