import datetime as dt
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicshell.errors import Invalid
from epicshell.values import date, timestamp

PARIS = ZoneInfo("Europe/Paris")
TODAY = dt.date(2024, 6, 15)
NOW = dt.datetime(2024, 6, 15, 23, 30, tzinfo=dt.UTC)  # already the 16th in Paris


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-04",
        "2023-6-4",
        "4 Jun 2023",
        "04 June 2023",
        "4 juin 2023",
        "Jun 4, 2023",
        "june 4th 2023",
        "4-Jun-2023",
        "4th June, 2023",
        " 4\u00a0JUIN  2023 ",
        "4jun2023",
        "4 Jun. 2023",
    ],
)
def test_a_day_is_read_in_every_common_notation(text):
    assert date(text, TODAY) == dt.date(2023, 6, 4)


@pytest.mark.parametrize(
    ("month", "names"),
    [
        (1, "Jan January janv janv. janvier"),
        (2, "Feb February févr FÉVRIER fevrier fe\u0301v"),
        (3, "Mar March mars"),
        (4, "Apr April avr avril"),
        (5, "May mai"),
        (6, "Jun June juin"),
        (7, "Jul July juil juillet"),
        (8, "Aug August août aout"),
        (9, "Sep Sept September septembre"),
        (10, "Oct October octobre"),
        (11, "Nov November novembre"),
        (12, "Dec December déc décembre"),
    ],
)
def test_months_have_english_and_french_names(month, names):
    for name in names.split():
        assert date(f"1er {name} 2024", TODAY) == dt.date(2024, month, 1)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", 0),
        ("Tomorrow", 1),
        ("yesterday", -1),
        ("demain", 1),
        ("aujourd’hui", 0),
        ("+3d", 3),
        ("-2w", -14),
    ],
)
def test_days_are_counted_from_today(text, days):
    assert date(text, TODAY) == TODAY + dt.timedelta(days)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("04/06/2023", r"is the day first, or the month\? Write 2023-06-04 or 2023-04-06\."),
        ("15/06/2023", r"Write 2023-06-15\."),
        ("4.6.2023", "Write 2023-06-04 or 2023-04-06"),
        ("31 Feb 2024", "is not a date: February 2024 has 29 days"),
        ("2023-02-29", "February 2023 has 28 days"),
        ("0 Jan 2023", "January 2023 has 31 days"),
        ("2023-13-01", "there is no month 13"),
        ("4 jui 2023", '"jui" does not name one month'),
        ("4 ma 2023", '"ma" does not name one month'),
        ("4 ² 2023", '"²" does not name one month'),
        ("1899-12-31", "is out of range. Accepted: years 1900 to 2200"),
        ("2201-01-01", "is out of range"),
        ("+999999w", "is out of range"),
    ]
    + [
        (text, "is not a date. Accepted: ")
        for text in [
            "",
            "4 Jun 23",
            "4 Jun",
            "31/02/2023",
            "04/06/0000",
            "٤ Jun 2023",
            "2023-06-04 13:00",
            "+3",
            "+1e3d",
        ]
    ],
)
def test_other_days_are_refused(text, why):
    with pytest.raises(Invalid, match=why):
        date(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-04 13:00",
        "2023-06-04T13:00",
        "2023-06-04t13:00:00",
        "2023-06-04 13:00+02:00",
        "2023-06-04T11:00Z",
        "2023-06-04T11:00:00.000+00",
        "2023-06-04 12:00 +0100",
        "4 Jun 2023 13:00",
        "4 Jun 2023, 13:00",
        "4 Jun 2023 1PM",
        "4 Jun 2023 @ 1PM",
        "4 Jun 2023 at 1 p.m.",
        "Jun 4, 2023 1:00 pm",
        "4 juin 2023 13h00",
        "4 juin 2023 13h",
        "4 juin 2023 à 13\u00a0h\u00a000",
    ],
)
def test_a_moment_is_read_in_every_common_notation(text):
    assert timestamp(text, PARIS, NOW) == dt.datetime(2023, 6, 4, 11, tzinfo=dt.UTC)


def test_moments_are_in_utc():
    assert timestamp("2023-06-04 13:00", PARIS, NOW).tzinfo is dt.UTC
    assert timestamp("2023-06-04 13:00-05:00", PARIS, NOW).tzinfo is dt.UTC


