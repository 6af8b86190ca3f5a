"""The line in colours, on any background."""

import re

import pytest
from prompt_toolkit.document import Document
from support.reader import actor, commands

from epicshell.shell.highlight import LineLexer, Look, painted, parts
from epicshell.shell.style import STYLES, style

EVENT = [("command", "events"), ("command", "show")]


def shown(text: str) -> list[tuple[str, str]]:
    """(style, text) of the pieces that have one."""
    offered = commands("sales")
    return [(name.removeprefix("class:"), piece) for name, piece, *_ in painted(text, parts(text, offered), []) if name]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("events show --format json", [*EVENT, ("flag", "--format"), ("value", "json")]),
        ("events show 12 1", [*EVENT, ("number", "12")]),
        ("events show --format=5", [*EVENT, ("flag", "--format="), ("number", "5")]),
        ("events show 'a b", [*EVENT, ("quoted", "'a b")]),
        ("events x", [("command", "events")]),
        ("# a note", [("comment", "# a note")]),
        ("nonsense", []),
    ],
)  # fmt: skip
def test_each_word_is_shown_as_what_it_is(text: str, pieces: list[tuple[str, str]]) -> None:
    assert shown(text) == pieces


def test_moving_the_cursor_off_a_word_marks_it() -> None:
    place = [len("events filter --x")]
    lexer = LineLexer(Look(lambda: commands("sales"), lambda: actor("sales")), lambda: place[0], lambda: True)
    line = lexer.lex_document(Document("events filter --x"))
    assert not any("mistake" in piece[0] for piece in line(0))
    place[0] = 2
    assert [piece[1] for piece in line(0) if "mistake" in piece[0]] == ["--x"]


def test_a_line_that_is_searched_for_has_no_colours() -> None:
    lexer = LineLexer(Look(lambda: commands("sales"), lambda: actor("sales")), lambda: 0, lambda: False)
    assert lexer.lex_document(Document("evnts x"))(0) == [("", "evnts x")]


def test_colours_are_the_terminal_s_own() -> None:
    assert style()
    for name, how in STYLES.items():
        for word in how.split():
            assert re.fullmatch(r"(bg:default|fg:default|ansi\w+|bold|italic|underline|(no)?reverse)", word), name
