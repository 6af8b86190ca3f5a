import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epicshell import text
from epicshell.errors import Invalid

FAMILY = "👨‍👩‍👧"
ANY_TEXT = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("aé \n\t\r\x1b\u202e\u200d\u200c\ufe0f\U000e0100\u0301日👩🚀🇫🇷❤क्ष\u0627"),
    )
)


def cleaned(raw: str, **options: bool) -> str | None:
    try:
        return text.clean(raw, longest=10_000, **options)
    except Invalid:
        return None


def test_clean_composes_and_strips():
    assert text.clean("  Alie\u0301nor \u00a0\n", longest=10) == "Aliénor"


@pytest.mark.parametrize("kept", ["日本語", "❤️‍🔥", FAMILY, "می‌خواهم", "क्‍ष", "1️⃣", "葛\U000e0100", "a\u00a0b", "O’Neil"])
def test_clean_keeps_what_scripts_and_emoji_need(kept):
    assert text.clean(kept, longest=20) == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(("character", "name"), [("\n", "line break"), ("\t", "tab")])
def test_clean_names_what_makes_a_text_more_than_a_line(character: str, name: str) -> None:
    with pytest.raises(Invalid, match=f"There is a {name} at position 2. Accepted: a text of one line."):
        text.clean(f"a{character}b", longest=9)


@pytest.mark.parametrize(
    "bad",
    [
        "\x1b",
        "\x00",
        "\x7f",
        "\x9b",
        "\u202e",
        "\u2066",
        "\u200f",
        "\u061c",
        "\u200b",
        "\u200d",
        "\u2028",
        "\ufeff",
        "\xad",
        "\ud800",
        "\ue000",
        "\ufdd0",
        "\U0010ffff",
        "\U000e0041",
        "\u3164",
        "\ufe0f",
    ],
)
def test_clean_refuses_what_can_not_be_seen(bad):
    with pytest.raises(Invalid, match=rf"^U\+{ord(bad):04X}.* at position 2 is not accepted"):
        text.clean(f"a{bad}b", longest=10)


def test_clean_counts_positions_from_the_start_as_typed():
    with pytest.raises(Invalid, match=r"^U\+202E RIGHT-TO-LEFT OVERRIDE at position 4 "):
        text.clean("  a\u202eb", longest=10)


def test_clean_keeps_lines_and_tabs_only_where_lines_are_wanted():
    assert text.clean("a\r\n\tb\n", multiline=True, longest=10) == "a\n\tb"
    with pytest.raises(Invalid):
        text.clean("a\rb", multiline=True, longest=10)


def test_clean_refuses_text_that_is_too_long():
    assert text.clean(" abc ", longest=3) == "abc"
    with pytest.raises(Invalid, match=r"^4 characters are too many. Accepted: up to 3.$"):
        text.clean("abcd", longest=3)


@pytest.mark.parametrize("multiline", [False, True])
@given(raw=ANY_TEXT)
@settings(deadline=None)
def test_clean_text_stays_the_same_when_cleaned_again_or_displayed(raw, multiline):
    once = cleaned(raw, multiline=multiline)
    if once is not None:
        assert cleaned(once, multiline=multiline) == once
        assert text.display(once, multiline=multiline) == once


def test_every_format_control_separator_surrogate_and_private_character_is_escaped():
    visible_formats = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    for code in range(sys.maxunicode + 1):
        harmful = unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        if harmful and code not in visible_formats:
            assert text.display(chr(code)) != chr(code), hex(code)


def test_plain_characters_are_harmless_and_one_column_wide():
    from wcwidth import wcwidth

    for code in range(sys.maxunicode + 1):
        if text.is_plain(chr(code)):
            assert wcwidth(chr(code)) == 1, hex(code)
            assert not text._harmful(False).search(chr(code)), hex(code)


def test_wide_characters_are_harmless_and_two_columns_wide():
    from wcwidth import wcwidth

    for character in text._wide().findall("".join(map(chr, range(0x3000, 0x10000)))):
        assert wcwidth(character) == 2, hex(ord(character))
        assert not text._harmful(False).search(character), hex(ord(character))


@given(st.lists(st.sampled_from("a é…–€東京イベント、ー가힣！～｠"), max_size=12).map("".join))
def test_width_of_plain_and_wide_characters_is_that_of_wcwidth(mixed):
    from wcwidth import wcswidth

    assert text.width(mixed) == wcswidth(mixed)


def test_display_shows_escapes():
    shown = text.display("a\x1b[31m\u202e\U000e0041\n")
    assert shown == "a\\x1b[31m\\u202e\\U000e0041\\x0a"
    assert text.display("a\n\tb\r", multiline=True) == "a\n\tb\\x0d"


