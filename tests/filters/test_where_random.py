"""Thousands of random expressions mean what they say, and thousands of hostile ones do no harm."""

import random
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peewee import fn as sql
from support.oracle import NOW, TYPES, Expression, Maker, Row, gathered
from support.people import People
from support.world import World

from epicshell.context import Context, Memory
from epicshell.errors import Invalid
from epicshell.filters.where import Where, condition, read
from epicshell.filters.where.fields import OPERATORS, Type, type_of
from epicshell.models import MODELS, Trashable
from epicshell.policy import BY_NOUN
from epicshell.session.terminal import Terminal

TOGETHER = 40  #: expressions that one statement answers
NOUNS = tuple(TYPES)

#: The world around the day that the expressions speak of, with values that are hard to compare.
HARD = (
    "UPDATE crm.contracts SET signed_at = signed_at - (now() - '2026-03-28 22:30Z')",
    "UPDATE crm.events SET starts_at = starts_at - (now() - '2026-03-28 22:30Z'),"
    " ends_at = ends_at - (now() - '2026-03-28 22:30Z')",
    "UPDATE crm.events SET starts_at = '2026-03-28 23:00Z', ends_at = '2026-03-29 22:00Z' WHERE id = 302",
    "UPDATE crm.events SET starts_at = '2026-03-29 01:30Z', ends_at = '2026-12-31 23:00Z' WHERE id = 303",
    "UPDATE crm.events SET name = '100%%_sure \\x \"so\"', notes = 'Œuvre, 50 %% due' WHERE id = 304",
    "UPDATE crm.clients SET first_contact_on = '2026-03-29', company = E'L''Œuvre_%%\\\\ & Łoś' WHERE id = 103",
    "UPDATE crm.clients SET first_contact_on = '2026-02-28' WHERE id = 102",
    "UPDATE crm.clients SET full_name = 'ZOÉ müller' WHERE id = 104",
    "UPDATE crm.employees SET last_login_at = '2026-03-28 22:30Z' WHERE id IN (3, 5)",
)


@pytest.fixture(scope="module")
def asking(world_of_the_module: World, everyone: People) -> Iterator[Context]:
    for statement in HARD:
        world_of_the_module.run(statement)
    mia = everyone["mia.manager"]
    mia("whoami")
    with mia.account.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        yield Context(mia.account, Terminal(), Memory(on=False), now=NOW)


@pytest.fixture(scope="module")
def rows(world_of_the_module: World, asking: Context) -> dict[str, list[Row]]:
    """All live records, each with what is known of its neighbours, put together here."""
    return gathered(world_of_the_module)


@pytest.mark.parametrize("noun", NOUNS)
def test_random_expressions_mean_what_they_say(asking: Context, rows: dict[str, list[Row]], noun: str) -> None:
    people = [one["username"] for one in rows["employees"]]

    @settings(max_examples=25, deadline=None, database=None)
    @given(st.integers(0, 2**63))
    def check(seed: int) -> None:
        maker = Maker(noun, rows[noun], people, seed)
        made = [maker.expression() for _ in range(TOGETHER)]
        expected = {row["id"]: [one.holds(row) for one in made] for row in rows[noun]}
        answered = answers(asking, noun, made)
        wrong = [
            (one.text, key)
            for place, one in enumerate(made)
            for key in expected
            if expected[key][place] != answered[key][place]
        ]
        assert wrong == []

    check()


def answers(context: Context, noun: str, made: list[Expression]) -> dict[int, list[bool]]:
    """For each row, what the database says of each expression: as typed, or printed again."""
    model: Any = BY_NOUN[noun]
    columns = []
    for place, one in enumerate(made):
        tree = read(one.text, model, "management")
        tree = read(str(tree), model, "management") if place % 2 else tree
        columns.append(sql.COALESCE(condition(tree, model, context), False))
    query = model.select(model.id, *[column.alias(f"c{place}") for place, column in enumerate(columns)])
    if issubclass(model, Trashable):
        query = query.where(model.live())
    return {row[0]: list(row[1:]) for row in query.tuples()}


