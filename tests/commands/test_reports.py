"""Reports: each figure against Python over the raw rows, and against the command that lists what it counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from support.matrix import MODES
from support.people import People, Person
from support.reports import BUSINESS, MORE
from support.server import Server
from support.world import Ids, opened

PARIS = ZoneInfo("Europe/Paris")
READERS = ("mia.manager", "bill.boquet", "kate.hastroff")
NAMES = {Ids.bill: "bill.boquet", Ids.eve: "eve.martin", Ids.kate: "kate.hastroff", Ids.alienor: "alienor.vichum"}


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
def test_options_are_part_of_the_command(company: People, line: str) -> None:
    reader = company["mia.manager"]
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
