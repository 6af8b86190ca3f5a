"""Examining a script tells what would stop it, without the database and without running anything."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from epicshell.command import visible
from epicshell.commands.examine import TOLD, examined
from epicshell.session import Actor

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
KATE = Actor(2, "kate.hastroff", "Kate Hastroff", "kate@epic.example", "support", 1, NEVER, {"read_mode": "company"})


def flaws(*lines: str, actor: Actor | None = KATE) -> list[tuple[int, str]]:
    return [(flaw.line, flaw.sentence) for flaw in examined(lines, actor, visible(actor)).flaws]


def test_commands_are_counted_by_noun_and_comments_and_empty_lines_are_not() -> None:
    found = examined(["events list", "# a comment", "", "Events SHOW 1", "whoami", "dance"], KATE, visible(KATE))
    assert (found.commands, found.flawed) == (4, 1)
    assert found.nouns == {"events": 2, "whoami": 1}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("dance", '"dance" is not a command. Try: help'),
        ("events shw 1", '"events shw" is not a command. Did you mean events show?'),
        ("events show", "events show needs ID. Usage: events show ID [--format FORMAT]"),
        ("events show 1 2", '"2" is one word too many for events show.'),
        ("events list --minee", 'events list has no flag "--minee". Did you mean --mine?'),
        ("clients create --full-name X", "You are logged in as support, which has no right clients:create."),
        ("events list --past --upcoming", "--upcoming and --past exclude each other."),
        ('events show "1', 'The quotation that begins in column 13 does not end. Close it with "'),
        ('whoami "a"b', "The quotation that begins in column 8 goes on after its end."),
    ],
)
def test_a_line_that_can_not_run_is_told_with_its_number(line: str, sentence: str) -> None:
    ((number, told),) = flaws("whoami", "", line)
    assert number == 3
    assert told.startswith(sentence)


def test_the_gate_comes_before_what_a_command_takes() -> None:
    ((_, told),) = flaws("clients create --dance")
    assert "no right clients:create" in told


def test_without_an_actor_rights_are_not_judged() -> None:
    assert flaws("employees unlock kate.hastroff", actor=None) == []


def test_a_command_over_several_lines_has_the_number_of_its_first() -> None:
    assert [number for number, _ in flaws("whoami", "events \\", "  dance", 'events show "x', 'y" z')] == [2, 4]


def test_a_command_within_another_is_examined_too() -> None:
    assert flaws("let a = events shw 1") == [(1, '"events shw" is not a command. Did you mean events show?')]
    assert flaws("let a = clients delete 1 --yes")[0][1].startswith("You are logged in as support")


def test_what_deletes_deactivates_or_voids_is_pointed_out() -> None:
    mia = replace(KATE, username="mia.laurent", department="management")
    lines = ["whoami", "events delete 109 --yes", "let a = clients delete 1 --yes", "employees deactivate x.y --yes"]
    found = examined(lines, mia, visible(mia))
    assert (found.graves, found.grave, found.flawed) == (3, [2, 3, 4], 0)


def test_only_the_first_flaws_are_put_into_words() -> None:
    found = examined(["dance"] * 1000, KATE, visible(KATE))
    assert (len(found.flaws), found.flawed) == (TOLD, 1000)


def test_a_quotation_that_is_never_closed_is_read_once() -> None:
    """Not once per line that holds the other mark: 20 000 lines would take minutes."""
    found = examined(['whoami "', *["L'Oréal"] * 20_000], KATE, visible(KATE))
    assert found.commands == 1


def test_a_bulk_line_is_read_as_it_would_run_and_is_grave_if_it_deletes() -> None:
    lines = [
        "events update --where 'support = me' --location Nice --yes",
        "events delete --where 'id > 0' --yes",
        "events update 5 --location Nice --where 'id > 0'",
        "events update --location Nice",
    ]
    mia = replace(KATE, department="management")
    found = examined(lines, mia, visible(mia))
    assert (found.grave, found.graves) == ([2], 1)
    assert [flaw.line for flaw in found.flaws] == [3, 4]
    assert "It takes either ID or --where " in found.flaws[0].sentence
    assert found.flaws[1].sentence.startswith("events update needs ID.")
