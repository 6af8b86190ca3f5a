import datetime as dt
import io
import json
import unicodedata
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from epicshell.render import Screen, render
from epicshell.render.structured import json_text
from epicshell.results import Column, Format, Kind, Listing, Record

COLUMNS = [
    Column("id", Kind.INTEGER),
    Column("name"),
    Column("total", Kind.MONEY),
    Column("signed", Kind.BOOLEAN),
    Column("signed_at", Kind.TIME),
    Column("due_on", Kind.DATE),
]
ROW = (412, "Aliénor", 1_200_000, True, dt.datetime(2023, 6, 4, 11, tzinfo=dt.UTC), dt.date(2023, 6, 4))
NOTHING = (413, None, None, None, None, None)


def test_a_listing_is_an_array_with_a_row_per_line(written):
    assert written(Listing(COLUMNS, iter([ROW, NOTHING]), str), Format.JSON).splitlines() == [
        "[",
        '{"id": 412, "name": "Aliénor", "total": "12000.00", "signed": true, '
        '"signed_at": "2023-06-04T13:00:00+02:00", "due_on": "2023-06-04"},',
        '{"id": 413, "name": null, "total": null, "signed": null, "signed_at": null, "due_on": null}',
        "]",
    ]


def test_a_listing_without_rows_is_an_empty_array(written):
    assert written(Listing(COLUMNS, []), Format.JSON) == "[]\n"


def test_a_record_is_an_indented_object(written):
    shown = written(Record(COLUMNS[:2], ROW[:2]), Format.JSON)
    assert shown == '{\n  "id": 412,\n  "name": "Aliénor"\n}\n'


def test_column_names_are_keys_as_they_are(written):
    shown = written(Record([Column('50 % "x"')], ["y"]), Format.JSON)
    assert json.loads(shown) == {'50 % "x"': "y"}


@given(st.text(st.one_of(st.characters(codec=None), st.sampled_from('"\\\n\x7f\x9b\u202e\ud800\U000e0041é'))))
@settings(deadline=None)
def test_every_text_reads_back_and_is_harmless(text):
    shown = json_text(text)
    assert json.loads(shown) == json.loads(json.dumps(text))
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Co", "Zl", "Zp"}


@given(st.lists(st.tuples(st.integers(), st.none() | st.text()), max_size=5))
@settings(deadline=None)
def test_every_listing_reads_back(rows):
    out = io.StringIO()
    listing = Listing([Column("id", Kind.INTEGER), Column("name")], rows)
    render(listing, format=Format.JSON, out=out, screen=Screen(None, False, ZoneInfo("UTC")))
    assert json.loads(out.getvalue()) == [{"id": number, "name": name} for number, name in rows]
