"""A paste never runs by surprise."""

import pytest

from epicshell.shell.paste import Paste, preview, single_line


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


def test_the_preview_counts_and_shows_the_first_and_the_last() -> None:
    text = "\n".join(f"clients show {number}" for number in range(1, 101))
    shown = preview(Paste(text), 60).splitlines()
    assert shown[0] == "100 lines were pasted:"
    assert shown[1] == "   1  clients show 1"
    assert shown[-1] == " 100  clients show 100"
    assert len(shown) == 6


def test_the_preview_can_not_speak_to_the_terminal() -> None:
    assert "\x1b" not in preview(Paste("a\x1b]0;title\x07\nb"), 60)
