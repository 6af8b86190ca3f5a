"""Reports of a week that is known event by event, and how reports are shown and written."""

import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from support.people import People
from support.reports import BUSINESS, MORE
from support.server import Server
from support.world import World, opened

from epicshell.commands.output import Output
from epicshell.commands.showing import show
from epicshell.render import Screen
from epicshell.results import Column, Format, Kind, Listing

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def staff(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People in a world with more to report, where everyone reads everything."""
    with opened(server) as world:
        world.run(MORE)
        people = People(world, tmp_path_factory.mktemp("people"))
        yield people
        people.close()


# The week


def test_workload_is_events_and_attendees_per_week_and_the_next_free_day(staff: People) -> None:
    rows = staff["mia.manager"].json("report workload --period 2031-03-24..2031-04-06")
    figures = {(row["support"], row["week"]): (row["events"], row["attendees"]) for row in rows}
    assert figures == {
        ("alienor.vichum", "2031-w13"): (2, 70),  # the second one ends on the Sunday with 23 hours
        ("alienor.vichum", "2031-w14"): (1, 50),
        ("kate.hastroff", "2031-w13"): (3, 30),
        ("kate.hastroff", "2031-w14"): (0, 0),
    }
    assert {(row["support"], row["next_free"]) for row in rows} == {
        ("kate.hastroff", "2031-03-26"),  # what ends at midnight takes nothing of the next day
        ("alienor.vichum", "2031-03-25"),
    }
    assert [row["from"] for row in rows[:2]] == ["2031-03-24", "2031-03-31"]


def test_unassigned_events_come_soonest_first_with_who_is_free(staff: People) -> None:
    mia = staff["mia.manager"]
    rows = mia.json("report unassigned")
    assert [row["id"] for row in rows] == [305, 304, 327, 328]
    assert {row["id"]: row["free"] for row in rows} == {
        305: "alienor.vichum, kate.hastroff", 304: "alienor.vichum, kate.hastroff",
        327: "",  # kate has an event, and alienor another one
        328: "kate.hastroff",
    }  # fmt: skip
    assert [row["id"] for row in mia.json("report unassigned --limit 2")] == [305, 304]
    assert "2 of 4 events without support" in mia("report unassigned --limit 2").out
    assert (
        mia.json("report unassigned --period 2031-03-30")[0]["in_days"]
        == (date(2031, 3, 30) - datetime.now(PARIS).date()).days
    )


def test_calendar_marks_weekends_and_overlaps_of_one_person(staff: People) -> None:
    rows = staff["mia.manager"].json("report calendar --period 2031-03-24..2031-03-31")
    assert [(row["id"], row["weekend"], row["overlaps"]) for row in rows] == [
        (321, False, "322"), (322, False, "321"), (324, False, None), (327, False, None), (323, False, None),
        (325, True, None), (328, True, None), (326, False, None),
    ]  # fmt: skip
    assert rows[0]["starts_at"] == "2031-03-24T09:00:00+01:00"
    assert rows[-1]["starts_at"] == "2031-03-31T00:00:00+02:00"


def test_what_ends_at_midnight_is_not_on_the_next_day(staff: People) -> None:
    rows = staff["mia.manager"].json("report calendar --period 2031-03-25")
    assert [row["id"] for row in rows] == [323]


def test_calendar_draws_the_days_of_each_event(staff: People) -> None:
    lines = staff["mia.manager"]("report calendar --period 2031-03-24..2031-03-31").out.splitlines()
    assert lines[0].endswith("overlaps  MTWTFSSM")
    drawn = {line.split()[2]: line.split()[-1] for line in lines[2:-2] if line.startswith("2031")}
    assert drawn == {
        "321": "!····░░·", "322": "!····░░·", "323": "·█···░░·", "324": "█····░░·", "325": "·····██·",
        "326": "·····░░█", "327": "█····░░·", "328": "·····░█·",
    }  # fmt: skip
    assert lines[-2:] == ["8 events · 2 events on a weekend", "! 2 of them overlap with another one of the same person"]


def test_overlap_with_an_event_beyond_the_period_is_marked_too(people: People, world: World) -> None:
    world.run(MORE)
    world.run("UPDATE crm.events SET starts_at = '2031-03-10', ends_at = '2031-03-24 09:30+01' WHERE id = 323")
    rows = people("mia.manager").json("report calendar --period 2031-03-23..2031-03-23")
    assert [(row["id"], row["overlaps"]) for row in rows] == [(323, "321")]


# What is asked for, and how it is shown


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_terminal(staff: People, width: int) -> None:
    mia = staff("mia.manager", width=width)
    for report in BUSINESS:
        later = "2031-03-24..2031-04-06" if report in ("calendar", "workload", "unassigned") else "3y"
        for period in ("", f" --period {later}"):
            shown = mia(f"report {report}{period}")
            assert shown.code == 0
            assert max(map(len, shown.out.splitlines())) <= width
            assert "(+" not in shown.out  # no figure is left out
            assert "filter where" in shown.out


def test_report_takes_three_statements_at_most(staff: People) -> None:
    mia = staff("mia.manager", width=80)
    mia("whoami")
    asked: list[str] = []
    mia.account.database.query_hooks.append(lambda event: asked.append(event.sql))
    for report in BUSINESS:
        asked.clear()
        mia(f"report {report}")
        assert 1 <= len([sql for sql in asked if sql not in ("BEGIN", "COMMIT", "SELECT api.touch()")]) <= 3, report


@pytest.mark.parametrize(
    ("period", "width", "heading", "drawn"),
    [
        ("2031-03-20..2031-05-20", 140, "TFSSMTW", "··░░!····░░"),
        ("2031-03-20..2031-05-20", 80, "M A   M    weeks", "·!········"),
        ("2031-03-23..2031-06-02", 140, "M A   M   J  weeks", "·!··········"),
        ("2031", 80, "JFMAMJJASOND months", "··!·········"),
        ("2001..2031", 140, f"{'1234567890' * 3}1 years", "·" * 30 + "!"),
        ("2001..2031", 80, "", ""),
    ],
)
def test_longer_calendar_is_drawn_by_weeks_months_or_years(
    staff: People, period: str, width: int, heading: str, drawn: str
) -> None:
    lines = staff("mia.manager", width=width)(f"report calendar --period {period}").out.splitlines()
    assert max(map(len, lines)) <= width
    line = next(line for line in lines if "  321  " in line)
    assert ("(no room to draw the days)" in lines) is not bool(heading)
    assert heading in lines[0]
    assert drawn in line


def test_calendar_that_is_too_long_to_be_drawn_says_so(staff: People) -> None:
    assert "More than 62 years are not drawn." in staff["mia.manager"]("report calendar --period 1950..2031").out


def test_figures_are_kept_as_they_are_elsewhere(staff: People) -> None:
    line = "report calendar --period 2031-03-24 --format"
    lines = staff["mia.manager"](f"{line} csv").out.splitlines()
    assert lines[0] == "starts_at,ends_at,id,name,client,support,attendees,weekend,overlaps,command"
    assert lines[1].startswith("2031-03-24T09:00:00+01:00,2031-03-24T11:00:00+01:00,321,Monday,Kevin Casey,kate")
    markdown = staff["mia.manager"](f"{line} markdown").out
    assert "events filter where id = 321" in markdown
    assert "█" not in markdown


def test_every_report_is_a_workbook_too(staff: People, tmp_path: Path) -> None:
    mia = staff["mia.manager"]
    for report in (*BUSINESS, "activity"):
        path = tmp_path / f"{report}.xlsx"
        assert mia(f"report {report} --export {path}").code == 0
        header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        found = [dict(zip(header, row, strict=True)) for row in rows]
        for name in ("command", "free"):
            wanted = [row.get(name) or None for row in mia.json(f"report {report}")]
            assert [row.get(name) or None for row in found] == wanted


def test_figures_without_room_are_named_and_not_as_a_flag(staff: People) -> None:
    shown = staff("mia.manager", width=40)("report sales --period 2y").out
    assert "\n(+2 columns: total,due)\n" in shown


class Shown:
    """A pager that keeps the lines. screen: its columns, and the lines that are shown without it."""

    def __init__(self, *screen: int) -> None:
        self.screen = screen
        self.lines: list[str] = []

    def room(self) -> tuple[int, ...]:
        return self.screen

    def show(self, lines: Iterator[str], **_: object) -> None:
        self.lines = list(lines)


def test_bars_fit_the_pager_as_well() -> None:
    pager, rows = Shown(80, 3), [(str(number), (number / 9,)) for number in range(10)]
    listing = Listing([Column("x" * 60), Column("due", Kind.BAR)], rows, whole=True)
    output = Output(io.StringIO(), lambda: 80, pager=pager)
    show(listing, output, Format.TABLE, Screen(80, colour=False, zone=PARIS), paged=True)
    assert max(map(len, pager.lines)) == 80
    assert any(line.endswith("█" * 18) for line in pager.lines)


@pytest.mark.parametrize(("locale", "sign"), [("C", "#"), ("C.UTF-8", "█")])
def test_bars_are_ascii_where_the_locale_is_plain(locale: str, sign: str) -> None:
    code = "import sys; from epicshell.render.screen import signs; print(signs(sys.stdout).fills[0])"
    done = subprocess.run([sys.executable, "-c", code], env={"LANG": locale}, capture_output=True, check=True)
    assert done.stdout.decode().strip() == sign


def test_last_shows_a_report_again_and_sorts_it(people: People) -> None:
    mia = people("mia.manager", remember=True, width=80)
    shown = mia("report revenue").out
    assert mia("last").out == shown
    assert "█" in mia("last --sort=-signed").out
    assert mia("last --columns month,due --format csv").out.startswith("month,due\n")
