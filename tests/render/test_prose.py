"""Running text on a terminal: every line fits, columns stay columns, nothing gets lost."""

import pytest

from epicshell.command import load
from epicshell.commands import exporting
from epicshell.commands.guide import overview, page
from epicshell.commands.importing import manual as importing
from epicshell.filters.where import manual
from epicshell.render.prose import fit
from epicshell.text import width

COMMANDS = load()
PAGES = [*map(page, COMMANDS.values()), overview(COMMANDS), manual.page(COMMANDS), exporting.MANUAL, importing.MANUAL]


@pytest.mark.parametrize("columns", [80, 60])
def test_every_page_of_help_fits_the_terminal_and_keeps_its_words(columns: int) -> None:
    for text in PAGES:
        lines = list(fit(text, columns))
        assert [line for line in lines if width(line) > columns] == []
        assert " ".join(lines).split() == text.split()


def test_text_goes_on_below_its_column_and_arguments_stay_whole() -> None:
    text = "Usage: find WORDS [--limit N] [--all]\n\n  WORDS  parts of names, an id\n  [--limit N]  how many rows"
    assert list(fit(text, 24)) == [
        "Usage: find WORDS",
        "       [--limit N]",
        "       [--all]",
        "",
        "  WORDS  parts of names,",
        "         an id",
        "  [--limit N]",
        "      how many rows",
    ]


def test_a_paragraph_is_broken_anew_where_a_line_of_it_is_too_wide() -> None:
    assert list(fit("one two three four\nfive six\n\n  seven", 13)) == ["one two three", "four five six", "", "  seven"]
    assert list(fit("one two\nthree\n\nfour", 13)) == ["one two", "three", "", "four"]
    assert list(fit("one two three", None)) == ["one two three"]
