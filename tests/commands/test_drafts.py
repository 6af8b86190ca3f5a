"""Rows that lines of a script make together: as if each line had made its own."""

import json
import re
from typing import Any

import pytest
from support.people import Person
from support.world import World

from epicshell.commands.drafts import MOST

TOMORROW = "--starts-at 'tomorrow 10:00' --ends-at 'tomorrow 12:00'"
BACKWARDS = "--starts-at 'tomorrow 12:00' --ends-at 'tomorrow 10:00'"


def client(number: int) -> str:
    return f'clients create --full-name "N {number}" --email n{number}@x.example --phone 12345 --company C'


def event(name: str, when: str = TOMORROW) -> str:
    return f"events create --contract 201 --name {name} --location Paris {when}"


def records(out: str) -> list[Any]:
    """The objects that lines wrote one after the other."""
    between = re.sub(r"}\s*{", "},{", out)
    return json.loads(f"[{between}]")


def test_each_line_shows_its_own_record(world: World, bill: Person) -> None:
    lines = [f"{client(number)} --format json" for number in range(7)]
    shown = records(bill.script(lines, atomic=True).out)
    assert [record["full_name"] for record in shown] == [f"N {number}" for number in range(7)]
    assert [record["sales"] for record in shown] == ["bill.boquet"] * 7
    ids = [record["id"] for record in shown]
    assert world.rows("SELECT id FROM crm.clients WHERE full_name LIKE 'N %%' ORDER BY id") == [(one,) for one in ids]


def test_audit_has_each_row(world: World, bill: Person) -> None:
    bill.script([client(number) for number in range(5)], atomic=True)
    made = world.ask("SELECT count(*) FROM sec.audit WHERE noun = 'clients' AND action = 'create' AND employee_id = 5")
    assert made == (5,)


@pytest.mark.parametrize("number", [MOST - 1, MOST, MOST + 1, 2 * MOST])
def test_any_number_of_lines_is_made(world: World, bill: Person, number: int) -> None:
    result = bill.script([client(one) for one in range(number)], atomic=True)
    assert result.code == 0, result.err
    assert world.ask("SELECT count(*) FROM crm.clients WHERE full_name LIKE 'N %%'") == (number,)


def test_lines_take_few_statements(bill: Person) -> None:
    bill("whoami")
    statements: list[str] = []
    bill.account.database.query_hooks.append(lambda event: statements.append(event.sql))
    bill.script([client(number) for number in range(MOST)], atomic=True)
    assert len(statements) < 10


def test_line_that_the_database_refuses_is_named_and_nothing_is_done(world: World, bill: Person) -> None:
    lines = [event("Good"), event("Fine"), event("Wrong", BACKWARDS), event("Late")]
    result = bill.script(lines, name="events.epic", atomic=True)
    assert result.code == 1
    assert result.err.startswith("events.epic:3: An event must end after it starts.")
    assert world.ask("SELECT count(*) FROM crm.events WHERE name IN ('Good', 'Fine', 'Late')") == (0,)


def test_earlier_error_is_told_even_if_it_shows_later(bill: Person) -> None:
    lines = [event("Good"), event("Wrong", BACKWARDS), "events create --contract nonsense"]
    assert bill.script(lines, atomic=True).err.startswith("script:2: An event must end")


@pytest.mark.parametrize("wrong", ["events create --contract x", "nonsense", '"open', "clients show 99999"])
def test_error_after_good_lines_is_told_of_its_own_line(world: World, bill: Person, wrong: str) -> None:
    result = bill.script([event("Good"), event("Fine"), wrong, event("Late")], atomic=True)
    assert result.code in (1, 2)
    assert result.err.startswith("script:3: ")
    assert world.ask("SELECT count(*) FROM crm.events WHERE name = 'Good'") == (0,)


def test_other_commands_see_what_the_lines_before_made(bill: Person) -> None:
    lines = [client(1), client(2), "clients list --mine --format tsv --columns full_name", client(3)]
    out = bill.script(lines, atomic=True).out
    assert out.index("N 1") < out.index("full_name\nN 2\nN 1\n") < out.index("N 3")


def test_dry_run_shows_and_takes_back(world: World, bill: Person) -> None:
    result = bill.script([f"{client(1)} --format json", f"{client(2)} --format json"], dry_run=True)
    assert [record["full_name"] for record in records(result.out)] == ["N 1", "N 2"]
    assert world.ask("SELECT count(*) FROM crm.clients WHERE full_name LIKE 'N %%'") == (0,)


def test_with_keep_going_each_line_fails_alone(bill: Person) -> None:
    lines = [event("Good"), event("Wrong", BACKWARDS), event("Late")]
    result = bill.script(lines, atomic=True, keep_going=True)
    assert result.code == 1
    assert "script:2: " in result.err
    assert "script:3: " not in result.err


def test_warnings_of_each_line_are_told(bill: Person) -> None:
    result = bill.script([client(1).replace("12345", "+33123"), client(2).replace("12345", "+33999")], atomic=True)
    assert result.err.count("can't be dialled") == 2


def test_after_a_failed_script_nothing_is_left_over(world: World, bill: Person) -> None:
    bill.script([client(1), "nonsense"], atomic=True)
    assert bill.script([client(2)], atomic=True).code == 0
    assert bill(client(3)).code == 0
    assert world.rows("SELECT full_name FROM crm.clients WHERE full_name LIKE 'N %%' ORDER BY id") == [
        ("N 2",),
        ("N 3",),
    ]
