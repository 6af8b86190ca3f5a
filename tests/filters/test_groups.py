"""Lists by group: one row per value, with how many there are and their sums, as adding up the list itself gives."""

from collections import Counter

import pytest
from support.people import People
from support.world import World

from epicshell.models import Client, Contract, Employee, Event
from epicshell.params.fields import known
from epicshell.results import Format

LISTS = {"clients": Client, "contracts": Contract, "events": Event, "employees": Employee}


@pytest.mark.parametrize("username", ["mia.manager", "bill.boquet", "kate.hastroff"])
@pytest.mark.parametrize("noun", LISTS)
def test_the_groups_of_every_field_are_what_the_list_has(everyone: People, noun: str, username: str) -> None:
    person = everyone[username]
    for field in known(LISTS[noun], person.account.look_up().department):
        rows = person.json(f"{noun} list --columns id,{field.name}" if field.name != "id" else f"{noun} list")
        groups = person.json(f"{noun} list --group-by {field.name}")
        if field.kind in ("date", "time"):
            wanted = Counter(row[field.name] and row[field.name][:7] for row in rows)
        else:
            wanted = Counter(row[field.name] for row in rows)
        assert {group[field.name]: group["count"] for group in groups} == dict(wanted), field.name
        counts = [group["count"] for group in groups if group[field.name] is not None]
        assert counts == sorted(counts, reverse=True)
        assert all(group[field.name] is not None for group in groups[:-1])  # what is unknown comes last


def test_amounts_and_attendees_are_summed_up(everyone: People) -> None:
    mia = everyone["mia.manager"]
    assert mia("contracts list --group-by signed --format csv").out == (
        "signed,count,total,due\ntrue,5,36400.50,26000.00\nfalse,3,6500.00,6000.00\n"
    )
    assert mia("events list --group-by support --format tsv").out.splitlines() == [
        "support\tcount\tattendees",
        "kate.hastroff\t3\t225",
        "alienor.vichum\t2\t260",
        "\\N\t2\t40",
    ]


def test_the_last_line_has_the_totals_and_how_a_group_is_listed(everyone: People) -> None:
    mia = everyone["mia.manager"]
    last = mia("contracts list --group-by sales --limit 1").out.splitlines()[-1]
    assert last.startswith(
        "1 of 2 groups (--all shows all) · 8 contracts · total 42 900.50 EUR · due 32 000.00 EUR · a"
    )
    for noun in ("contracts", "events", "clients"):
        for name in ("sales", "company", "created_at"):
            for asked in ("", "where id > 101", "where id = 301 or updated_at > 2000"):
                last = mia(f"{noun} filter --group-by {name} {asked}").out.splitlines()[-1]
                first = mia(f"{noun} filter --group-by {name} --format json {asked}").json[0]
                group = last.split("a group: ")[1]
                assert len(mia(f"{noun} filter --format json {group}").json) == first["count"]
    last = mia("contracts filter --unpaid --group-by sales where signed or total > 5k").out.splitlines()[-1]
    assert last.endswith(" · a group: where paid = no and (signed or total > 5k) and sales = bill.boquet")
    last = mia("clients filter --trash --group-by sales").out.splitlines()[-1]
    assert last.startswith("1 group · 1 client · a group: --trash where sales = ")
    assert len(mia(f"clients filter --format json {last.split('a group: ')[1]}").json) == 1
    assert mia("events list --client 104 --group-by sales").out.splitlines()[-1] == "No events."


def test_groups_are_of_what_may_be_read_and_is_asked_for(people: People, world: World) -> None:
    bill = people("bill.boquet")
    assert bill.json("contracts list --mine --unpaid --group-by sales") == [
        {"sales": "bill.boquet", "count": 4, "total": "25500.00", "due": "22000.00"}
    ]
    assert bill("contracts filter --group-by sales --format json where due > 0 and sales = me").json[0]["count"] == 4
    assert len(bill.json("clients list --group-by sales")) == 2
    world.read_mode("need-to-know")
    assert [row["sales"] for row in people("bill.boquet").json("clients list --group-by sales")] == ["bill.boquet"]


def test_a_month_is_one_of_the_companys_zone(people: People, world: World) -> None:
    world.run("UPDATE crm.events SET starts_at = '2026-02-28 23:30+00', ends_at = '2026-03-02 00:00+00' WHERE id = 301")
    mia = people("mia.manager")
    assert "2026-03" in [row["starts_at"] for row in mia.json("events list --group-by starts_at")]
    assert 301 in mia("events filter --format json where starts_at = 2026-03").ids


@pytest.mark.parametrize(("line", "first"), [
    ("employees list --group-by department --sort department", "admin"),
    ("employees list --group-by department --sort=-count,-department", "support"),
    ("events list --group-by support --sort support", "alienor.vichum"),
    ("events list --group-by support --sort=-support", "kate.hastroff"),
    ("events list --group-by support --sort=-attendees", "alienor.vichum"),
])  # fmt: skip
def test_groups_are_sorted_by_their_own_columns(everyone: People, line: str, first: str) -> None:
    rows = everyone["mia.manager"].json(line)
    assert next(iter(rows[0].values())) == first
    assert all(next(iter(row.values())) is not None for row in rows[:-1])


@pytest.mark.parametrize(("flags", "told"), [
    ("--group-by foo", '--group-by: contracts have no field "foo".'),
    ("--group-by totl", "Did you mean total?"),
    ("--group-by sales --sort client", '--sort: contracts by sales have no field "client".'),
    ("--group-by sales --columns sales,id", '--columns: contracts by sales have no field "id".'),
])  # fmt: skip
def test_what_groups_do_not_have_is_refused(everyone: People, flags: str, told: str) -> None:
    result = everyone["mia.manager"](f"contracts list {flags}")
    assert (result.code, result.out) == (1, "")
    assert told in result.err


def test_columns_choose_among_those_of_groups(everyone: People) -> None:
    out = everyone["mia.manager"]("events list --group-by support --columns count,support --limit 1 --format csv").out
    assert out == "count,support\n3,kate.hastroff\n"


@pytest.mark.parametrize("format", Format)
def test_every_format_shows_groups(everyone: People, format: Format) -> None:
    result = everyone["mia.manager"](f"events list --group-by location --format {format}")
    assert result.code == 0
    assert "Mufflins" in result.out


def test_groups_are_the_last_result_too(people: People) -> None:
    mia = people("mia.manager", width=120, remember=True)
    shown = mia("contracts list --group-by sales").out
    assert mia("last").out == shown
    assert mia("last --sort count --format csv").out.splitlines()[0] == "sales,count,total,due"
    assert mia("more").err == "That was all."


def test_admins_group_no_business(everyone: People) -> None:
    result = everyone["ada.admin"]("employees list --group-by clients")
    assert result.code == 1
    assert 'no field "clients"' in result.err
