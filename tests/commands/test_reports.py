"""Reports: each figure against Python over the raw rows, and against the command that lists what it counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from support.matrix import MODES
from support.people import People, Person
from support.server import Server
from support.world import Ids, World, opened

PARIS = ZoneInfo("Europe/Paris")
READERS = ("mia.manager", "bill.boquet", "kate.hastroff")
BUSINESS = ("revenue", "ageing", "calendar", "workload", "unassigned", "sales", "clients")
NAMES = {Ids.bill: "bill.boquet", Ids.eve: "eve.martin", Ids.kate: "kate.hastroff", Ids.alienor: "alienor.vichum"}
#: More than the world has: receivables at both ends of each age, a client that nothing happens with, and a week of
#: events in 2031 that ends with the night in which clocks are put forward (30 March 2031).
MORE = """
INSERT INTO crm.clients (id, full_name, email, phone, company, first_contact_on, sales_id) VALUES
  (111, 'Quinn Quiet', 'q@quiet.example', '1', 'Quiet', current_date - 300, 6),
  (112, 'Rae Recent', 'r@recent.example', '1', 'Recent', current_date - 300, 6);
INSERT INTO crm.contracts (id, client_id, total, signed_at, created_at)
  SELECT 210 + n, 101, 1000 * n, (current_date - days + time '12:00') AT TIME ZONE 'Europe/Paris',
         now() - '1 year'::interval
  FROM unnest(ARRAY[30, 31, 60, 61, 90, 91]) WITH ORDINALITY ages (days, n);
INSERT INTO crm.contracts (id, client_id, total, signed_at, created_at) VALUES
  (217, 111, 5000, now() - '290 days'::interval, now() - '295 days'::interval),
  (218, 112, 5000, now() - '290 days'::interval, now() - '295 days'::interval),
  (219, 111, 7000, '2026-03-31 22:30+00', '2026-03-01'), (220, 111, 7100, '2026-02-28 23:30+00', '2025-12-31 23:30+00');
UPDATE crm.contracts SET signed_at = now() - '291 days'::interval WHERE id IN (219, 220)
  AND signed_at > now() - '6 months'::interval;
INSERT INTO crm.payments (contract_id, amount, paid_on) VALUES
  (217, 2000, current_date - 280), (218, 2000, current_date - 10);
INSERT INTO crm.events (id, name, contract_id, support_id, starts_at, ends_at, location, attendees) VALUES
  (321, 'Monday', 201, 7, '2031-03-24 09:00+01', '2031-03-24 11:00+01', 'L', 10),
  (322, 'Monday too', 201, 7, '2031-03-24 10:00+01', '2031-03-25 00:00+01', 'L', 20),
  (323, 'Right after', 206, 7, '2031-03-25 00:00+01', '2031-03-25 12:00+01', 'L', NULL),
  (324, 'Beside', 206, 8, '2031-03-24 10:00+01', '2031-03-24 12:00+01', 'L', 30),
  (325, 'Short night', 206, 8, '2031-03-29 22:00+01', '2031-03-30 23:59+02', 'L', 40),
  (326, 'Next week', 206, 8, '2031-03-31 00:00+02', '2031-04-01 08:00+02', 'L', 50),
  (327, 'Nobody yet', 201, NULL, '2031-03-24 11:00+01', '2031-03-24 12:00+01', 'L', 5),
  (328, 'Nobody at night', 206, NULL, '2031-03-30 01:30+01', '2031-03-30 03:30+02', 'L', NULL);
"""


class Row(NamedTuple):
    """A contract as the owner sees it, with the ids of the live events' support people."""

    id: int
    client_id: int
    sales_id: int
    total: int
    due: int
    signed_at: datetime | None
    created_at: datetime
    supported: list[int]


