"""People who type commands, in a world of the test's own."""

import pytest
from support.people import People, Person


@pytest.fixture
def bill(people: People) -> Person:
    """Of sales."""
    return people("bill.boquet")


@pytest.fixture
def mia(people: People) -> Person:
    """Of management."""
    return people("mia.manager")
