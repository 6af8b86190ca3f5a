"""Telling the words of a line apart: no database needed."""

from typing import Annotated

import pytest

from epicshell.command import Command
from epicshell.commands.line import bind, resolve
from epicshell.commands.words import split
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.params.base import Scalar


def values(line: str) -> dict[str, str | None]:
    return bind(*resolve(split(line))).values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("clients show 5", {"client": "5"}),
        ("CLIENTS Show 5", {"client": "5"}),
        ("contracts pay 5 12,50 --on today", {"contract": "5", "amount": "12,50", "on": "today"}),
        ("contracts pay --on today 5 12,50", {"contract": "5", "amount": "12,50", "on": "today"}),
        ("contracts sign 5 --on=today", {"contract": "5", "on": "today"}),
        ("contracts sign 5 --on=", {"contract": "5", "on": ""}),
        ("clients import a.csv --map A=b --map=C=d", {"file": "a.csv", "map_": "A=b\nC=d"}),
        ("events update 5 --notes=a=b", {"event": "5", "notes": "a=b"}),
        ('events update 5 --notes="--yes"', {"event": "5", "notes": "--yes"}),
        ('events update 5 --notes "--yes"', {"event": "5", "notes": "--yes"}),
        ("events update 5 --notes -x", {"event": "5", "notes": "-x"}),
        ("events update 5 --notes -- ", None),
        ("clients list --sort -id", {"sort": "-id"}),
        ("clients list --mine --all", {"mine_": None, "all": None}),
        ("clients show -- 5", {"client": "5"}),
        ("clients show -- --mine", {"client": "--mine"}),
        ('clients show "--mine"', {"client": "--mine"}),
        ("help clients create", {"topic": "clients create"}),
        ("policy contracts sign", {"of": "contracts sign"}),
    ],
)
def test_words_become_arguments(line: str, expected: dict[str, str | None] | None) -> None:
    if expected is None:
        with pytest.raises(NotUnderstood, match="--notes needs a value: a text of up to 20 000 characters"):
            values(line)
    else:
        assert values(line) == expected


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("dance", '"dance" is not a command. Try: help'),
        ("cleints list", '"cleints" is not a command. Did you mean clients list?'),
        ("cliеnts list", '"cliеnts" is not a command. Did you mean clients list?'),  # a Cyrillic е
        ("employes", '"employes" is not a command. Did you mean employees?'),
        ("client show 5", '"client" is not a command. Did you mean clients show?'),
        ("clients lst", '"clients lst" is not a command. Did you mean clients list?'),
        ("clients", '"clients" needs a verb. Accepted: list, filter, show, create, update, reassign, delete, restore,'),
        ("clients \x1b[31m", '"clients \\x1b[31m" is not a command. Accepted: list, filter,'),
        ("settings", '"settings" needs a verb. Accepted: list, set.'),
        ("clients filter sales = me", "is one word too many for clients filter. Conditions stand behind where."),
        ("clients filter --where 'sales = me'", "no flag \"--where\". Write where EXPRESSION at the end of the line."),
        ("clients filter --help", 'clients filter has no flag "--help". Try: help clients filter'),
        ("clients where sales = me", '"clients where" is not a command. Did you mean clients filter where …?'),
        ("clients show 5 6", '"6" is one word too many for clients show. Quote values that contain spaces.'),
        ("clients create --full-name Lou Bouzin", '"Bouzin" is one word too many'),
        ("clients list --min", 'clients list has no flag "--min". Did you mean --mine?'),
        ("clients list --full_name x", 'clients list has no flag "--full_name"'),
        ("events create --starts_at x", 'events create has no flag "--starts_at". Did you mean --starts-at?'),
        ("clients list -m", '"-m" is one word too many'),
        ("clients list --qqq", "It takes --mine, --prospects, --sales, --trash, --sort, --columns, --group-by,"),
        ("exit --now", 'exit has no flag "--now". It takes no flags.'),
        ("clients list --mine --mine", "--mine is given twice."),
        ("clients list --mine=yes", "--mine takes no value."),
        ("contracts sign 5 --on today --on=today", "--on is given twice."),
        ("contracts sign 5 --on", "--on needs a value: a date such as"),
        ("contracts sign 5 --on --format json", "--on needs a value: a date such as"),
        ("contracts list --signed --unsigned", "--signed and --unsigned exclude each other."),
        ("contracts list --paid --unpaid", "--paid and --unpaid exclude each other."),
        ("events list --no-support --support x", "--no-support and --support exclude each other."),
        ("events list --upcoming --past", "--upcoming and --past exclude each other."),
    ],
)  # fmt: skip
def test_line_that_is_not_understood(line: str, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        values(line)
    assert sentence in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_command_within_a_command_is_taken_as_it_was_typed() -> None:
    def keep(
        context: Context, name: str, command: Annotated[str, Scalar("COMMAND", "", str, rest=True, raw=True)]
    ) -> None:
        """Keep a command."""

    typed = """keep late  events list --columns "id,name" -- 'x'  """
    line = bind(Command("keep", keep, None), split(typed)[1:], typed)
    assert line.values == {"name": "late", "command": typed[len("keep late  ") :]}
