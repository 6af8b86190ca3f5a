"""Events of one support person that overlap warn when they come about; they are not refused."""

import pytest
from support.people import People
from support.world import World

NIGHT = ("2031-11-22 18:00+01", "2031-11-23 02:00+01")
DAY = ("2031-11-22 14:00+01", "2031-11-22 18:00+01")


def move(world: World, event: int, times: tuple[str, str], support: int | None = None) -> None:
    world.run(
        "UPDATE crm.events SET starts_at = %s, ends_at = %s, support_id = %s WHERE id = %s", *times, support, event
    )


def test_other_event_of_the_same_time_is_told_with_its_time(people: People, world: World) -> None:
    move(world, 302, DAY, 7)
    move(world, 304, ("2031-11-22 17:59+01", "2031-11-23 02:00+01"))
    result = people("mia.manager")("events assign 304 kate.hastroff --format json")
    assert (result.code, result.json["support"]) == (0, "kate.hastroff")
    assert result.err == "Kate Hastroff also runs event 302 (Casey Summer Ball), 2031-11-22 14:00–18:00."


def test_event_over_midnight_is_told_with_both_days(people: People, world: World) -> None:
    move(world, 302, NIGHT, 7)
    move(world, 304, ("2031-11-22 23:00+01", "2031-11-22 23:30+01"))
    result = people("mia.manager")("events assign 304 kate.hastroff")
    assert result.err == "Kate Hastroff also runs event 302 (Casey Summer Ball), 2031-11-22 18:00 – 2031-11-23 02:00."


def test_events_that_touch_do_not_overlap(people: People, world: World) -> None:
    move(world, 302, DAY, 7)
    move(world, 304, NIGHT)
    result = people("mia.manager")("events assign 304 kate.hastroff")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("state", ["deleted_at = now()", "support_id = 8", "support_id = NULL"])
def test_only_live_events_of_the_same_person_count(people: People, world: World, state: str) -> None:
    move(world, 302, DAY, 7)
    move(world, 304, DAY)
    world.run(f"UPDATE crm.events SET {state} WHERE id = 302")
    assert people("mia.manager")("events assign 304 kate.hastroff").err == ""


def test_what_is_over_is_not_told(people: People, world: World) -> None:
    past = ("2020-01-01 10:00+01", "2020-01-01 12:00+01")
    move(world, 302, past, 7)
    move(world, 304, past)
    assert people("mia.manager")("events assign 304 kate.hastroff").err == ""
    long = ("2020-01-01 10:00+01", "2031-01-01 10:00+01")  # it goes on, but that event of its beginning is over
    move(world, 304, long)
    move(world, 308, past, 7)
    assert "event 302 " not in people("mia.manager")("events assign 304 kate.hastroff").err


def test_move_of_an_assigned_event_warns_too_and_other_changes_do_not(people: People, world: World) -> None:
    move(world, 302, DAY, 7)
    move(world, 308, NIGHT, 7)
    kate = people("kate.hastroff")
    moved = kate('events update 302 --ends-at "2031-11-22 19:00"')
    assert moved.code == 0
    assert moved.err == "Kate Hastroff also runs event 308 (Bouzin Running), 2031-11-22 18:00 – 2031-11-23 02:00."
    assert kate("events update 302 --location Nice").err == ""


def test_only_what_the_actor_may_read_is_told(people: People, world: World) -> None:
    move(world, 302, DAY, 7)
    move(world, 303, DAY, 7)
    world.read_mode("need-to-know")
    told = people("kate.hastroff")('events update 302 --ends-at "2031-11-22 17:00"').err
    assert "event 303 (Bouzin Assembly)" in told  # hers, so she reads it


def test_dry_run_warns_as_well(people: People, world: World) -> None:
    move(world, 302, DAY, 7)
    move(world, 304, DAY)
    result = people("mia.manager").script("events assign 304 kate.hastroff", dry_run=True)
    assert "Kate Hastroff also runs event 302" in result.err
    assert world.ask("SELECT support_id FROM crm.events WHERE id = 304") == (None,)
