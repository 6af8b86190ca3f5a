"""A paste never runs by surprise."""

from datetime import UTC, datetime

import pytest

from epicshell.command import visible
from epicshell.commands.examine import examined
from epicshell.session import Actor
from epicshell.shell.paste import Paste, preview, recalled, single_line

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SALES = Actor(1, "bill.boquet", "Bill Boquet", "bill@epic.example", "sales", 1, NEVER, {"read_mode": "company"})


def shown(text: str, columns: int = 60) -> list[str]:
    paste = Paste(text)
    return preview(paste, examined(paste.lines, SALES, visible(SALES)), columns).splitlines()


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("whoami", "whoami"),
        ("whoami\n", "whoami"),
        ("whoami\r\n", "whoami"),
        ("\nwhoami", "whoami"),
        ("", ""),
        ("a\nb", None),
        ("a\rb", None),
    ],
)
def test_one_line_is_told_from_several(data: str, line: str | None) -> None:
    assert single_line(data) == line


def test_any_newline_ends_a_line_and_no_other_character_does() -> None:
    assert Paste("a\r\nb\rc\nd\u2028e\n\n").lines == ["a", "b", "c", "d\u2028e"]


def test_the_preview_counts_commands_and_shows_the_first_lines_and_the_last() -> None:
    text = "\n".join([*(f"clients show {number}" for number in range(1, 4991)), *["events list"] * 10])
    assert shown(text) == [
        "5 000 lines were pasted: 4 990 clients, 10 events.",
        "   1  clients show 1",
        "   2  clients show 2",
        "   3  clients show 3",
        "   …",
        "5000  events list",
    ]


def test_the_preview_tells_which_lines_will_stop_it_and_why() -> None:
    text = 'whoami\ncleints list\nclients show\nemployees unlock kate\nclients list --mein\n\nwhoami "x\n'
    assert shown(text, 200)[6:] == [
        "5 lines can't run; line 2 will stop it:",
        '   2  "cleints" is not a command. Did you mean clients list?',
        "   3  clients show needs ID. Usage: clients show ID [--format FORMAT]",
        "   4  You are logged in as sales, which has no right employees:unlock. Who has it: admin.",
        '   5  clients list has no flag "--mein". Did you mean --mine?',
        '   7  The quotation that begins in column 8 does not end. Close it with "',
    ]


def test_the_preview_tells_ten_lines_that_can_not_run_and_counts_the_others() -> None:
    lines = shown("\n".join(["whoami", *["nonsense"] * 47]))
    assert lines[0] == "48 lines were pasted: 1 whoami, 47 not understood."
    assert lines[6] == "47 lines can't run; line 2 will stop it:"
    assert len(lines) == 18
    assert lines[-1] == "… and 37 more"


def test_comments_and_empty_lines_are_nothing_to_run() -> None:
    assert shown("# one\n\n  # two")[0] == "3 lines were pasted; there is nothing to run in them:"


def test_the_preview_can_not_speak_to_the_terminal() -> None:
    lines = shown("a\x1b]0;title\x07\nclients\tshow\x9b31m 5\nb")
    assert not any(character in line for line in lines for character in "\x1b\x07\x9b\t")


def test_the_preview_of_a_long_line_fits_the_terminal() -> None:
    assert max(map(len, shown(f"whoami {'x' * 100_000}\n{'é' * 500}\nwhoami", 40)[1:4])) <= 40


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\n\n  b\n", "\na\n# c ⏎ d", "⏎↵\n\t␤", "a\r\nb\rc", 'notes "x\ny" \\\n z', "#⏎ a\nb", "\x1b[31m\nb\x85"],
)
def test_a_paste_is_kept_as_one_line_from_which_it_comes_back(text: str) -> None:
    paste = Paste(text)
    if all(mark in text for mark in "⏎↵␤"):
        assert recalled(paste.one_line) is None
        return
    assert "\n" not in paste.one_line
    again = recalled(paste.one_line)
    assert again is not None
    assert again.lines == paste.lines


def test_a_line_of_the_history_that_stands_for_a_paste_is_a_comment() -> None:
    assert Paste("whoami\nexit").one_line == "#⏎ whoami⏎exit"
    assert list(examined([Paste("whoami\nexit").one_line], SALES, {}).nouns) == []
    assert recalled("# whoami") is None
    assert recalled("whoami") is None


def test_a_paste_that_is_too_long_to_be_kept_says_so() -> None:
    assert Paste("clients list\n" * 10_000).one_line == "# A paste of 10 000 lines, too long to be kept."
