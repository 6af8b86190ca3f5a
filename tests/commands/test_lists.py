"""Lists: exact in every format, sorted, limited, counted; for people on a terminal, whole elsewhere."""

import csv
import io

import pytest
from support.people import People, Person
from support.world import World

from epicshell.models import Client, Contract, Employee, Event, Payment
from epicshell.results import Format


def test_csv_is_exact(everyone: People) -> None:
    out = everyone["mia.manager"](
        "contracts list --columns id,client,total,signed,sales --sort id --limit 2 --format csv"
    ).out
    assert out == (
        "id,client,total,signed,sales\n"
        "201,Kevin Casey,12000.00,true,bill.boquet\n"
        "202,Kevin Casey,8000.00,true,bill.boquet\n"
    )  # fmt: skip


def test_tsv_is_exact(everyone: People) -> None:
    out = everyone["mia.manager"]("events list --columns id,support,attendees,notes --sort id --format tsv").out
    lines = out.splitlines()
    assert lines[:2] == ["id\tsupport\tattendees\tnotes", "301\tkate.hastroff\t75\tIt went well."]
    assert lines[4] == "304\t\\N\t\\N\t\\N"


def test_markdown_is_a_pipe_table(everyone: People) -> None:
    out = everyone["mia.manager"]("contracts list --columns id,client,due --sort id --limit 1 --format markdown").out
    assert out.splitlines() == [
        "|   id | client      |       due |",
        "|-----:|:------------|----------:|",
        "|  201 | Kevin Casey | 12 000.00 |",
    ]


def test_table_ends_with_counts_and_sums(everyone: People) -> None:
    out = everyone["mia.manager"]("contracts list --client 103 --columns id,total,due").out
    assert out.splitlines() == [
        " id     total       due",
        "───  ────────  ────────",
        "209  1 500.00      0.00",
        "207  1 000.00  1 000.00",
        "206  9 900.50  9 000.00",
        "3 contracts · total 12 400.50 EUR · due 10 000.00 EUR",
    ]


@pytest.mark.parametrize(("line", "footer"), [
    ("clients list --client 1", None),
    ("clients list", "4 clients"),
    ("clients list --trash", "1 client"),
    ("events list --client 104", "No events."),
    ("employees list --inactive", "1 employee"),
    ("events list --limit 3", "3 of 7 events (--all shows all)"),
    ("contracts list --limit 1 --sort id --columns id,due", "1 of 8 contracts (--all shows all) · due 12 000.00 EUR"),
    ("contracts payments 202", "1 payment · amount 3 000.00 EUR"),
])  # fmt: skip
def test_last_line_counts(everyone: People, line: str, footer: str | None) -> None:
    result = everyone["mia.manager"](line)
    if footer is None:
        assert result.code == 2
    else:
        assert result.out.splitlines()[-1] == footer


@pytest.mark.parametrize(("line", "model"), [
    ("employees list", Employee),
    ("clients list", Client),
    ("contracts list", Contract),
    ("contracts payments 202", Payment),
    ("events list", Event),
])  # fmt: skip
def test_table_shows_what_matters_and_exact_formats_show_all(everyone: People, line: str, model: type[Client]) -> None:
    mia = everyone["mia.manager"]
    assert mia(line).out.splitlines()[0].split("  ")[0].strip() == "id"
    heading = " ".join(mia(line).out.splitlines()[0].split())
    assert heading == " ".join(name.replace("_", " ") for name in model.summary)
    assert mia(f"{line} --format csv").out.splitlines()[0].split(",") == [field.name for field in model.fields()]


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("id", [101, 102, 103, 104]),
        ("-id", [104, 103, 102, 101]),
        ("company", [101, 103, 102, 104]),  # Cool, Lou, Noël, Prospect
        ("full_name", [103, 101, 104, 102]),  # Jacky, Kevin, Sam, Zoé
        ("sales,-company", [102, 101, 104, 103]),
        ("-sales,company", [103, 104, 101, 102]),
        ("first_contact_on", [101, 103, 102, 104]),
        (" sales , -id ", [102, 101, 104, 103]),
    ],
)
def test_sorting(everyone: People, sort: str, ids: list[int]) -> None:
    assert [row["id"] for row in everyone["mia.manager"].json(f'clients list --sort "{sort}"')] == ids


@pytest.mark.parametrize("sort", ["support", "-support", "attendees", "-attendees"])
def test_unknown_values_come_last_both_ways(everyone: People, sort: str) -> None:
    rows = everyone["mia.manager"].json(f"events list --sort={sort}")
    known = [row[sort.removeprefix("-")] is not None for row in rows]
    assert known == sorted(known, reverse=True)
    assert False in known


def test_accents_and_case_do_not_matter_in_sorting(people: People) -> None:
    bill = people("bill.boquet")
    for name in ("Éclair", "eclat", "Écrin", "Zèbre", "zebre A"):
        assert bill(f'clients create --full-name "{name}" --email n@c.example --phone 123 --company "{name}"').code == 0
    names = [row["company"] for row in bill.json("clients list --mine --sort company")]
    assert names == ["Cool Startup LLC", "Éclair", "eclat", "Écrin", "Noël & Fils", "Zèbre", "zebre A"]


