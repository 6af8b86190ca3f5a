import datetime as dt

from epicshell.results import Column, Format, Kind, Record

EVENT = Record(
    [
        Column("id", Kind.INTEGER),
        Column("starts_at", Kind.TIME),
        Column("total", Kind.MONEY),
        Column("support"),
        Column("notes"),
    ],
    [
        109,
        dt.datetime(2023, 6, 4, 11, tzinfo=dt.UTC),
        1_200_000,
        None,
        "Starts at 3PM, by the river.\n\n\tBring \x1b[31m cake",
    ],
)


def test_a_record_has_a_line_per_value(written):
    assert written(EVENT, Format.TABLE).splitlines() == [
        "id         109",
        "starts at  2023-06-04 13:00",
        "total      12 000.00 EUR",
        "support    –",
        "notes      Starts at 3PM, by the river.",
        "",
        "               Bring \\x1b[31m cake",
    ]


def test_long_values_are_wrapped_under_each_other(written):
    assert written(EVENT, Format.TABLE, width=32).splitlines()[4:] == [
        "notes      Starts at 3PM, by the",
        "           river.",
        "",
        "               Bring \\x1b[31m",
        "           cake",
    ]


def test_very_narrow_terminals_get_readable_lines(written):
    assert written(EVENT, Format.TABLE, width=3).splitlines()[4] == "notes      Starts at 3PM, by"


def test_names_are_bold_where_there_is_colour(written):
    assert written(EVENT, Format.TABLE, colour=True).startswith("\x1b[1mid         \x1b[0m109\n")
