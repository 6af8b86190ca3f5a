"""Splitting a line into words, and a value written as one word: no database needed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.commands.words import Unfinished, quoted, split
from epicshell.errors import NotUnderstood


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("clients list", ["clients", "list"]),
        ("  clients\t list  ", ["clients", "list"]),
        ("clients\u00a0list", ["clients", "list"]),
        ("a\nb", ["a", "b"]),
        ('--company "Lou Bouzin"', ["--company", "Lou Bouzin"]),
        ("--company 'Lou Bouzin'", ["--company", "Lou Bouzin"]),
        ("--company L'Oréal", ["--company", "L'Oréal"]),
        ("rock'n'roll it's", ["rock'n'roll", "it's"]),
        ('5" screen', ['5"', "screen"]),
        ('"say \\"hi\\" \\\\"', ['say "hi" \\']),
        (r'"C:\new"', [r"C:\new"]),
        (r"'C:\new \"'", [r"C:\new \""]),
        (r"Lou\ Bouzin", ["Lou Bouzin"]),
        (r"\"quoted\"", ['"quoted"']),
        ('""', [""]),
        ('--notes ""', ["--notes", ""]),
        ('--notes="two words"', ["--notes=two words"]),
        ("--notes='it is'", ["--notes=it is"]),
        ("--notes=it's", ["--notes=it's"]),
        ('"two\nlines"', ["two\nlines"]),
        ("# no comment here", ["#", "no", "comment", "here"]),
        ("", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert [word.text for word in split(line)] == words


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('clients show "12', 'The quotation that begins in column 14 does not end. Close it with "'),
        ("clients show '12", "The quotation that begins in column 14 does not end. Close it with '"),
        ('a "b" "c', 'The quotation that begins in column 7 does not end. Close it with "'),
        ('--notes="two words', 'The quotation that begins in column 9 does not end. Close it with "'),
        ('"a"b', 'The quotation that begins in column 1 goes on after its end. Put a space after the closing "'),
        (
            "--notes='a'b",
            "The quotation that begins in column 9 goes on after its end. Put a space after the closing '",
        ),
        ("abc\\", r"The \ in column 4 has no character after it. Write \\ for the character \."),
    ],
)
def test_line_that_is_no_words(line: str, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        split(line)
    assert str(caught.value) == sentence
    assert isinstance(caught.value, Unfinished) is ("does not end" in sentence)


@given(st.lists(st.text()))
def test_quoted_words_come_back(words: list[str]) -> None:
    assert [word.text for word in split(" ".join(map(quoted, words)))] == words


@given(st.text())
def test_any_text_is_split_or_refused(line: str) -> None:
    try:
        words = split(line)
    except NotUnderstood:
        return
    assert all(line[word.start : word.end].strip() == line[word.start : word.end] != "" for word in words)
    assert all(before.end <= after.start for before, after in pairwise(words))
