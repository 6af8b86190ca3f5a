"""Event sheets in whatever layout come out as the same events."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import legacy
from support.legacy import (
    ASSEMBLY,
    WEDDING,
    below,
    changed,
    french,
    height,
    one_cell,
    pairs,
    rows,
    spread,
    two_columns,
    width,
)

from epicshell.sheets import Row
from epicshell.sheets.legacy import EventSheet, Finding, event_sheets

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def read(cells, sheet="Sheet1"):
    return [one for one in event_sheets(rows(cells, sheet), PARIS, NOW) if isinstance(one, EventSheet)]


def told(event):
    """The values of an event sheet, which must be without a finding."""
    assert event.findings == []
    return {
        "title": event.name, "Event ID": event.number, "Contract ID": event.contract, "Client name": event.client,
        "Client contact": "\n".join(event.contact), "start": event.starts_at, "end": event.ends_at,
        "Support contact": event.support, "Location": event.location, "Attendees": event.attendees,
        "Notes": event.notes,
    }  # fmt: skip


def expected(event, start, end):
    values = {name: value for name, value in event.items() if not name.startswith("Event date")}
    return {**values, "start": start, "end": end}


THE_WEDDING = expected(WEDDING, datetime(2023, 6, 4, 11, tzinfo=UTC), datetime(2023, 6, 5, 0, tzinfo=UTC))
THE_ASSEMBLY = expected(ASSEMBLY, datetime(2023, 5, 5, 13, tzinfo=UTC), datetime(2023, 5, 5, 15, tzinfo=UTC))

LAYOUTS = {
    "two columns": two_columns,
    "two columns, far apart": lambda event, row=1, column=1: two_columns(event, row, column, gap=3),
    "one cell": one_cell,
    "one cell, French colon": lambda event, row=1, column=1: one_cell(event, row, column, mark=" : "),
    "one cell, no colon": lambda event, row=1, column=1: one_cell(event, row, column, mark=" "),
    "one cell, a line break": lambda event, row=1, column=1: one_cell(event, row, column, mark="\n"),
    "a cell per line": spread,
    "two labels in a row": pairs,
    "values below their labels": below,
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("words", [dict, french], ids=["English", "French"])
class TestEachLayout:
    def test_reads_the_two_real_examples(self, layout, words):
        assert [told(one) for one in read(layout(words(WEDDING)))] == [THE_WEDDING]
        assert [told(one) for one in read(layout(words(ASSEMBLY)))] == [THE_ASSEMBLY]

    def test_may_stand_anywhere(self, layout, words):
        assert [told(one) for one in read(layout(words(WEDDING), 7, 5))] == [THE_WEDDING]

    @pytest.mark.parametrize("free", [0, 1, 3])
    def test_may_be_stacked(self, layout, words, free):
        first = layout(words(WEDDING))
        second = layout(words(ASSEMBLY), height(first) + 1 + free)
        assert [told(one) for one in read(first | second)] == [THE_WEDDING, THE_ASSEMBLY]

    @pytest.mark.parametrize("column", [2, 4])
    def test_may_be_stacked_with_an_offset(self, layout, words, column):
        first = layout(words(WEDDING), 1, column)
        second = layout(words(ASSEMBLY), height(first) + 2, 5 - column)
        assert [told(one) for one in read(first | second)] == [THE_WEDDING, THE_ASSEMBLY]

    @pytest.mark.parametrize("lower", [0, 3])
    def test_may_stand_side_by_side(self, layout, words, lower):
        first = layout(words(WEDDING))
        second = layout(words(ASSEMBLY), 1 + lower, width(first) + 2)
        assert [told(one) for one in read(first | second)] == [THE_WEDDING, THE_ASSEMBLY]


def test_a_sheet_per_event():
    book = [*rows(two_columns(WEDDING), "109"), *rows(one_cell(french(ASSEMBLY)), "1023")]
    events = list(event_sheets(book, PARIS, NOW))
    assert [told(one) for one in events] == [THE_WEDDING, THE_ASSEMBLY]
    assert [(one.sheet, one.place) for one in events] == [("109", "109!A2"), ("1023", "1023!A2")]


def test_a_whole_event_in_one_cell():
    lines = "\n".join(
        text for _, text in sorted(one_cell(changed(ASSEMBLY, Client_contact="jacky@loubouzin.grd")).items())
    )
    (event,) = read({(3, 2): lines})
    assert (event.name, event.number, event.attendees, event.findings) == ("Lou Bouzin General Assembly", 1023, 200, [])
    assert event.where("attendees") == "Sheet1!B3"


def test_layouts_may_be_mixed_in_one_event():
    cells = two_columns(WEDDING, 2, 2)
    cells.update(
        {(4, 2): "Contract ID : 652", (10, 2): "Location: 53 Rue du Château,\n41120 Candé-sur-Beuvron, France"}
    )
    del cells[4, 3], cells[10, 3]
    assert [told(one) for one in read(cells)] == [THE_WEDDING]


def test_labels_ignore_case_accents_punctuation_and_no_break_spaces():
    names = ["n\u00b0 EVENEMENT", "Contrat\u00a0ID\u00a0:", "NOM CLIENT", "contact_client", "Début de l\u2019événement",
             "date de  fin.",
             "Contact (support)", "Adresse", "nb. de participants", "commentaires:"]  # fmt: skip
    names[6] = "Support (contact)"
    event = {"title": WEDDING["title"], **dict(zip(names, [WEDDING[name] for name in legacy.ENGLISH], strict=True))}
    assert [told(one) for one in read(two_columns(event))] == [THE_WEDDING]


def test_real_date_cells_are_read_in_the_company_s_zone():
    cells = changed(
        WEDDING, Event_date_start=datetime(2023, 6, 4, 13), Event_date_end=datetime(2023, 6, 5, 1, 59, 59, 999_997)
    )
    assert [told(one) for one in read(two_columns(cells))] == [THE_WEDDING]


def test_a_date_and_its_time_may_stand_in_two_cells():
    cells = two_columns(changed(WEDDING, Event_date_start=datetime(2023, 6, 4), Event_date_end="5 juin 2023"))
    cells[6, 3], cells[7, 3] = time(13), "2h"
    assert [told(one) for one in read(cells)] == [THE_WEDDING]


@pytest.mark.parametrize(
    "text", ["dimanche 4 juin 2023 à 13h00", "Sun. 4 June 2023, 1 PM", "le 4 juin 2023 à 13h", "2023-06-04 13:00",
             "2023-06-04T11:00Z", "June 4, 2023 at 1:00 pm", "2023/06/04 13:00", "4 juin 2023 - 13h",
             "4 juin 2023, à 13 heures", "dim. 4 juin 2023 à 13 heures 00"],
)  # fmt: skip
def test_dates_as_people_write_them(text):
    (event,) = read(two_columns(changed(WEDDING, Event_date_start=text)))
    assert told(event) == THE_WEDDING


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("4 Jun 2023", "has no time"),
        (date(2023, 6, 4), "has no time"),
        ("04/06/2023 13:00", "is the day first, or the month?"),
        ("31 Jun 2023 @ 1PM", "June 2023 has 30 days"),
        ("4 Jun @ 1PM", "with its year"),
        ("tomorrow 14:30", "with its year"),
        ("4 Jun 2023 @ 13PM", "hours before AM and PM"),
        ("Monday 4 June 2023 1PM", "2023-06-04 is a Sunday"),
        ("26 Mar 2023 2:30AM", "does not exist in Europe/Paris"),
        ("29 Oct 2023 2:30AM", "happens twice in Europe/Paris"),
        ("TBD", "with its year"),
        ("4 juin 2023 à minuit", "at the beginning of that day, or at its end?"),
        ("4 Jun 2023 @ 1PM - 5PM", "is not a date"),
        (45081.5, "with its year"),
    ],
)
def test_a_date_that_is_impossible_ambiguous_or_without_a_time_is_refused_with_its_cell(value, sentence):
    (event,) = read(two_columns(changed(WEDDING, Event_date_start=value), 2, 2))
    assert event.starts_at is None
    assert [(one.place, one.wrong) for one in event.findings] == [("Sheet1!C7", True)]
    assert sentence in event.findings[0].sentence


def test_an_event_ends_after_it_starts():
    (event,) = read(two_columns(changed(WEDDING, Event_date_end="4 Jun 2023 @ 1PM")))
    assert event.findings == [Finding("Sheet1!B7", "Event date end: the event must end after it starts.", True)]


@pytest.mark.parametrize(
    ("value", "count", "exact"),
    [
        ("75", 75, True), (75.0, 75, True), ("75 personnes", 75, True), ("1 200 people", 1200, True),
        ("~200", 200, False), ("env. 200 personnes", 200, False), ("environ 200", 200, False), ("200+", 200, False),
        ("200 max", 200, False), ("200 personnes (environ)", 200, False),
        ("about 200 guests", 200, False), ("?", None, False), ("à définir", None, False),
    ],
)  # fmt: skip
def test_attendees_warn_where_they_are_not_exact(value, count, exact):
    (event,) = read(two_columns(changed(WEDDING, Attendees=value)))
    assert event.attendees == count
    assert [(one.place, one.wrong) for one in event.findings] == ([] if exact else [("Sheet1!B10", False)])


@pytest.mark.parametrize("value", ["100-150", "many", "75.5", "1,200", "-3", "99999999999999", True])
def test_attendees_that_are_no_number_are_refused(value):
    (event,) = read(two_columns(changed(WEDDING, Attendees=value)))
    assert [(one.place, one.wrong) for one in event.findings] == [("Sheet1!B10", True)]


def test_unknown_labels_go_to_the_notes_with_a_warning():
    event = {**changed(ASSEMBLY, Notes="Doors open 5:30."), "Photographer": "Paul", "Traiteur :": "Chez Zoé"}
    for layout in (two_columns, one_cell):
        (found,) = read(layout(event))
        assert [line.replace(" ::", ":") for line in found.notes.split("\n")] == [
            "Doors open 5:30.", "Photographer: Paul", "Traiteur: Chez Zoé",
        ]  # fmt: skip
        assert [(one.place, one.wrong) for one in found.findings] == [("Sheet1!A12", False), ("Sheet1!A13", False)]
        assert '"Photographer" is no known label' in found.findings[0].sentence


def test_text_without_a_label_goes_to_the_notes_with_a_warning():
    cells = two_columns(ASSEMBLY)
    cells[3, 3] = "(second draft)"
    cells[14, 1] = "Printed by Kate"
    (event,) = read(cells)
    assert event.notes == f"{ASSEMBLY['Notes']}\n(second draft)\nPrinted by Kate"
    assert [(one.place, one.wrong) for one in event.findings] == [("Sheet1!C3", False), ("Sheet1!A14", False)]


def test_a_line_of_the_notes_that_looks_like_a_label_stays_in_the_notes():
    cells = spread(changed(ASSEMBLY, Notes="Participants: 12 from abroad\nSupport contact Kate is on leave"))
    (event,) = read(cells)
    assert (event.attendees, event.support, event.findings) == (200, "Aliénor Vichum", [])
    assert event.notes == "Participants: 12 from abroad\nSupport contact Kate is on leave"


@pytest.mark.parametrize(
    ("value", "missing"),
    [("Contract_ID", "Contract ID"), ("Event_date_start", "Event date start"), ("Location", "Location")],
)
def test_what_an_event_can_t_be_without(value, missing):
    (event,) = read(two_columns(changed(WEDDING, **{value: None})))
    assert event.findings == [Finding("Sheet1!A2", f"{missing} is missing.", True)]


def test_a_title_is_needed_and_no_line_of_the_event_above_it_is_one():
    first = two_columns(WEDDING)
    second = two_columns(changed(ASSEMBLY, title=None), height(first))
    _, event = read(first | second)
    assert [one.sentence for one in event.findings] == ["The event has no title: it stands above the Event ID."]


@pytest.mark.parametrize("label", ["Event name", "Nom de l'événement", "Titre :"])
def test_a_title_may_have_a_label(label):
    named = {label: WEDDING["title"], **WEDDING}
    del named["title"]
    for layout in (two_columns, one_cell):
        assert [told(one) for one in read(layout(named))] == [THE_WEDDING]
    last = {**changed(WEDDING, title=None), label: WEDDING["title"]}
    assert [told(one) for one in read(two_columns(last))] == [THE_WEDDING]


def test_a_table_with_headers_is_no_event_sheet():
    cells = {(1, column): name for column, name in enumerate(WEDDING, 1)}
    cells |= {(2, column): value for column, value in enumerate(WEDDING.values(), 1)} | {(1, 1): "Event name"}
    (event,) = read(cells)
    assert "Event ID is missing." in [one.sentence for one in event.findings if one.wrong]


def test_a_value_is_no_event_whatever_it_reads_as():
    notes = "Event ID: 110\nContract ID: 653\nLocation: Lyon"
    (event,) = read(two_columns(changed(WEDDING, Notes=notes, Client_name="Event ID 5")))
    assert (event.number, event.notes, event.client, event.findings) == (109, notes, "Event ID 5", [])


def test_an_id_is_a_number():
    (event,) = read(two_columns(changed(WEDDING, Event_ID="109a", Contract_ID="#652")))
    assert (event.number, event.contract) == (None, 652)
    assert [(one.place, one.wrong) for one in event.findings] == [("Sheet1!B2", True)]
    (event,) = read(two_columns(changed(WEDDING, Event_ID="109.0")))
    assert event.number == 109
    for name in ("Event #", "Event ID N°"):
        event = {"title": "", name: 109, **changed(WEDDING, Event_ID=None)}
        assert [told(one) for one in read(one_cell(event))] == [THE_WEDDING]


def test_a_label_stands_once():
    cells = two_columns(WEDDING)
    cells[12, 1], cells[12, 2] = "Contract ID", 653
    (event,) = read(cells)
    assert event.findings == [Finding("Sheet1!A12", "Contract ID stands here a second time; first in Sheet1!B3.", True)]


def test_what_could_deceive_is_refused_with_its_cell():
    (event,) = read(two_columns(changed(WEDDING, Location="Paris\u202e", title="A\x1b[2J")))
    assert [(one.place, one.wrong) for one in event.findings] == [("Sheet1!A1", True), ("Sheet1!B9", True)]


def test_a_sheet_without_events_and_cells_beside_them_are_told():
    found = list(
        event_sheets(
            [Row("Prices", 3, ("Menu", 12)), *rows({(1, 1): "Events of 2023", **two_columns(WEDDING, 4, 2)})],
            PARIS,
            NOW,
        )
    )
    assert [str(one.place) for one in found] == ["Prices!A3", "Sheet1!B5", "Sheet1!A1"]
    assert [one.sentence for one in found if isinstance(one, Finding)] == [
        "There is no Event ID in this sheet.", '"Events of 2023" belongs to no event.',
    ]  # fmt: skip


WORDS = st.text("abcdefghij éÉçœ,'-", min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
TEXTS = WORDS.filter(lambda text: any(map(str.isalpha, text)) and text[:1].isalpha()).map("x{}".format)
EVENTS = st.fixed_dictionaries(
    {
        "title": TEXTS,
        "Event ID": st.integers(1, 2**31 - 1),
        "Contract ID": st.integers(1, 2**31 - 1),
        "Client name": TEXTS,
        "Client contact": st.lists(TEXTS, min_size=1, max_size=3).map("\n".join),
        "Event date start": st.datetimes(datetime(2000, 1, 1, 4), datetime(2030, 1, 1)).map(
            lambda at: at.replace(hour=13)
        ),
        "Support contact": TEXTS,
        "Location": TEXTS,
        "Attendees": st.integers(0, 10_000_000),
        "Notes": st.lists(TEXTS, min_size=1, max_size=4).map("\n".join),
    }
)
PLACED = st.lists(
    st.tuples(EVENTS, st.sampled_from(list(LAYOUTS.values())), st.sampled_from([dict, french]), st.booleans()),
    min_size=1,
    max_size=4,
)


def in_order(values):
    return str(sorted(values.items()))


@settings(max_examples=60, deadline=None)
@given(PLACED, st.integers(0, 5), st.integers(0, 3), st.randoms())
def test_random_events_in_random_layouts_come_out_as_they_were(placed, row, column, random):
    cells, wanted = {}, []
    right = bottom = 0
    for event, layout, words, beside in placed:
        start = event["Event date start"].replace(microsecond=0, second=0)
        told_as = {**event, "Event date start": f"{start:%d %b %Y @ %H:%M}", "Event date end": start.replace(hour=23)}
        keys = list(legacy.ENGLISH[1:])
        random.shuffle(keys)
        told_as = {name: told_as[name] for name in ("title", "Event ID", *keys)}
        begin = (1 + row, right + 2) if beside and cells else (bottom + 2 + row, 1 + column)
        block = layout(words(told_as), *begin)
        cells |= block
        right, bottom = max(right, width(block)), max(bottom, height(block))
        end = start.replace(hour=23, tzinfo=PARIS).astimezone(UTC)
        wanted.append(expected(event, start.replace(tzinfo=PARIS).astimezone(UTC), end))
    assert sorted((told(one) for one in read(cells)), key=in_order) == sorted(wanted, key=in_order)
