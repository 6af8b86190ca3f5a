"""A bulk change at the prompt: completed, coloured and judged as it would run; asked in a real terminal."""

import pytest
from support.demo import Demo
from support.reader import actor, commands

from epicshell.shell.completion import suggest
from epicshell.shell.highlight import parts
from epicshell.shell.mistakes import mistakes

MANAGER = actor("management")


@pytest.mark.parametrize(
    ("text", "label", "choices"),
    [
        ("events assign --w", None, ["--where"]),
        ("events assign kate --w", None, ["--where"]),  # kate may be WHO
        ("events assign 109 --w", None, []),
        ("events assign --where 'support is empty' ka", "WHO", []),
        ("events assign kate.hastroff --where 'support = ka", "--where", []),
        ("events assign --where 'paid' kate.hastroff --i", None, []),
        ("events assign --where 'paid' kate.hastroff --y", None, ["--yes"]),
    ],
)
def test_what_can_stand_there_follows_from_where(text: str, label: str | None, choices: list[str]) -> None:
    found = suggest(text, commands("management"))
    assert found is not None
    assert (found.parameter and found.parameter.label, [one.text for one in found.choices]) == (label, choices)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("events assign --where 'support is empty' kate.hastroff --yes ", []),
        ("events assign --where 'suport is empty' kate.hastroff ", ["suport"]),
        ("events assign 109 kate.hastroff --where 'paid' ", ["kate.hastroff"]),
        ("events unassign --where 'paid' --if-revision 1 ", ["--if-revision"]),
    ],
)
def test_mistakes_are_those_of_the_command_as_it_is_called(text: str, marked: list[str]) -> None:
    assert [text[one.start : one.end] for one in mistakes(text, len(text), commands("management"), MANAGER)] == marked


def test_the_word_behind_where_is_coloured_as_what_it_is() -> None:
    text = "events assign --where 'support is empty' kate.hastroff"
    found = {text[start:end]: name for start, end, name in parts(text, commands("management"))}
    assert (found["support"], found["empty"], found["kate.hastroff"]) == ("field", "keyword", "value")


def test_many_records_are_shown_asked_about_and_changed_at_the_prompt(demo: Demo) -> None:
    shell = demo.open("demo", "--as", "management", columns=100, lines=60)
    shell.prompts("mia.laurent (management) epic_demo> ")
    shell.type("events update --where 'id in (109, 1023)' --location Nice\r")
    shell.shows("2 events meet this:", "109 (John Ouick Wedding): location", "→ Nice", "Update 2 events?")
    shell.type("n\r")
    shell.shows("Nothing was done.")
    assert demo.sql("SELECT count(*) FROM crm.events WHERE location = 'Nice'") == [(0,)]
    shell.type("events unassign --where 'id in (109, 1023)'\r")
    shell.shows("support kate.hastroff → –", "Unassign 2 events?")
    shell.type("y\r")
    shell.shows("2 events unassigned")
    assert demo.sql("SELECT count(*) FROM crm.events WHERE id IN (109, 1023) AND support_id IS NULL") == [(2,)]