def test_terminal_gets_a_page_and_a_pipe_gets_all(people: People, world: World) -> None:
    world.fill_clients(70)
    screen, pipe = people("bill.boquet", width=120), people("bill.boquet")
    assert screen("clients list").out.splitlines()[-1] == "50 of 74 clients (--all shows all)"
    assert screen("clients list --all").out.splitlines()[-1] == "74 clients"
    assert screen("clients list --limit 60").out.splitlines()[-1] == "60 of 74 clients (--all shows all)"
    assert pipe("clients list").out.splitlines()[-1] == "74 clients"
    assert len(screen.json("clients list")) == 74  # for programs, wherever it goes


def test_count_stops_at_ten_thousand(people: People, world: World) -> None:
    world.fill_clients(10_050)
    bill = people("bill.boquet")
    assert bill("clients list --limit 1").out.splitlines()[-1] == "1 of more than 10000 clients (--all shows all)"
    assert bill("clients list --format csv").out.count("\n") == 10_055


@pytest.mark.parametrize("where", ["events = 0", "support != kate.hastroff", "not (last_activity_at > tomorrow)"])
def test_count_stops_at_five_hundred_where_other_tables_are_asked(people: People, world: World, where: str) -> None:
    world.fill_clients(550)
    bill = people("bill.boquet", width=120)
    line = f"clients filter --limit {{}} where company = C and {where}"
    assert bill(line.format(1)).out.splitlines()[-1] == "1 of more than 500 clients (--all shows all)"
    assert bill(line.format(520)).out.splitlines()[-1] == "520 of more than 520 clients (--all shows all)"
    assert bill("clients filter --limit 1 where company = C").out.splitlines()[-1].startswith("1 of 550 clients")


def test_limit_and_all_exclude_each_other(everyone: People) -> None:
    result = everyone["mia.manager"]("clients list --limit 3 --all")
    assert (result.code, result.err) == (2, "--limit and --all exclude each other.")


def test_terminal_is_fitted_and_a_pipe_is_not(people: People) -> None:
    narrow, pipe = people("mia.manager", width=60), people("mia.manager")
    assert all(len(line) <= 60 for line in narrow("events list").out.splitlines()[:-2])
    assert "(+" in narrow("events list").out
    assert max(map(len, pipe("events list").out.splitlines())) > 100


def test_format_of_the_session_holds_unless_one_is_named(people: People) -> None:
    mia = people("mia.manager", format=Format.CSV)
    assert mia("clients list --columns id --limit 1").out == "id\n104\n"
    assert mia("clients show 104").out.startswith("id,full_name,")
    assert mia("clients list --columns id --limit 1 --format tsv").out == "id\n104\n"
    assert mia("clients show 104 --format TABLE").out.startswith("id   ")


DANGEROUS = ["=1+1", "@SUM(A1)", "+1-call", "-x", "'=1", "'plain", "a,b", 'say "hi"']


def test_csv_disarms_what_a_spreadsheet_would_run(people: People) -> None:
    bill = people("bill.boquet")
    for company in DANGEROUS:
        line = f'clients create --full-name N --email n@c.example --phone 123 --company="{escaped(company)}"'
        assert bill(line).code == 0
    out = bill("clients list --mine --prospects --sort id --columns company --format csv").out
    cells = [row[0] for row in csv.reader(io.StringIO(out))][2:]
    assert cells == ["'=1+1", "'@SUM(A1)", "'+1-call", "'-x", "''=1", "'plain", "a,b", 'say "hi"']
    exact = bill.json("clients list --mine --prospects --sort id --columns company")
    assert [row["company"] for row in exact][1:] == DANGEROUS


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def test_nothing_on_a_pipe_is_an_escape_code(everyone: People) -> None:
    for line in ("clients list", "clients show 101", "policy", "help", "history clients 101"):
        assert "\x1b" not in everyone["mia.manager"](line).out


def test_record_as_a_table_csv_tsv_and_markdown(everyone: People) -> None:
    mia: Person = everyone["mia.manager"]
    assert mia("contracts show 202").out.splitlines()[4:6] == ["total       8 000.00 EUR", "due         5 000.00 EUR"]
    header, row = mia("contracts show 202 --format csv").out.splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["due"] == "5000.00"
    assert mia("contracts show 202 --format tsv").out.splitlines()[1].split("\t")[:2] == ["202", "101"]
    assert mia("contracts show 202 --format markdown").out.count("\n") == 3


def test_column_names_near_misses_are_guessed(everyone: People) -> None:
    mia = everyone["mia.manager"]
    assert mia("clients list --columns fullname").err == (
        '--columns: clients have no field "fullname". Did you mean full_name?'
    )
    assert mia("clients list --sort compny").err == '--sort: clients have no field "compny". Did you mean company?'
