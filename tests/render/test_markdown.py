import re

from hypothesis import given, settings
from hypothesis import strategies as st

from epicshell.render.markdown import plain
from epicshell.results import Column, Format, Kind, Listing, Record

COLUMNS = [Column("id", Kind.INTEGER), Column("full_name"), Column("due", Kind.MONEY)]


def test_a_listing_is_a_pipe_table(written):
    assert written(Listing(COLUMNS, [(1, "1e5", 120_000), (20, "a|b\nc", None)], str), Format.MARKDOWN) == (
        "|   id | full name   |      due |\n"
        "|-----:|:------------|---------:|\n"
        "|    1 | 1e5         | 1 200.00 |\n"
        "|   20 | a\\|b<br>c   |        – |\n"
    )


def test_a_listing_without_rows_is_a_header(written):
    header, rule = written(Listing(COLUMNS, []), Format.MARKDOWN).splitlines()
    assert header == "| id   | full name   | due   |"
    assert rule == "|------|-------------|-------|"


def test_a_record_is_a_table_of_one_row(written):
    row = (1, "x", 5)
    assert written(Record(COLUMNS, row), Format.MARKDOWN) == written(Listing(COLUMNS, [row]), Format.MARKDOWN)


def test_a_table_is_complete_and_harmless_on_every_terminal(written):
    shown = written(Listing(COLUMNS, [(1, "x" * 200 + "\x1b[31m", None)]), Format.MARKDOWN, width=40)
    assert "x" * 200 + "\\\\x1b\\[31m" in shown


def test_markup_shows_as_it_is():
    assert plain("*a* _b_ `c` [d](e) <f> &amp; ~~g~~ $h$") == (
        r"\*a\* \_b\_ \`c\` \[d\](e) \<f\> \&amp; \~\~g\~\~ \$h\$"
    )


@given(st.text(st.sampled_from("\\`*_[]<>&|~$ab ")))
@settings(deadline=None)
def test_escapes_can_be_taken_off_again(text):
    assert re.sub(r"\\(.)", r"\1", plain(text)) == text