@given(ANY_TEXT)
@settings(deadline=None)
def test_displayed_text_holds_no_control(raw):
    shown = text.display(raw)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_quotes_are_short_and_harmless():
    assert text.quote("a\x1b") == '"a\\x1b"'
    assert text.quote("x" * 100) == f'"{"x" * 59}…"'


@pytest.mark.parametrize(
    ("shown", "columns"),
    [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("日本", 4), (FAMILY, 2), ("🇫🇷", 2), ("…", 1)],
)
def test_width_counts_terminal_columns(shown, columns):
    assert text.width(shown) == columns


def test_cut_keeps_grapheme_clusters_whole():
    assert text.cut("abcdef", 4) == "abc…"
    assert text.cut("abcd", 4) == "abcd"
    assert text.cut("日本語", 4) == "日…"
    assert text.cut(f"{FAMILY}{FAMILY}", 3) == f"{FAMILY}…"
    assert text.cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert text.cut("abc", 0) == ""
    assert text.cut("abcdef", 4, mark="~") == "abc~"


@given(ANY_TEXT.map(text.display), st.integers(0, 20))
@example("\u09cd0", 1)  # a mark without the letter that it belongs to
@example("\u09cd0", 3)
@settings(deadline=None)
def test_cut_and_padded_text_takes_the_columns_it_is_given(shown, columns):
    assert text.width(text.cut(shown, columns)) <= columns
    assert text.width(text.pad(text.cut(shown, columns), columns, right=True)) == columns


def test_pad_aligns_by_columns():
    assert text.pad("日", 4) == "日  "
    assert text.pad("7", 3, right=True) == "  7"
    assert text.pad("long", 2) == "long"


def test_wrap_breaks_at_spaces_where_it_can():
    assert text.wrap("one two three\n\nfour", 8) == ["one two", "three", "", "four"]
    assert text.wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert text.wrap("日本語", 4) == ["日本", "語"]
    assert text.wrap("日本", 1) == ["日", "本"]


@given(ANY_TEXT.map(text.display), st.integers(4, 20))
@settings(deadline=None)
def test_wrap_loses_nothing_but_spaces(shown, columns):
    lines = text.wrap(shown, columns)
    assert "".join("".join(lines).split()) == "".join(shown.split())


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("Aliénor Vichum", "alienor vichum"),
        ("ŁÓDŹ Øre Đorđe", "lodz ore dorde"),
        ("Straße Œuvre Æsir", "strasse oeuvre aesir"),
        ("Þór Guðrún", "thor gudrun"),
        ("İstanbul ışık", "istanbul isik"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ﬁn №１", "fin no1"),
    ],
)
def test_fold_removes_case_and_accents(raw, folded):
    assert text.fold(raw) == folded


@given(ANY_TEXT)
@settings(deadline=None)
def test_folded_text_does_not_change_when_it_is_folded_again(raw):
    once = text.fold(raw)
    assert text.fold(once) == once


def test_words_are_runs_of_letters_and_digits():
    assert text.words("Cool-Startup, LLC (2024) d'Été_x") == [
        "cool",
        "startup",
        "llc",
        "2024",
        "d",
        "ete",
        "x",
    ]


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(0, "event", "0 events"), (1, "event", "1 event"), (4990, "client", "4 990 clients"), (2, "entry", "2 entries")],
)
def test_what_is_counted_is_said_in_the_singular_or_plural(number, noun, said):
    assert text.counted(number, noun) == said


def test_closest_finds_what_was_meant():
    assert text.closest("clints", ["clients", "contracts", "events"]) == "clients"
    assert text.closest("Aliénor", ["alienor.vichum", "alienor"]) == "alienor"
    assert text.closest("zzz", ["clients"]) is None


def test_hint_names_what_is_near_or_else_what_there_is():
    assert text.did_you_mean("clints", ["clients", "events"]) == "Did you mean clients?"
    assert text.did_you_mean("zzz", ["clients", "events"]) == "Accepted: clients, events."
    assert text.did_you_mean("zzz", ["clients"], "Try: help") == "Try: help"


def test_importing_and_plain_text_load_no_heavy_library():
    program = (
        "import sys; from epicshell import values, text; text.cut(text.display('déjà'), 2);"
        "print([m for m in ('wcwidth', 'difflib', 'email_validator', 'phonenumbers') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_commands_load_nothing_that_few_lines_need():
    """Completion of expressions, explanations and groups: not at the start of `epicshell -c`."""
    program = (
        "import sys; from epicshell import batch; from epicshell.commands import events; f = 'epicshell.filters.';"
        "print([m for m in ('groups', 'where.explain', 'where.pieces', 'where.unfinished') if f + m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
