"""Help and policy: told from the declarations, to each department what concerns it."""

import re

import pytest
from support.matrix import DEPARTMENTS
from support.people import People
from support.world import ONE_OF

from epicshell import policy
from epicshell.command import Command, load
from epicshell.commands.importing.nouns import Clients, Contracts, Employees, Events
from epicshell.commands.importing.plan import Plan
from epicshell.policy import MATRIX, Permission
from epicshell.results import FileFormat

COMMANDS = load()
HIDDEN = {
    department: sorted(name for name, one in COMMANDS.items() if one.needs and department not in MATRIX[one.needs])
    for department in DEPARTMENTS
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_every_argument_has_a_meaning(command: Command) -> None:
    assert command.summary.endswith(".")
    for parameter in command.parameters:
        assert parameter.meaning, parameter.label
        assert parameter.switch or parameter.param.accepts, parameter.label
    documented = set(command.doc[2])
    assert documented <= {parameter.name for parameter in command.parameters}, "a meaning of no argument"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_usage_line_names_required_arguments_bare(command: Command) -> None:
    for parameter in command.parameters:
        assert parameter.usage.startswith("[") is not parameter.required
    positional = r"\[?[A-Z-]+( = [A-Z]+| …)?\]?(\|--where EXPRESSION)?"
    clause = r"\[where EXPRESSION\]"
    flag = r"\[?--[a-z-]+( [A-Z=-]+)?\]?"
    assert re.fullmatch(rf"[a-z-]+( [a-z-]+)?( ({flag}|{positional}|{clause}))*", command.usage)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_help_shows_what_one_can_run(everyone: People, department: str) -> None:
    out = everyone[ONE_OF[department]]("help").out
    shown = {line.split("  ")[0] for line in out.splitlines()[:-2]}
    assert shown == set(COMMANDS) - set(HIDDEN[department])


def named(department: str, hint: str) -> list[str]:
    """The commands that a department can never run and a hint names: `restore` is not named by `clients restore`."""
    for allowed in set(COMMANDS) - set(HIDDEN[department]):
        hint = hint.replace(allowed, "") if " " in allowed else hint
    hint = re.sub(r"Accepted: .*", "", hint)  # the verbs of a noun
    return [other for other in HIDDEN[department] if re.search(rf"\b{other}\b", hint)]


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_help_on_what_one_can_never_run_is_help_on_nothing(everyone: People, department: str) -> None:
    actor = everyone[ONE_OF[department]]
    for name in HIDDEN[department]:
        result = actor(f"help {name}")
        assert (result.code, result.out) == (2, "")
        hint = result.err.removeprefix(f'There is no help on "{name}".')
        assert named(department, hint) == []


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_hints_never_name_what_one_can_never_run(everyone: People, department: str) -> None:
    actor = everyone[ONE_OF[department]]
    for name in HIDDEN[department]:
        noun, _, verb = name.partition(" ")
        for typo in (
            f"{noun[:-1]}q {verb}",
            noun[:-1],
            *([f"{noun} {verb}x", f"policy {noun} {verb}x"] if verb and noun not in COMMANDS else []),
        ):
            result = actor(typo)
            hint = result.err.rpartition("command.")[2]
            assert result.code == 2
            assert named(department, hint) == [], f"{typo}: {hint}"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_page_tells_usage_arguments_and_who_may(everyone: People, command: Command) -> None:
    department = next(iter(MATRIX[command.needs])) if command.needs else "sales"
    out = everyone[ONE_OF[department]](f"help {command.name}").out
    assert out.startswith(command.summary)
    command = command.told_to(department)
    assert f"\nUsage: {command.usage}\n" in out
    for parameter in command.parameters:
        assert f"  {parameter.usage} " in out
    if command.needs:
        assert f"Needs the right {command.needs}: " in out


def test_help_on_a_noun_lists_its_commands(everyone: People) -> None:
    out = everyone["kate.hastroff"]("help events").out
    assert [line.split("  ")[0] for line in out.splitlines()[:-2]] == [
        "events list", "events filter", "events show", "events update",
    ]  # fmt: skip


def test_help_without_a_session_shows_how_to_get_one(everyone: People) -> None:
    out = everyone[""]("help").out
    assert [line.split(" ")[0] for line in out.splitlines()[:-2]] == ["login", "logout", "exit", "views", "let", "help"]


def test_help_on_nonsense_hints(everyone: People) -> None:
    assert everyone["bill.boquet"]("help client creat").err == (
        'There is no help on "client creat". Did you mean clients create?'
    )


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_policy_prints_the_matrix_and_ones_own_rights(everyone: People, department: str) -> None:
    rows = everyone[ONE_OF[department]].json("policy")
    assert [row["right"] for row in rows] == [str(right) for right in MATRIX]
    for row in rows:
        cells = MATRIX[Permission(row["right"])]
        for column in DEPARTMENTS:
            assert row[column] == (cells[column].wide if column in cells else "–")
        assert row["yours"] == row[department]


def test_policy_of_a_command_is_its_right(everyone: People) -> None:
    bill = everyone["bill.boquet"]
    assert [row["right"] for row in bill.json("policy contracts sign")] == ["contracts:sign"]
    assert [row["right"] for row in bill.json('policy "contracts  sign"')] == ["contracts:sign"]
    assert bill("policy contracts sing").err == '"contracts sing" is not a command. Did you mean contracts sign?'
    assert len(bill.json('policy " "')) == len(MATRIX)
    assert bill("policy login").out.startswith("Read mode: company.")


def test_policy_tells_the_read_mode(people: People) -> None:
    assert people("ada.admin")("settings set read_mode need-to-know").code == 0
    bill = people("bill.boquet")
    result = bill("policy")
    assert "Read mode: need-to-know. The database enforces the same rights again." in result.out
    row = next(row for row in bill.json("policy") if row["right"] == "clients:read")
    assert (row["sales"], row["support"], row["management"]) == ("own", "of events assigned to them", "all")


def test_holders_are_told_with_their_cells(everyone: People) -> None:
    actor = everyone["bill.boquet"].account.actor
    assert policy.holders(actor, Permission.EVENT_UPDATE) == "management (all), support (assigned to them)"


def test_help_tells_what_files_are_for_and_that_none_runs_formulas(everyone: People) -> None:
    shown = everyone["kate.hastroff"]("help export").out
    assert all(f".{format} " in shown for format in FileFormat)
    assert "semicolon" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("plan", [Clients, Contracts, Events, Employees])
def test_help_tells_what_files_bring_in(everyone: People, plan: type[Plan]) -> None:
    shown = everyone["bill.boquet"]("help import").out
    assert f"\n  {plan.noun:<10} {' '.join(plan.parameters())}\n" in shown
    assert max(map(len, shown.splitlines())) <= 80
