"""events import --legacy: what a sheet is sure of is brought in; the rest is told, with its cell and what to do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from support import statements
from support.legacy import Cells, changed, one_cell, rows, two_columns
from support.people import People, Person, Result
from support.world import Ids

from epicshell.commands.importing import legacy

GALA = {
    "title": "Casey Gala",
    "Event ID": 109,
    "Contract ID": Ids.bills_unpaid,
    "Client name": "kevin CASEY",
    "Client contact": "kevin@startup.example",
    "Event date start": "4 Jun 2023 @ 1PM",
    "Event date end": "5 Jun 2023 @ 2AM",
    "Support contact": "Alienor Vichum",
    "Location": "Salle des fêtes de Mufflins",
    "Attendees": 75,
    "Notes": "By the river.\nReception at 5PM.",
}


class Sheets:
    """Brings cells in as a file would; the reading itself has tests of its own."""

    def __init__(self, person: Person, patch: pytest.MonkeyPatch) -> None:
        self.person, self._patch = person, patch

    def run(self, cells: Cells, flags: str = "--apply") -> Result:
        self._patch.setattr(legacy, "read", lambda *_, **__: (row for row in rows(cells)))
        return self.person(f"events import sheets.xlsx --legacy {flags} --format json")

    def __call__(self, *events: Any, flags: str = "--apply") -> list[dict[str, Any]]:
        """The report of events that stand side by side."""
        cells: Cells = {}
        for number, event in enumerate(events):
            cells |= two_columns(event, 1, 1 + 4 * number)
        report: list[dict[str, Any]] = self.run(cells, flags).json
        return report


@pytest.fixture
def mia(everyone: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sheets]:
    """Management in the world of the module; what it does is taken back, but for the numbers that were drawn."""
    person = everyone["mia.manager"]
    with person.undone():
        yield Sheets(person, monkeypatch)


@pytest.fixture
def alone(people: People, monkeypatch: pytest.MonkeyPatch) -> Sheets:
    """Management in a world of its own."""
    return Sheets(people("mia.manager"), monkeypatch)


def save(path: Path, cells: Cells) -> Path:
    book = Workbook()
    for (row, column), content in cells.items():
        book.active.cell(row, column, content)  # type: ignore[union-attr]
    book.save(path)
    return path


def outcomes(report: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    return [(row["action"], row["id"]) for row in report]


class TestAWorkbook:
    def test_is_rehearsed_first_then_brought_in_and_harmless_to_repeat(self, people: People, tmp_path: Path) -> None:
        mia = people("mia.manager")
        file = save(tmp_path / "sheets.xlsx", two_columns(GALA, 2, 2) | one_cell(changed(GALA, Event_ID=7), 2, 6))
        line = f"events import {file} --legacy"
        rehearsed = mia(line)
        assert rehearsed.code == 0
        assert "2 to create; nothing was done: --apply does it." in rehearsed.err
        assert [mia(f"events show {number}").code for number in (7, 109)] == [1, 1]
        assert outcomes(mia.json(line)) == outcomes(mia.json(f"{line} --apply")) == [("create", 109), ("create", 7)]
        assert outcomes(mia.json(f"{line} --apply")) == [("skip", 109), ("skip", 7)]
        event = mia.json("events show 109")
        assert {name: event[name] for name in ("name", "contract_id", "client", "support", "starts_at", "ends_at",
                                               "location", "attendees", "notes")} == {
            "name": "Casey Gala", "contract_id": Ids.bills_unpaid, "client": "Kevin Casey",
            "support": "alienor.vichum", "starts_at": "2023-06-04T13:00:00+02:00",
            "ends_at": "2023-06-05T02:00:00+02:00", "location": "Salle des fêtes de Mufflins", "attendees": 75,
            "notes": "By the river.\nReception at 5PM.",
        }  # fmt: skip

    def test_of_more_than_people_lay_out_by_hand_is_refused(self, mia: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
        many = {(row, column): "Event ID: 1" for row in range(1, 26) for column in range(1, 202)}
        result = mia.run(many)
        assert (result.code, 'The sheet "Sheet1" has more than 5000 events.' in result.err) == (1, True)
        monkeypatch.setattr(legacy, "_MOST_CELLS", 5000)
        result = mia.run(many)
        assert (result.code, "sheets.xlsx has more than 5000 cells." in result.err) == (1, True)

    def test_one_long_text_in_every_cell_is_refused(self, mia: Sheets) -> None:
        result = mia.run({(row, 1): "Event ID: 1" + "x" * 39_000 for row in range(1, 400)})
        assert (result.code, "sheets.xlsx has more than 10000000 characters." in result.err) == (1, True)

    def test_without_an_event_is_refused(self, people: People, tmp_path: Path) -> None:
        file = save(tmp_path / "prices.xlsx", {(1, 1): "Menu", (1, 2): 12})
        result = people("mia.manager")(f"events import {file} --legacy")
        assert result.code == 1
        assert "prices.xlsx holds no event sheet." in result.err


class TestNumbers:
    def test_one_that_is_taken_lives_on_as_a_reference(self, mia: Sheets) -> None:
        other = changed(GALA, Event_ID=Ids.alienors_event)
        ((action, number),) = outcomes(mia(other))
        assert action == "create"
        assert number not in (None, Ids.alienors_event)
        assert outcomes(mia(other)) == [("skip", number)]

    def test_one_that_an_event_in_the_trash_has_is_taken(self, mia: Sheets) -> None:
        ((action, number),) = outcomes(mia(changed(GALA, Event_ID=Ids.trashed_event)))
        assert (action, number != Ids.trashed_event) == ("create", True)

    def test_an_event_that_was_opened_by_hand_is_the_same_if_contract_and_name_are(self, mia: Sheets) -> None:
        by_hand = changed(GALA, title="casey LAUNCH party", Event_ID=Ids.kates_past_event, Contract_ID=Ids.bills_paid)
        (row,) = mia(by_hand)
        assert (row["action"], row["id"]) == ("update", Ids.kates_past_event)
        assert row["changes"].split(", ")[0:2] == ["support", "name"]

    def test_those_drawn_later_stay_clear_of_those_that_were_kept(self, alone: Sheets, people: People) -> None:
        taken = changed(GALA, Event_ID=Ids.alienors_event)
        report = alone(taken, changed(GALA, Event_ID=320), changed(GALA, Event_ID=321), changed(GALA, Event_ID=500))
        assert sorted(outcomes(report), key=str) == sorted(
            [("create", 320), ("create", 321), ("create", 500), ("create", 501)], key=str
        )
        opened = people("bill.boquet").json(
            f"events create --contract {Ids.bills_unpaid} --name N --location L --starts-at '4 Jun 2031 13:00'"
            " --ends-at '4 Jun 2031 14:00'"
        )
        assert opened["id"] == 502

    def test_a_rehearsal_does_not_move_them(self, alone: Sheets) -> None:
        far = changed(GALA, Event_ID=999_999_999)
        assert outcomes(alone(far, flags="")) == [("create", 999_999_999)]
        assert (
            outcomes(alone(far, changed(GALA, Contract_ID=999, Event_ID=5)))[0][0] == "create"
        )  # one failed: taken back
        ((_, number),) = outcomes(alone(changed(GALA, Event_ID=Ids.alienors_event)))
        assert number is not None
        assert number < 1000

    def test_one_that_stands_twice_is_refused_the_second_time(self, mia: Sheets) -> None:
        report = mia(GALA, changed(GALA, title="Another"), flags="--apply --skip-errors")
        assert outcomes(report) == [("create", 109), ("error", None)]
        assert "Sheet1!F2: event 109 stands in Sheet1!A2 already." in report[1]["problem"]


class TestContracts:
    @pytest.mark.parametrize(
        ("number", "sentence"),
        [
            (999, "Sheet1!B3: There is no contract 999 here. --map-contract 999=ID says which contract it is."
                  " The client of that name has contracts 201, 202, 203."),
            (Ids.bills_unsigned, "Contract 204 is not signed. First: contracts sign 204"),
            (Ids.trashed_contract, "Contract 208 is in the trash. First: contracts restore 208"),
            (Ids.eves_signed, 'Contract 206 is of Jacky Blangier (Lou Bouzin); the sheet names "kevin CASEY".'),
        ],
    )  # fmt: skip
    def test_one_that_can_t_be_is_an_error_that_says_what_to_do(self, mia: Sheets, number: int, sentence: str) -> None:
        (row,) = mia(changed(GALA, Contract_ID=number))
        assert (row["action"], row["id"]) == ("error", None)
        assert sentence in row["problem"]

    @pytest.mark.parametrize(
        ("client", "contact", "warns"),
        [
            ("KEVIN casey", None, False),
            ("Casey Kevin", None, False),
            ("Cool Startup LLC", None, False),
            (None, "Kevin Casey", False),
            ("Kevin Casy", None, True),
            ("Cool Startup", None, True),
            ("Startup", "kevin@startup.example", True),
            ("Startup", "+678 123-456-78", True),
        ],
    )
    def test_a_client_confirms(self, mia: Sheets, client: str | None, contact: str | None, warns: bool) -> None:
        (row,) = mia(changed(GALA, Client_name=client, Client_contact=contact), flags="")
        assert row["action"] == "create"
        assert ("taken as the same" in (row["problem"] or "")) is warns

    @pytest.mark.parametrize("client", ["Startup", "Kev", None])
    def test_a_client_that_does_not_confirm_is_an_error(self, mia: Sheets, client: str | None) -> None:
        (row,) = mia(changed(GALA, Client_name=client, Client_contact=None), flags="")
        assert row["action"] == "error"

    def test_one_may_be_said_and_is_known_from_then_on(self, mia: Sheets) -> None:
        other = changed(GALA, Contract_ID=652)
        assert outcomes(mia(other, flags=f"--apply --map-contract 652={Ids.bills_paid}")) == [("create", 109)]
        assert outcomes(mia(other, changed(other, Event_ID=110))) == [("skip", 109), ("create", 110)]
        assert mia.person.json("events show 110")["contract_id"] == Ids.bills_paid

    def test_two_numbers_may_be_said_to_be_one(self, mia: Sheets) -> None:
        one, other = changed(GALA, Contract_ID=652), changed(GALA, Contract_ID=653, Event_ID=110)
        report = mia(one, other, flags=f"--apply --map-contract 652={Ids.bills_paid},653={Ids.bills_paid}")
        assert outcomes(report) == [("create", 109), ("create", 110)]

    def test_what_is_said_is_checked_too(self, mia: Sheets) -> None:
        other = changed(GALA, Contract_ID=652)
        (row,) = mia(other, flags=f"--map-contract 652={Ids.eves_signed}")
        assert "is of Jacky Blangier" in row["problem"]
        (row,) = mia(other, flags="--map-contract 652=999 --map-contract 1=2")
        assert "--map-contract 652=999: there is no such contract." in row["problem"]

    def test_a_client_stays_as_it_is(self, mia: Sheets) -> None:
        before = mia.person.json(f"clients show {Ids.bills_client}")
        (row,) = mia(changed(GALA, Client_contact="kevin@new.example"))
        assert "The client's address stays kevin@startup.example; the sheet has kevin@new.example." in row["problem"]
        assert mia.person.json(f"clients show {Ids.bills_client}") == before


class TestSupport:
    @pytest.mark.parametrize("name", ["Kate Hastroff", "kate.hastroff", "HASTROFF Kate", "kate@epic.example"])
    def test_is_found_by_name_username_or_address(self, mia: Sheets, name: str) -> None:
        mia(changed(GALA, Support_contact=name))
        assert mia.person.json("events show 109")["support"] == "kate.hastroff"

    def test_a_near_name_is_suggested(self, mia: Sheets) -> None:
        (row,) = mia(changed(GALA, Support_contact="Kate"))
        assert row["problem"].endswith("Did you mean Kate Hastroff (kate.hastroff)?")
        (row,) = mia(changed(GALA, Support_contact="Kate Hastrof"))
        assert (row["action"], row["problem"]) == (
            "error", 'Sheet1!B8: There is no "Kate Hastrof" among the employees.'
            " Did you mean Kate Hastroff (kate.hastroff)?",
        )  # fmt: skip

    def test_who_has_left_stays_in_the_notes_of_an_event_that_is_over(self, mia: Sheets) -> None:
        (row,) = mia(changed(GALA, Support_contact="Gil Gone", Notes=None))
        assert "gil.gone is not active: the event is over, so the name goes to its notes." in row["problem"]
        event = mia.person.json("events show 109")
        assert (event["support"], event["notes"]) == (None, "Support contact: Gil Gone")

    @pytest.mark.parametrize(("name", "why"), [("Gil Gone", "is not active"), ("Eve Martin", "is not in support")])
    def test_who_can_t_run_one_that_is_to_come_is_an_error(self, mia: Sheets, name: str, why: str) -> None:
        (row,) = mia(changed(GALA, Support_contact=name, Event_date_end="5 Jun 2199 2AM"))
        assert row["action"] == "error"
        assert why in row["problem"]


class TestAgain:
    def test_a_sheet_that_was_changed_updates_what_differs(self, mia: Sheets) -> None:
        mia(GALA)
        newer = changed(GALA, Location="Lyon", Support_contact="Kate Hastroff", Event_date_end="5 Jun 2023 @ 3AM")
        (row,) = mia(newer)
        assert (row["action"], row["id"], row["changes"]) == ("update", 109, "support, ends_at, location")
        event = mia.person.json("events show 109")
        assert (event["support"], event["location"]) == ("kate.hastroff", "Lyon")
        assert outcomes(mia(newer)) == [("skip", 109)]

    def test_what_was_changed_here_since_is_left_alone(self, mia: Sheets) -> None:
        mia(GALA)
        mia.person("events update 109 --location Nice --attendees 80")
        mia.person("events assign 109 kate.hastroff")
        (row,) = mia(changed(GALA, title="Casey Ball"))
        assert (row["action"], row["changes"]) == ("update", "name")
        assert "Changed here since, and left so: support, location, attendees." in row["problem"]
        event = mia.person.json("events show 109")
        assert (event["name"], event["location"], event["attendees"]) == ("Casey Ball", "Nice", 80)

    def test_what_a_sheet_does_not_say_is_left_alone(self, mia: Sheets) -> None:
        mia(GALA)
        assert outcomes(mia(changed(GALA, Attendees=None, Notes=None, Support_contact=None))) == [("skip", 109)]

    def test_an_event_in_the_trash_stays_there(self, mia: Sheets) -> None:
        mia(GALA)
        mia.person("events delete 109 --yes")
        (row,) = mia(changed(GALA, Location="Lyon"))
        assert (row["action"], row["id"]) == ("skip", 109)
        assert "events restore 109" in row["problem"]

    def test_an_event_does_not_change_its_contract(self, mia: Sheets) -> None:
        mia(GALA)
        (row,) = mia(changed(GALA, Contract_ID=Ids.bills_paid))
        assert (row["action"], f"event 109 is on contract {Ids.bills_unpaid}" in row["problem"]) == ("error", True)

    def test_an_event_is_not_overwritten_with_another_of_its_number(self, mia: Sheets) -> None:
        mia(GALA)
        other = changed(
            GALA, title="Casey Ball", Event_date_start="4 Jun 2024 @ 1PM", Event_date_end="4 Jun 2024 @ 2PM"
        )
        (row,) = mia(other)
        assert row["action"] == "error"
        assert 'became event 109, "Casey Gala", which starts 2023-06-04 13:00.' in row["problem"]
        assert outcomes(mia(changed(other, Event_date_start="4 Jun 2023 @ 1PM"))) == [("update", 109)]

    def test_an_event_that_was_opened_here_is_known_beside_another_of_its_number(self, mia: Sheets) -> None:
        other = changed(GALA, Event_ID=Ids.kates_past_event, Contract_ID=Ids.bills_paid)
        ((_, number),) = outcomes(mia(other))
        assert number != Ids.kates_past_event
        by_hand = changed(other, title="Casey launch party", Event_date_start="3 Jun 2023 @ 1PM")
        assert outcomes(mia(by_hand)) == [("update", Ids.kates_past_event)]


class TestErrors:
    def test_keep_everything_out_unless_they_are_skipped(self, mia: Sheets) -> None:
        wrong = changed(GALA, Event_ID=110, Event_date_start="04/06/2023 13:00", Attendees="many")
        cells = two_columns(GALA) | two_columns(wrong, 1, 4)
        result = mia.run(cells)
        assert result.code == 1
        assert "1 to create, 1 error; nothing was done: correct them, or add --skip-errors." in result.err
        assert mia.person("events show 109").code == 1
        problem = result.json[1]["problem"]
        assert result.json[1]["place"] == "Sheet1!E2"
        assert "Sheet1!E6: Event date start: " in problem
        assert "is the day first, or the month?" in problem
        assert "Sheet1!E10: Attendees: " in problem
        assert outcomes(mia.run(cells, "--apply --skip-errors").json) == [("create", 109), ("error", None)]

    def test_of_what_is_too_long_are_told_with_the_cell(self, mia: Sheets) -> None:
        (row,) = mia(
            changed(GALA, Event_date_start="1 Jan 2199 1AM", Event_date_end="1 Jan 2199 2AM", Notes="x" * 20_001)
        )
        assert row["action"] == "error"
        assert "Sheet1!B11: Notes: 20001 characters are too many." in row["problem"]

    def test_one_import_is_one_transaction_in_the_audit(self, alone: Sheets, people: People) -> None:
        alone(GALA, changed(GALA, Event_ID=110))
        owner = people.world.owner()
        made = "SELECT count(DISTINCT xid), count(*) FROM sec.audit WHERE row_id IN (109, 110) AND noun = 'events'"
        assert statements.rows(owner, made) == [(1, 2)]


class TestRights:
    @pytest.mark.parametrize(
        ("who", "code", "sentence"),
        [
            ("bill.boquet", 4, "--legacy is for management; you are logged in as sales."),
            ("kate.hastroff", 4, "has no right events:import"),
            ("ada.admin", 4, "has no right events:import"),
        ],
    )
    def test_are_management_s(self, everyone: People, who: str, code: int, sentence: str) -> None:
        result = everyone[who]("events import sheets.xlsx --legacy")
        assert (result.code, sentence in result.err) == (code, True)

    def test_files_with_headers_are_not(self, everyone: People) -> None:
        result = everyone["mia.manager"]("events import events.csv")
        assert (result.code, "add --legacy" in result.err) == (4, True)

    def test_headers_and_event_sheets_exclude_each_other(self, everyone: People) -> None:
        assert everyone["mia.manager"]("events import x.xlsx --legacy --map A=name").code == 2

    def test_a_mapping_is_of_numbers(self, everyone: People) -> None:
        result = everyone["mia.manager"]("events import x.xlsx --legacy --map-contract 652=x")
        assert (result.code, '"x" is not a whole number' in result.err) == (1, True)


def test_what_sheets_name_is_looked_up_for_all_of_them_at_once(mia: Sheets) -> None:
    statements: list[str] = []
    hooks = mia.person.account.database.query_hooks
    hooks.append(lambda event: statements.append(event.sql))
    looked_up = []
    try:
        for count in (2, 6):
            statements.clear()
            mia(*[changed(GALA, Event_ID=number) for number in range(900, 900 + count)], flags="")
            looked_up.append(sum(sql.startswith("SELECT") for sql in statements))
    finally:
        hooks.pop()
    assert looked_up[0] == looked_up[1]


def test_times_are_the_company_s(mia: Sheets) -> None:
    mia(changed(GALA, Event_date_start=datetime(2023, 1, 4, 13), Event_date_end="2023-01-04 13:30Z"))
    event = mia.person.json("events show 109")
    assert datetime.fromisoformat(event["starts_at"]) == datetime(2023, 1, 4, 12, tzinfo=UTC)
    assert datetime.fromisoformat(event["ends_at"]) == datetime(2023, 1, 4, 13, 30, tzinfo=UTC)


class TestOverlaps:
    """Events of one support person at the same time are told of, as when they are assigned; not refused."""

    NIGHT = changed(GALA, Event_date_start="2031-11-22 18:00", Event_date_end="2031-11-23 02:00")

    def test_with_another_event_here(self, mia: Sheets) -> None:
        mia.person("events update 302 --starts-at '2031-11-22 14:00' --ends-at '2031-11-22 19:00'")
        mia.person("events assign 302 alienor.vichum")
        expected = "Aliénor Vichum also runs event 302 (Casey Summer Ball), 2031-11-22 14:00–19:00."
        cells = two_columns(self.NIGHT)
        assert expected in mia.run(cells, "").err
        assert expected in mia.run(cells).err
        assert expected not in mia.run(cells).err  # nothing changes any more

    def test_among_the_sheets_by_the_numbers_that_they_will_have(self, mia: Sheets) -> None:
        mia(changed(self.NIGHT, Event_ID=302, title="Other"), flags="")  # 302 is taken, so this one gets a new number
        cells = two_columns(self.NIGHT) | two_columns(changed(self.NIGHT, Event_ID=302, title="Other"), 1, 6)
        rehearsed, done = mia.run(cells, ""), mia.run(cells)
        assert "Aliénor Vichum would run two events at once: " in rehearsed.err
        assert "event 109 (Casey Gala), 2031-11-22 18:00" in rehearsed.err
        assert 'the new event "Other", 2031-11-22 18:00' in rehearsed.err
        drawn = next(row["id"] for row in done.json if row["name"] == "Other")
        assert f"event {drawn} (Other), 2031-11-22 18:00" in done.err

    def test_that_a_change_brings_about(self, mia: Sheets) -> None:
        later = changed(
            self.NIGHT, Event_ID=110, Event_date_start="2031-11-24 18:00", Event_date_end="2031-11-24 19:00"
        )
        mia(self.NIGHT, later)
        moved = changed(later, Event_date_start="2031-11-22 20:00", Event_date_end="2031-11-22 21:00")
        assert "Aliénor Vichum also runs event 109" in mia.run(two_columns(moved)).err
