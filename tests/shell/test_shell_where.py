"""An expression of `where` while it is typed: completed by position, coloured by word, its mistakes marked in place."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reader import actor, commands

from epicshell.command import REGISTRY, Command, command
from epicshell.filters.where import Tree, Where
from epicshell.models import Event
from epicshell.policy import Permission
from epicshell.shell.completer import within
from epicshell.shell.completion import suggest
from epicshell.shell.highlight import parts
from epicshell.shell.mistakes import mistakes, quiet_context
from epicshell.text import fold

MANAGER = actor("management")
RIGHT = [
    'company ~ "New York" and total >= 10k',
    "not (paid or due in 0..100) and starts_at = next-month",
    "support is not empty and sales in (bill.boquet, eve.martin)",
    "signed_at not in 2026-01..2026-q2 or attendees is empty",
    "paid and not support = me",
    "starts_at<-3d and ends-at >= 2026-06-15",
    "((total > 5))",
]
COMPLETED = ("company", "total", "paid", "due", "starts_at", "support", "signed_at", "attendees", "and", "or", "not")


def candidates(text: str, offered: dict[str, Command] | None = None) -> tuple[str, list[str]]:
    """(what stands before it, the candidates that need no database) at the end of a line."""
    found = suggest(text, offered or commands("management"))
    if found is None or found.param is None:
        return "", [one.text for one in found.choices] if found else []
    assert found.param.at_once
    made = found.param.candidates(found.prefix, quiet_context(MANAGER), Permission.EVENT_READ)
    assert all(one.meaning for one in made)
    return text[: found.start], [within(one.text, found.mark) for one in made]


def wrong(text: str, offered: dict[str, Command] | None = None) -> list[tuple[str, str]]:
    """(the part that is marked, the sentence), the cursor at the end."""
    found = mistakes(text, len(text), offered or commands("management"), MANAGER)
    return [(text[one.start : one.end], one.sentence) for one in found]


@pytest.mark.parametrize(("typed", "piece", "some"), [
    ("", "", ["starts_at", "company", "total", "not", "("]),
    ("st", "st", ["starts_at"]),
    ("starts-a", "starts-a", ["starts_at"]),
    ("company ", "", ["=", "!=", "~", "!~", "in", "not in", "is empty", "is not empty"]),
    ("total ", "", ["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is empty", "is not empty"]),
    ("paid ", "", ["=", "!=", "and", "or"]),
    ("(paid ", "", ["=", "!=", "and", "or", ")"]),
    ("total>", ">", [">", ">="]),
    ("support !", "!", ["!=", "!~"]),
    ("support i", "i", ["in", "is empty", "is not empty"]),
    ("support is ", "", ["empty", "not empty"]),
    ("support is not ", "", ["empty"]),
    ("support not ", "", ["in"]),
    ("support in ", "", ["("]),
    ("paid = ", "", ["yes", "no"]),
    ("starts_at = ", "", ["today", "tomorrow", "next-week", "last-quarter"]),
    ("starts_at > -90", "-90", ["-90d", "-90w", "-90mo", "-90y"]),
    ("starts_at in 2031-q", "2031-q", ["2031-q1", "2031-q4"]),
    ("starts_at in 2031-q1", "2031-q1", ["2031-q1"]),
    ("starts_at in 2031-q1 ", "", [".."]),
    ("total in (1 ", "", [")", ","]),
    ("total = 5 ", "", ["and", "or"]),
    ("total = 5 a", "a", ["and"]),
    ('"total = 5 and st', "st", ["starts_at"]),
    ('name ~ "a b', '"a b', []),
    ("compny x ", "", []),
])  # fmt: skip
def test_what_may_stand_at_a_place_is_offered_with_its_meaning(typed: str, piece: str, some: list[str]) -> None:
    line = f"events filter where {typed}"
    before, found = candidates(line)
    assert before == line[: len(line) - len(piece)]
    assert [one for one in found if one in some] == [one for one in dict.fromkeys(found) if one in some]
    assert set(some) <= set(found)
    assert some or not found


def test_people_are_asked_of_the_database_by_what_they_do() -> None:
    for noun, field, whom in (("events", "support", "support"), ("clients", "sales", "sales")):
        for typed in (f"{field} = ", f"{field} != k", f"{field} in (", f"{field} in (a, "):
            param = suggest(f"{noun} filter where {typed}", commands("management")).param
            assert not param.at_once
            assert param.kind == suggest(f"{noun} filter --{whom} ", commands("management")).param.kind


def test_where_itself_is_offered_behind_the_flags() -> None:
    assert candidates("events filter w")[1] == ["where"]
    assert candidates("events filter --upcoming --limit 5 wh")[1] == ["where"]
    assert "where" in candidates("events filter ")[1]
    assert candidates("events show 1 w")[1] == []
    fields = suggest("employees filter where ", commands("admin")).param
    offered = [one.text for one in fields.candidates("", quiet_context(actor("admin")), None)]
    assert "username" in offered
    assert "clients" not in offered


def test_it_is_completed_within_other_commands() -> None:
    for line in ("watch 5 events filter where sup", "let a = events filter where sup"):
        assert candidates(line) == (line[:-3], ["support"])


@pytest.mark.parametrize("expression", RIGHT)
def test_what_becomes_right_is_never_marked_and_its_next_word_is_offered(expression: str) -> None:
    line = f"events filter where {expression}"
    begin = len("events filter where ")
    for end in range(begin, len(line) + 1):
        for text in (line[:end], line[:end] + (" " if line[end : end + 1] == " " else "")):
            assert wrong(text) == [], text
    for word in COMPLETED:
        for place in [at for at in range(begin, len(line)) if line.startswith(word, at) and line[at - 1] in " ("]:
            if "~" not in line[begin:place].rsplit("and", maxsplit=1)[-1]:
                found = candidates(line[: place + 1])[1]
                assert any(one.startswith(word) for one in found), line[: place + 1]


@pytest.mark.parametrize(("typed", "marked", "says"), [
    ("compny = x and ", "compny", "Did you mean company?"),
    ("(compny = x or (", "compny", "Did you mean company?"),
    ("compny ", "compny", "no field"),
    ("total > 5 and compny = x", "compny", "no field"),
    ("total ~ 5 ", "~", "does not compare"),
    ("total > x ", "x", "not an amount"),
    ("total in (1, x, ", "x", "not an amount"),
    ("company = New York ", "York", 'Quote values that contain spaces: "New York"'),
    ("starts_at > 2026-13 ", "2026-13", "no month 13"),
    ("starts_at > +3m and ", "+3m", "minutes or months?"),
    ("total > 5 ) ", ")", "too many"),
    ("total == 5 ", "=", "Write = for =="),
    ('"compny = x and ', "compny", "no field"),
])  # fmt: skip
def test_what_stays_wrong_is_marked_at_its_place(typed: str, marked: str, says: str) -> None:
    ((found, sentence),) = wrong(f"events filter where {typed}")
    assert found == marked
    assert sentence.startswith("where: ")
    assert says in sentence


@pytest.mark.parametrize(
    "typed", ["compny", "total", "total ", "(total > 5", "support is ", "not ", 'name = "New ', "("]
)
def test_what_is_being_typed_is_left_alone(typed: str) -> None:
    assert wrong(f"events filter where {typed}") == []


def test_each_word_has_its_colour() -> None:
    line = 'events filter where company ~ "a b" and not (total >= 10k or support is empty) and starts_at in today..2031'
    shown = [(line[start:end], name) for start, end, name in parts(line, commands("management"))][3:]
    assert shown == [
        ("company", "field"), ("~", "operator"), ('"a b"', "quoted"), ("and", "keyword"), ("not", "keyword"),
        ("(", "operator"), ("total", "field"), (">=", "operator"), ("10k", "number"), ("or", "keyword"),
        ("support", "field"), ("is", "keyword"), ("empty", "keyword"), (")", "operator"), ("and", "keyword"),
        ("starts_at", "field"), ("in", "keyword"), ("today", "number"), ("..", "operator"), ("2031", "number"),
    ]  # fmt: skip


@pytest.fixture
def marking() -> Iterator[dict[str, Command]]:
    """A command with --where."""

    @command("events mark", needs=Permission.EVENT_READ)
    def mark(context: object, *, where: Annotated[Tree, Where(Event, clause="")] | None = None) -> None:
        """Mark events.

        where: which
        """

    yield {**commands("management"), "events mark": REGISTRY["events mark"]}
    del REGISTRY["events mark"]


@pytest.mark.parametrize(("typed", "before", "first"), [
    ('--where "sup', '--where "', "support"),
    ("--where 'sup", "--where '", "support"),
    ('--where="sup', '--where="', "support"),
    ("--where sup", "--where ", "support"),
    ('--where "name = \\"a b\\" and sup', '--where "name = \\"a b\\" and ', "support"),
    ("--where support ", "", "--format"),
    ("--where paid\\ a", "--where paid\\ ", "and"),
    ("--where support\\ is\\ n", "--where support\\ is\\ ", "not\\ empty"),
])  # fmt: skip
def test_in_a_quoted_argument_it_is_completed_at_its_place(
    marking: dict[str, Command], typed: str, before: str, first: str
) -> None:
    stands, found = candidates(f"events mark {typed}", marking)
    assert (stands.removeprefix("events mark "), found[0]) == (before, first)


def test_a_piece_is_inserted_as_its_quotation_needs_it() -> None:
    assert within('"a b"', '"') == '\\"a b\\"'
    assert within('"a b"', "'") == '"a b"'
    assert within("is empty", "\\") == "is\\ empty"
    assert within("is empty", "") == "is empty"


def test_in_a_quoted_argument_a_mistake_is_marked_at_its_place(marking: dict[str, Command]) -> None:
    for typed in ('--where "name = \\"a\\" and compny = 5" ', "--where 'compny = 5 and ", '--where="compny = 5" '):
        ((found, sentence),) = wrong(f"events mark {typed}", marking)
        assert found == "compny"
        assert sentence.startswith("--where: ")
    assert wrong('events mark --where "compny', marking) == []


def test_in_a_quoted_argument_each_word_has_its_colour(marking: dict[str, Command]) -> None:
    line = 'events mark --where "name = \\"a b\\" and paid"'
    shown = [(line[start:end], name) for start, end, name in parts(line, marking)][3:]
    assert shown == [
        ("name", "field"), ("=", "operator"), ('\\"a b\\"', "quoted"), ("and", "keyword"), ("paid", "field"),
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*" ".join(RIGHT).split(), '"', "'", "(", ")", "..", ",", "!", "x", "\\", "é"]), max_size=9
    )
)
def test_any_beginning_has_an_answer(words: list[str]) -> None:
    text = "events filter where " + " ".join(words)
    found = suggest(text, commands("management"))
    assert found is None or 0 <= found.start <= len(text)
    if found and found.param and found.param.at_once:
        for one in found.param.candidates(found.prefix, quiet_context(MANAGER), None):
            assert fold(one.text)
    for start, end, _ in parts(text, commands("management")):
        assert 0 <= start < end <= len(text)
    for mistake in mistakes(text, len(text), commands("management"), MANAGER):
        assert 0 <= mistake.start <= mistake.end <= len(text) + 1
