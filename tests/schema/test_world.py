"""The fixtures themselves: what other tests build on."""

from pathlib import Path

import pytest
from support.world import DEPARTMENT, PASSWORD, World

from epicshell.database import Target
from epicshell.session import Saved, attach
from epicshell.session.login import Gate
from epicshell.telemetry import Secret


@pytest.mark.parametrize("username", [name for name in DEPARTMENT if name != "gil.gone"])
def test_everyone_of_the_world_connects_as_themselves(shared_world: World, username: str) -> None:
    with shared_world.connect(username).cursor() as cursor:
        cursor.execute("SELECT username FROM crm.employees WHERE id = api.me()")
        assert cursor.fetchone() == (username,)


def test_each_world_is_its_own(world: World, shared_world: World) -> None:
    world.run("DELETE FROM crm.payments")
    assert world.ask("SELECT count(*) FROM crm.payments") == (0,)
    assert shared_world.ask("SELECT count(*) FROM crm.payments") == (5,)


def test_peewee_reaches_the_world(world: World) -> None:
    assert world.database("kate.hastroff").one("SELECT api.me()") == world.ids.kate


def test_saved_session_is_resumed_through_the_url(world: World, tmp_path: Path) -> None:
    world.save_session("eve.martin", tmp_path)
    target = Target.from_url(world.url)
    session = Saved(tmp_path / "state", target.identity).load()
    assert session
    opened = target.connect("epic_sales_login")
    assert attach(opened, session).username == "eve.martin"
    opened.close()


def test_password_of_the_world_logs_in(world: World) -> None:
    world.set_password("bill.boquet")
    session = Gate(world.target).login("bill.boquet", Secret(PASSWORD), "tests")
    assert session.employee_id == world.ids.bill


def test_new_records_have_ids_beyond_those_of_the_world(world: World) -> None:
    with world.connect("mia.manager").cursor() as cursor:
        cursor.execute("INSERT INTO contracts (client_id, total) VALUES (101, 100) RETURNING id, sales_id, due")
        assert cursor.fetchone() == (220, world.ids.bill, 100)