#: A value that some rows have, for each type of field.
VALUES = {
    Type.NUMBER: "2", Type.MONEY: "5k", Type.TEXT: "e", Type.PERSON: "bill.boquet", Type.DEPARTMENT: "sales",
    Type.BOOLEAN: "yes", Type.DAY: "this-month", Type.TIME: "this-month",
}  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
def test_every_operator_of_every_field_obeys_the_laws_of_logic(asking: Context, noun: str) -> None:
    ones = [
        f"{field.name} {operator} {_operand(operator, VALUES[type_of(field)])}".strip()
        for field in BY_NOUN[noun].known("management")
        for operator in OPERATORS[type_of(field)]
    ]
    twos = [*ones[7:], *ones[:7]]
    both = [f"not ({one} {word} {two})" for one, two, word in zip(ones, twos, cycle(["and", "or"]))]
    texts = [*ones, *[f"not {one}" for one in ones], *both]
    answered = answers(asking, noun, [Expression(text, bool) for text in texts])
    for row in answered.values():
        known = dict(zip(texts, row, strict=True))
        for place, (one, two) in enumerate(zip(ones, twos, strict=True)):
            every = any if place % 2 else all
            assert known[f"not {one}"] != known[one], one
            assert known[both[place]] != every((known[one], known[two])), both[place]
    assert len(answered) > 3


def _operand(operator: str, value: str) -> str:
    return "" if "empty" in operator else f"({value})" if "in" in operator else value


def test_every_field_that_there_is_is_tried() -> None:
    for noun, types in TYPES.items():
        known = {field.name for field in BY_NOUN[noun].known("management")}
        assert known - UNTRIED == set(types), noun


#: Fields whose values hang on the database's own clock, or have a type that is tried elsewhere.
UNTRIED = {"department", "upcoming", "legacy_ref"}

HOSTILE = (
    *"()\"'\\,.<>=!~%_;$:@#&|`*+-/\0\n\t\r\x1b\u202e\u200b\ufeff\ud800é東🎉",
    " and ", " or ", " not ", " in ", "..", "--", "/*", "'; DROP TABLE crm.clients; --", "%s", "%(a)s", "$1",
    "\\'", 'U&"', " OR 1=1", " UNION SELECT password", "((((((((", "not not not ", "is empty", "9" * 40, "1e9", "NaN",
    "+999999d", "-999999mo", "9999-12-31", "0000", "2024-02-30", "me", "null", "crm.fold(", "pg_sleep(9)",
)  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
def test_hostile_expressions_are_refused_clearly_or_bound(asking: Context, rows: Any, noun: str) -> None:
    model: Any = BY_NOUN[noun]
    people = [one["username"] for one in rows["employees"]]
    param = Where(model, "")
    statements = set()

    @settings(max_examples=20, deadline=None, database=None)
    @given(st.integers(0, 2**63))
    def check(seed: int) -> None:
        chance, maker = random.Random(seed), Maker(noun, rows[noun], people, seed)
        for _ in range(TOGETHER):
            text = mutated(chance, maker.expression(2).text)
            try:
                tree = param.parse(text, asking, None)
            except Invalid as error:
                _is_clear(error, text)
                continue
            query = model.select(model.id).where(condition(tree, model, asking))
            statement, _parameters = asking.database.get_sql_context().sql(query).query()
            assert statement.isascii()
            assert "'" not in statement
            list(query.tuples())
            statements.add(statement)

    check()
    assert statements


def _is_clear(error: Invalid, text: str) -> None:
    """It points into the text, and drives no terminal."""
    assert error.sentence
    assert error.span is None or 0 <= error.span[0] < error.span[1] <= len(text) + 1
    assert str(error).replace("\n", "").isprintable()


def mutated(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 3)):
        place = chance.randint(0, len(text))
        text = (
            text[:place] + chance.choice(HOSTILE) * chance.choice([0, 1, 1, 2]) + text[place + chance.randint(0, 2) :]
        )
    return text
