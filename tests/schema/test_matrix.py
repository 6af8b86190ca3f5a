"""The matrix of rights, as each department's own connection meets it in raw SQL (support/matrix.py)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.matrix import ACTIONS, DEPARTMENTS, MODES, SELF, Action
from support.server import Server
from support.statements import effect
from support.world import ONE_OF, opened

if TYPE_CHECKING:
    from psycopg2.extensions import connection

CELLS = [
    pytest.param(action, department, whose, id=f"{action.name}-{department}-{whose}".replace(" ", "_"))
    for action in ACTIONS
    for department in DEPARTMENTS
    for whose in action.targets
]


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def actors(server: Server, mode: str) -> Iterator[dict[str, tuple["connection", int]]]:
    """By department: a connection with its actor's session, and the actor's id."""
    with opened(server) as world:
        world.read_mode(mode)
        sessions = {department: world.login(username) for department, username in ONE_OF.items()}
        yield {
            department: (world.connect(session.username, session), session.employee_id)
            for department, session in sessions.items()
        }


@pytest.mark.parametrize(("action", "department", "whose"), CELLS)
def test_right_holds_in_the_database(
    actors: dict[str, tuple["connection", int]], mode: str, action: Action, department: str, whose: str
) -> None:
    actor, me = actors[department]
    target = action.targets[whose]
    sql = action.sql.replace("%(id)s", str(me if target == SELF else target))
    assert effect(actor, sql) is action.works(mode, department, whose)