def test_noon_and_midnight_have_their_hours():
    assert timestamp("4 Jun 2023 12AM", PARIS, NOW) == timestamp("4 Jun 2023 0:00", PARIS, NOW)
    assert timestamp("4 Jun 2023 12:30PM", PARIS, NOW) == timestamp("4 Jun 2023 12:30", PARIS, NOW)


def test_today_is_the_day_in_the_zone():
    assert timestamp("tomorrow 14:00", PARIS, NOW) == dt.datetime(2024, 6, 17, 12, tzinfo=dt.UTC)
    assert timestamp("+1d 14h", ZoneInfo("UTC"), NOW) == dt.datetime(2024, 6, 16, 14, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4 Jun 2023", '"4 Jun 2023" has no time. Write 2023-06-04 14:30.'),
        ("04/06/2023", '"04/06/2023" is not accepted: is the day first, or the month?'),
        ("13:00", "is not a date and a time"),
        ("", "is not a date and a time"),
        ("2023-06-04 13", "is not a date and a time"),
        ("2023-06-04 1:5", "is not a date and a time"),
        ("2023-06-04 13:00 CET", "is not a date and a time"),
        ("2023-06-04 ١٣:٠٠", "is not a date and a time"),
        ("04/06/2023 13:00", "is the day first"),
        ("31 Feb 2024 13:00", "February 2024 has 29 days"),
        ("2023-06-04 24:00", "is not a time"),
        ("2023-06-04 13:60", "is not a time"),
        ("2023-06-04 13:00:60", "is not a time"),
        ("2023-06-04 13PM", "hours before AM and PM are 1 to 12"),
        ("2023-06-04 0AM", "hours before AM and PM are 1 to 12"),
        ("2023-06-04 13:00+24:00", "has an impossible offset"),
        ("2023-06-04 13:00+01:60", "is not a date and a time"),
    ],
)
def test_other_moments_are_refused(text, why):
    with pytest.raises(Invalid, match=why):
        timestamp(text, PARIS, NOW)


def test_a_time_that_the_zone_skips_is_refused():
    with pytest.raises(Invalid, match=r"does not exist in Europe/Paris.* Write 2024-03-31 03:30 or another"):
        timestamp("2024-03-31 02:30", PARIS, NOW)
    assert timestamp("2024-03-31 03:00", PARIS, NOW) == dt.datetime(2024, 3, 31, 1, tzinfo=dt.UTC)


def test_a_time_that_happens_twice_needs_its_offset():
    with pytest.raises(Invalid, match="happens twice in Europe/Paris") as refusal:
        timestamp("2024-10-27 02:30", PARIS, NOW)
    _, first, _, second = refusal.value.hint.rstrip(".").replace(" or ", "|or|").replace("Write ", "Write|").split("|")
    assert timestamp(first, PARIS, NOW) == dt.datetime(2024, 10, 27, 0, 30, tzinfo=dt.UTC)
    assert timestamp(second, PARIS, NOW) == dt.datetime(2024, 10, 27, 1, 30, tzinfo=dt.UTC)


@given(
    st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2200, 12, 30), timezones=st.just(dt.UTC)),
    st.sampled_from(["Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
@settings(deadline=None)
def test_every_moment_reads_back_from_any_zone(moment, name):
    zone = ZoneInfo(name)
    assert timestamp(str(moment.astimezone(zone)), PARIS, NOW) == moment
    assert timestamp(moment.astimezone(zone).isoformat(), PARIS, NOW) == moment


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%B %d, %Y"]),
)
@settings(deadline=None)
def test_every_day_reads_back(day, form):
    assert date(day.strftime(form), TODAY) == day


@given(
    st.one_of(
        st.text(),
        st.text("0123456789-/:+TZhwd .@"),
        st.from_regex(r"\d{1,4}[ -](\d\d|\w{3,4})[ -]\d{1,4}( \d{1,2}[:h]\d\d([+-]\d\d:?\d\d)?)?", fullmatch=True),
    )
)
@settings(deadline=None, max_examples=500)
def test_no_text_raises_anything_but_invalid(text):
    with suppress(Invalid):
        date(text, TODAY)
    with suppress(Invalid):
        timestamp(text, PARIS, NOW)