@pytest.fixture(scope="module", params=MODES)
def company(
    server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    with opened(server) as world:
        world.run(MORE)
        world.read_mode(request.param)
        people = People(world, tmp_path_factory.mktemp("people"))
        people.mode = request.param
        yield people
        people.close()


@pytest.fixture(scope="module")
def staff(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """The same people, where everyone reads everything."""
    with opened(server) as world:
        world.run(MORE)
        people = People(world, tmp_path_factory.mktemp("people"))
        yield people
        people.close()


@pytest.fixture(params=READERS)
def reader(company: People, request: pytest.FixtureRequest) -> Person:
    return company[request.param]


def contracts(company: People, reader: Person) -> list[Row]:
    """The live contracts that a reader may read, by what the rights say of it."""
    rows = company.world.rows(
        "SELECT id, client_id, sales_id, total, due, signed_at, created_at, ARRAY(SELECT support_id FROM crm.events v"
        " WHERE v.contract_id = k.id AND support_id IS NOT NULL AND v.deleted_at IS NULL)"
        " FROM crm.contracts k WHERE deleted_at IS NULL"
    )
    return [row for row in map(Row._make, rows) if _reads(company, reader, row.sales_id, row.supported)]


def _reads(company: People, reader: Person, sales_id: int, supported: list[int]) -> bool:
    actor = reader.account.actor
    if company.mode == "company" or actor.department == "management":
        return True
    return sales_id == actor.employee_id if actor.department == "sales" else actor.employee_id in supported


def listed_by(reader: Person, command: str) -> Any:
    """What the command of a row lists."""
    result = reader(command.replace(" where ", " --format json where ", 1))
    assert result.code == 0, result.err
    return result.json


def cents(amount: str) -> int:
    return round(float(amount) * 100)


def day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


# Each figure against the list of what it counts


def counted(reader: Person, report: str, row: dict[str, Any]) -> None:
    """Run the command of a row; what it lists must be what the row counts."""
    listed = listed_by(reader, row["command"])
    total, due = (sum(cents(one.get(name, "0")) for one in listed) for name in ("total", "due"))
    match report:
        case "revenue":
            figures = [cents(row[name]) for name in ("signed", "paid", "due")]
            assert [row["contracts"], *figures] == [len(listed), total, total - due, due]
        case "ageing":
            assert (row["contracts"], cents(row["due"])) == (len(listed), due)
            assert {one["client_id"] for one in listed} == {row["client_id"]}
        case "calendar" | "unassigned":
            assert [one["id"] for one in listed] == [row["id"]]
        case "workload":
            assert row["events"] == len(listed)
            assert row["attendees"] == sum(one["attendees"] or 0 for one in listed)
        case "sales":
            assert row["count"] == len(listed)
            if row["stage"] != "clients":
                assert (cents(row["total"]), cents(row["due"])) == (total, due)
        case "clients" if row["contracts"] is None:
            assert row["clients"] == len(listed)
        case "clients" if row["client_id"] is None:  # a line per client
            assert (row["contracts"], cents(row["signed"])) == (sum(one["count"] for one in listed), total)
            assert row["clients"] == len(listed) == len({one["client_id"] for one in listed})
        case "clients":
            assert (row["contracts"], cents(row["signed"])) == (len(listed), total)


@pytest.mark.parametrize("report", BUSINESS)
def test_each_row_prints_the_command_that_lists_what_it_counts(reader: Person, report: str) -> None:
    rows = reader.json(f"report {report}")
    assert rows or (report == "unassigned" and reader.account.actor.username != "mia.manager")
    for row in rows:
        counted(reader, report, row)


@pytest.mark.parametrize(
    "line",
    [
        "revenue --period 2025-12-15..2026-08-10 --sales bill.boquet",
        "revenue --period 24mo --support kate.hastroff",
        "ageing --period 60d --sales bill.boquet --support kate.hastroff",
        "calendar --period 2031-w13 --support alienor.vichum --sales eve.martin",
        "workload --period 2031-03-25..2031-04-02 --support kate.hastroff",
        "unassigned --period 2031-q1 --sales bill.boquet",
        "sales --period 2026 --sales eve.martin",
        "clients --period last-year..this-year --sales eve.martin --support kate.hastroff",
    ],
)
def test_options_are_part_of_the_command(staff: People, line: str) -> None:
    reader = staff["mia.manager"]
    rows = reader.json(f"report {line}")
    assert rows
    for row in rows:
        counted(reader, line.split(maxsplit=1)[0], row)


# Each figure against Python over the raw rows


def test_revenue_is_what_was_signed_paid_and_is_due_per_month(company: People, reader: Person) -> None:
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in contracts(company, reader):
        if row.signed_at and day(row.signed_at).year >= 2024:
            for place, figure in enumerate((1, row.total, row.total - row.due, row.due)):
                wanted[f"{day(row.signed_at):%Y-%m}"][place] += figure
    rows = reader.json(f"report revenue --period 2024..{date.today().year}")
    figures = {
        row["month"]: [row["contracts"], *(cents(row[name]) for name in ("signed", "paid", "due"))] for row in rows
    }
    assert {month: found for month, found in figures.items() if found[0]} == wanted
    assert [row["month"] for row in rows][:2] == ["2024-01", "2024-02"]


def test_ageing_is_all_that_is_due_by_days_since_signature(company: People, reader: Person) -> None:
    wanted: Counter[tuple[int, str]] = Counter()
    for row in contracts(company, reader):
        if row.signed_at and row.due:
            days = (datetime.now(PARIS).date() - day(row.signed_at)).days
            age = "0-30" if days <= 30 else "31-60" if days <= 60 else "61-90" if days <= 90 else "over 90"
            wanted[row.client_id, age] += row.due
    rows = reader.json("report ageing")
    assert {(row["client_id"], row["days"]): cents(row["due"]) for row in rows} == wanted
    receivable = sum(cents(row["due"]) for row in reader.json("contracts filter --signed"))
    assert sum(cents(row["due"]) for row in rows) == receivable == sum(wanted.values())
    clients = [row["client_id"] for row in rows]
    per_client = [sum(due for (client, _), due in wanted.items() if client == one) for one in dict.fromkeys(clients)]
    assert per_client == sorted(per_client, reverse=True)
    most = reader("report ageing --limit 1").out
    assert ("The 1 clients who owe most" in most) == (len(set(clients)) > 1)
    assert f"due in all {receivable / 100:,.2f} EUR".replace(",", " ") in most
    assert reader("report ageing").out.endswith(f"due in all {receivable / 100:,.2f} EUR\n".replace(",", " "))


def test_sales_is_a_funnel_per_person(company: People, reader: Person) -> None:
    year = datetime.now(PARIS).year
    drawn = [row for row in contracts(company, reader) if day(row.created_at).year in (year - 1, year)]
    for name in {NAMES[row.sales_id] for row in drawn}:
        own = [row for row in drawn if NAMES[row.sales_id] == name]
        signed = [row for row in own if row.signed_at]
        stages = {"contracts": own, "signed": signed, "paid": [row for row in signed if not row.due]}
        found = reader.json(f"report sales --period last-year..this-year --sales {name}")
        for row in found[1:]:
            stage = stages[row["stage"]]
            assert (row["count"], row["percent"]) == (len(stage), round(100 * len(stage) / len(own)))
            assert (cents(row["total"]), cents(row["due"])) == (
                sum(one.total for one in stage),
                sum(one.due for one in stage),
            )


def test_clients_are_new_active_dormant_and_best(company: People, reader: Person) -> None:
    today = datetime.now(PARIS).date()
    signed = [
        row for row in contracts(company, reader) if row.signed_at and day(row.signed_at) > today - timedelta(100)
    ]
    best = Counter()
    for row in signed:
        best[row.client_id] += row.total
    rows = reader.json("report clients --period 100d")
    groups = {row["group"]: row for row in rows}
    assert (groups["active"]["clients"], groups["active"]["contracts"]) == (len(best), len(signed))
    assert cents(groups["active"]["signed"]) == sum(best.values())
    top = [(row["client_id"], cents(row["signed"])) for row in rows[3:]]
    assert top == sorted(best.items(), key=lambda item: (-item[1], item[0]))[:10]
    first = company.world.rows("SELECT id, first_contact_on FROM crm.clients WHERE deleted_at IS NULL")
    read = {one["id"] for one in reader.json("clients filter")}
    assert groups["new"]["clients"] == sum(number in read and met > today - timedelta(100) for number, met in first)
    dormant = [one["id"] for one in listed_by(reader, groups["dormant"]["command"])]
    assert dormant == ([111] if 111 in read else [])  # 112 paid ten days ago; the others' contracts are of today


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


def test_who_reads_a_part_only_is_not_told_who_is_free(company: People) -> None:
    kate, bill = company["kate.hastroff"], company["bill.boquet"]
    own = {row["support"]: row["next_free"] for row in kate.json("report workload --period 2031-w13")}
    of_bill = {row["support"]: row["next_free"] for row in bill.json("report workload --period 2031-w13")}
    free = [row["free"] for row in bill.json("report unassigned --period 2031-w13")]
    if company.mode == "company":
        assert own == of_bill == {"kate.hastroff": "2031-03-26", "alienor.vichum": "2031-03-25"}
        assert free == ["", "kate.hastroff"]
    else:
        assert own == {"kate.hastroff": "2031-03-26"}
        assert of_bill == {"kate.hastroff": None}
        assert free == [None]


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


def test_last_shows_a_report_again_and_sorts_it(people: People) -> None:
    mia = people("mia.manager", remember=True, width=80)
    shown = mia("report revenue").out
    assert mia("last").out == shown
    assert "█" in mia("last --sort=-signed").out
    assert mia("last --columns month,due --format csv").out.startswith("month,due\n")
