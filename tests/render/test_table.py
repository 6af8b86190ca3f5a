import datetime as dt
import io
import tracemalloc
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from epicshell.render import Screen, render
from epicshell.results import Column, Format, Kind, Listing
from epicshell.text import width

COLUMNS = [
    Column("id", Kind.INTEGER),
    Column("name"),
    Column("total", Kind.MONEY),
    Column("starts_at", Kind.TIME),
    Column("location"),
    Column("attendees", Kind.INTEGER),
]
START = dt.datetime(2023, 6, 4, 11, tzinfo=dt.UTC)
ROWS = [
    (109, "John Ouick Wedding", 1_200_000, START, "53 Rue du Château", 75),
    (1023, "日本語 👩‍🚀", -5, None, "a\nb\tc", None),
]


def events(rows=ROWS, columns=COLUMNS):
    return Listing(columns, rows, lambda count: f"{count} events")


class Sink(io.TextIOBase):
    def write(self, text):
        return len(text)


def test_a_table_has_a_header_a_rule_aligned_rows_and_a_total(written):
    assert written(events(), Format.TABLE).splitlines() == [
        "  id  name                    total  starts at         location           attendees",
        "────  ──────────────────  ─────────  ────────────────  ─────────────────  ─────────",
        " 109  John Ouick Wedding  12 000.00  2023-06-04 13:00  53 Rue du Château         75",
        "1023  日本語 👩‍🚀               -0.05  –                 a⏎b c                      –",
        "2 events",
    ]


def test_the_widest_texts_give_way_on_a_narrow_terminal(written):
    assert written(events(), Format.TABLE, width=80).splitlines() == [
        "  id  name                  total  starts at         location          attendees",
        "────  ────────────────  ─────────  ────────────────  ────────────────  ─────────",
        " 109  John Ouick Wedd…  12 000.00  2023-06-04 13:00  53 Rue du Châte…         75",
        "1023  日本語 👩‍🚀             -0.05  –                 a⏎b c                     –",
        "2 events",
    ]


def test_columns_without_room_are_named(written):
    assert written(events(), Format.TABLE, width=60).splitlines()[-3:] == [
        "1023  日本語 👩‍🚀        -0.05  –                 a⏎b c",
        "(+1 column: --columns attendees)",
        "2 events",
    ]


def test_the_id_is_never_lost(written):
    columns = [Column("name"), Column("attendees", Kind.INTEGER), Column("id", Kind.INTEGER)]
    lines = written(events([("Wedding", 75, 123_456_789)], columns), Format.TABLE, width=5).splitlines()
    assert lines[2:4] == ["123456789", "(+2 columns: --columns name,attendees)"]


def test_nothing_is_cut_outside_a_terminal(written):
    notes = "word " * 1000 + "end"
    assert notes in written(events([(1, notes)], [Column("id", Kind.INTEGER), Column("notes")]), Format.TABLE)


def test_a_listing_without_rows_is_its_total_alone(written):
    assert written(events([]), Format.TABLE) == "0 events\n"
    assert written(Listing(COLUMNS, []), Format.TABLE) == ""


def test_only_a_coloured_table_has_escapes(written):
    assert "\x1b" not in written(events(), Format.TABLE)
    lines = written(events(), Format.TABLE, colour=True).splitlines()
    assert lines[0] == "\x1b[1m" + written(events(), Format.TABLE).splitlines()[0] + "\x1b[0m"
    assert lines[1].startswith("\x1b[2m──")
    assert lines[-1] == "\x1b[2m2 events\x1b[0m"
    assert not any("\x1b" in line for line in lines[2:-1])


def test_an_ascii_terminal_gets_ascii_signs(written):
    listing = events([(1, "x" * 30), (2, "a\nb"), (3, None)], [Column("id", Kind.INTEGER), Column("name")])
    assert written(listing, Format.TABLE, width=20, encoding="ascii").splitlines() == [
        "id  name",
        "--  ----------------",
        " 1  xxxxxxxxxxxxxxx~",
        " 2  a b",
        " 3  -",
        "3 events",
    ]


def test_what_an_encoding_escapes_is_measured_as_it_is_shown(written):
    listing = Listing((Column("name"), Column("id", Kind.INTEGER)), [["Novák", 1], ["東京イベント", 2]])
    wide = written(listing, Format.TABLE, width=80, encoding="ascii").splitlines()
    assert wide[1:] == [
        "-" * 36 + "  --",
        "Nov\\xe1k" + " " * 28 + "   1",
        "\\u6771\\u4eac\\u30a4\\u30d9\\u30f3\\u30c8   2",
    ]
    assert max(map(len, written(listing, Format.TABLE, width=20, encoding="ascii").splitlines())) <= 20
    for encoding in ("latin-1", "cp1252"):
        assert written(listing, Format.TABLE, width=80, encoding=encoding).splitlines()[2].startswith("Novák  ")


def test_columns_stay_aligned_where_later_ids_are_longer(written):
    rows = ((number, "x") for number in range(9000, 11_500))
    lines = written(events(rows, [Column("id", Kind.INTEGER), Column("name")]), Format.TABLE, width=80).splitlines()
    assert {line.index("x") for line in lines[2:-1]} == {8}
    assert lines[-1] == "2500 events"


def test_later_texts_are_cut_to_the_width_of_the_first_thousand(written):
    rows = [(1, "short")] * 1000 + [(2, "much too long")]
    listing = events(rows, [Column("id", Kind.INTEGER), Column("name")])
    assert written(listing, Format.TABLE, width=80).splitlines()[-2] == "  2  much…"
    assert written(listing, Format.TABLE).splitlines()[-2] == "  2  much too long"


CELL = st.one_of(
    st.none(),
    st.text(st.one_of(st.characters(), st.sampled_from("é日👩‍🚀\u0301\n\t\x1b\u202e")), max_size=30),
)


@given(st.lists(st.tuples(st.integers(0, 9999), CELL, CELL, CELL), min_size=1, max_size=5), st.integers(20, 60))
@example([(0, None, None, "\U0001612a\U0001fffe")], 20)  # begins with a mark, which takes a column behind a space
@settings(deadline=None)
def test_no_line_is_wider_than_the_terminal(rows, columns):
    out = io.StringIO()
    listing = Listing([Column("id", Kind.INTEGER), Column("a"), Column("b"), Column("c")], rows)
    render(listing, format=Format.TABLE, out=out, screen=Screen(columns, False, ZoneInfo("Europe/Paris")))
    lines = out.getvalue().split("\n")[:-1]
    assert len(lines) - len(rows) in {2, 3}
    assert max(map(width, lines[: len(rows) + 2])) <= columns


def test_memory_does_not_grow_with_the_rows():
    def peak(count):
        rows = ((n, "John Ouick Wedding", n, START, "Rue du Château", 75) for n in range(count))
        tracemalloc.start()
        render(events(rows), format=Format.TABLE, out=Sink(), screen=Screen(100, False, ZoneInfo("Europe/Paris")))
        return tracemalloc.get_traced_memory()[1], tracemalloc.stop()

    assert peak(10_000)[0] < peak(2000)[0] * 1.5
