"""What is particular to bringing in contracts, events and employees."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.imports import ANN, Files, report
from support.people import Person
from support.world import World


@pytest.fixture
def write(tmp_path: Path) -> Files:
    return Files(tmp_path)


# Contracts


CONTRACT = ("id", "client", "total", "due", "signed", "signed_at")


def test_client_of_a_contract_is_found_by_number_address_or_reference(
    world: World, bill: Person, mia: Person, write: Files
) -> None:
    bill(f"clients import {write(ANN)} --source old --apply")
    rows = [
        (1, "1", "100", "", "", ""), (2, "#101", "200,50", "50", "yes", "2024-06-15"),
        (3, "zoe@noel.example", "1k", "", "FAUX", ""), (4, "old:1", "7", "", "", ""), (5, 99, 1, "", "", ""),
        (6, "#Ann", 1, "", "", ""),
    ]  # fmt: skip
    path = write(*rows, header=CONTRACT, name="contracts.csv")
    done = report(mia, f"contracts import {path} --source old --apply --skip-errors")
    assert [record["action"] for record in done] == ["create"] * 4 + ["error"] * 2
    assert done[4]["problem"].startswith('client: no client "old:99" was imported.')
    assert done[5]["problem"].startswith('client: "#Ann" is no client number. Accepted:')
    names = write(("Ann Lee", 1), header=("client", "total"), name="names.csv")
    assert report(mia, f"contracts import {names}")[0]["problem"].startswith('client: "Ann Lee" is no client number.')
    made = "SELECT legacy_ref, c.email, total, due, signed_at IS NOT NULL FROM crm.contracts k JOIN crm.clients c"
    assert world.rows(
        f"{made.replace('legacy_ref', 'k.legacy_ref')} ON c.id = client_id WHERE k.id >= 220 ORDER BY 1"
    ) == [
        ("old:1", "ann@lee.example", 10000, 10000, False),
        ("old:2", "kevin@startup.example", 20050, 5000, True),
        ("old:3", "zoe@noel.example", 100000, 100000, False),
        ("old:4", "ann@lee.example", 700, 700, False),
    ]
    assert mia(f"contracts import {path} --source old --apply --skip-errors").err.endswith("4 unchanged, 2 errors.")


def test_contract_changes_as_far_as_commands_could(world: World, mia: Person, write: Files) -> None:
    def imported(*row: Any) -> dict[str, Any]:
        path = write((1, "#101", *row), header=CONTRACT, name="contracts.csv")
        return report(mia, f"contracts import {path} --apply")[0]

    assert imported("100", "100", "no", "")["action"] == "create"
    assert imported("120", "120", "yes", "2024-06-15")["changes"] == "total, signed, signed_at"
    assert imported("120", "120", "yes", "2024-06-15")["action"] == "skip"
    assert "contracts pay books a payment." in imported("120", "20", "yes", "")["problem"]
    assert "contracts unsign takes that back." in imported("120", "120", "no", "")["problem"]
    assert "is yet to come" in imported("120", "", "yes", "2199-01-01")["problem"]
    assert world.ask("SELECT total, signed FROM crm.contracts WHERE legacy_ref = 'contracts:1'") == (12000, True)


def test_contract_without_a_number_is_not_made_twice(mia: Person, write: Files) -> None:
    path = write(("102", "77"), header=("client_id", "total"), name="contracts.csv")
    assert mia(f"contracts import {path} --apply").err.endswith("1 created.")
    [twin] = report(mia, f"contracts import {path} --apply")
    assert (twin["action"], "already: contract" in twin["problem"]) == ("skip", True)
    numbered = write((9, "102", "77"), header=("id", "client_id", "total"), name="contracts.csv")
    [other] = report(mia, f"contracts import {numbered}")
    assert (other["action"], "already: contract" in other["problem"]) == ("create", True)


# Events


EVENT = ("id", "contract_id", "name", "starts_at", "ends_at", "location", "attendees", "notes")


def test_events_come_from_workbooks_with_real_dates(world: World, bill: Person, write: Files) -> None:
    gala = (7, 201, "Gala", datetime(2031, 6, 15, 14, 30), datetime(2031, 6, 16, 2), "Candé", 75, "By the river.\nDJ.")
    path = write(gala, header=EVENT, name="events.xlsx")
    assert bill(f"events import {path} --apply").err.endswith("1 created.")
    assert world.ask(
        "SELECT name, starts_at AT TIME ZONE 'Europe/Paris', location, attendees, notes, legacy_ref"
        " FROM crm.events WHERE id >= 320"
    ) == ("Gala", datetime(2031, 6, 15, 14, 30), "Candé", 75, "By the river.\nDJ.", "events:7")
    assert bill(f"events import {path} --apply").err.endswith("1 unchanged.")
    path = write((*gala[:5], "Lyon", *gala[6:]), header=EVENT, name="events.xlsx")
    assert "no right events:update" in report(bill, f"events import {path}")[0]["problem"]


def test_no_file_takes_the_numbers_of_the_old_sheets(bill: Person, write: Files) -> None:
    row = (1023, "#201", "Gala", "2031-06-15 14:30", "2031-06-15 16:30", "L", "", "")
    for name, source in (("legacy.csv", ""), ("x.csv", " --source legacy")):
        [told] = report(bill, f"events import {write(row, header=EVENT, name=name)}{source}")
        assert (told["action"], "the old event sheets' numbers" in told["problem"]) == ("error", True)
    assert bill(f"events import {write(row, header=EVENT, name='legacy.csv')} --source mine").code == 0


def test_event_of_others_or_without_a_time_is_an_error(bill: Person, write: Files) -> None:
    times = ("2031-06-15 14:30", "2031-06-15 16:30")
    starts = [(206, times[0]), (204, times[0]), (999, times[0]), (201, date(2031, 6, 15)), (201, "2031-06-16 10:00")]
    starts.append(("the gala's", "04/06/2031"))
    rows = [(n, contract, "E", start, times[1], "L", "", "") for n, (contract, start) in enumerate(starts)]
    path = write(*rows, header=EVENT, name="events.csv")
    problems = [record["problem"] for record in report(bill, f"events import {path}")]
    assert "events:create" in problems[0]
    assert problems[1].startswith("The contract is not signed.")
    assert problems[2].startswith("There is no contract 999")
    assert problems[3].startswith("starts_at: ")
    assert problems[4].startswith("An event must end after it starts.")
    assert problems[5].startswith('starts_at: "04/06/2031" is not accepted: is the day first, or the month?')


# Employees


def test_employees_get_no_code(world: World, mia: Person, write: Files) -> None:
    header = ("username", "full_name", "email", "department")
    path = write(("new.one", "New One", "n@epic.example", "support"), header=header, name="people.csv")
    assert mia(f"employees import {path} --apply").err.endswith("1 created.")
    assert world.ask("SELECT count(*) FROM sec.enrolments") == (0,)
    path = write(("new.one", "New Name", "n@epic.example", "support"), header=header, name="people.csv")
    assert report(mia, f"employees import {path} --apply")[0]["changes"] == "full_name"
    again = report(mia, f"employees import {write(*[('new.two', 'N', 'm@epic.example', 'sales')] * 2, header=header)}")
    assert again[1]["problem"] == '"new.two" stands in an earlier row, too. One of them must go.'
    path = write(("boss.one", "Boss", "b@epic.example", "admin"), header=header, name="people.csv")
    assert "Who makes an admin: admin." in report(mia, f"employees import {path}")[0]["problem"]
