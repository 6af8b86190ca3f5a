"""Bringing records in: rehearsed first, all or nothing, harmless to repeat, under the rights of whoever does it."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from support.imports import ANN, BOB, HEADER, Files, actions, clients, report
from support.people import People, Person
from support.world import Ids, World

from epicshell.commands import progress
from epicshell.commands.importing import file as importing


@pytest.fixture
def write(tmp_path: Path) -> Files:
    return Files(tmp_path)


# Rehearsal and deed


def test_it_is_rehearsed_first(world: World, bill: Person, write: Files) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    result = bill(f"clients import {write(ANN, BOB)} --format json")
    assert result.code == 0
    assert result.json[0] == {
        "place": "line 2", "action": "create", "id": None, "name": "Ann Lee", "changes": None, "problem": None,
    }  # fmt: skip
    assert result.err.endswith("2 to create; nothing was done: --apply does it.")
    assert world.state("sec.sessions", "sec.attachments") == before


def test_apply_does_it_as_one_transaction_of_ones_own(world: World, bill: Person, write: Files) -> None:
    result = bill(f"clients import {write(ANN, BOB)} --apply --format json")
    ids = [record["id"] for record in result.json]
    assert world.rows("SELECT id FROM crm.clients WHERE id >= 110 ORDER BY id") == [(number,) for number in ids]
    assert result.err.endswith("2 created.")
    assert clients(world) == [
        ("Ann Lee", "Lee & Co", Ids.bill, "clients:1"),
        ("Bob Ray", "Ray", Ids.bill, "clients:2"),
    ]
    audited = world.rows("SELECT employee_id, action, xid FROM sec.audit WHERE noun = 'clients' AND row_id >= 110")
    assert len(audited) == 2
    assert len(set(audited)) == 1


def test_repeating_is_harmless_and_changes_are_updates(world: World, bill: Person, write: Files) -> None:
    bill(f"clients import {write(ANN, BOB)} --apply")
    assert bill(f"clients import {write(ANN, BOB)} --apply").err.endswith("2 unchanged.")
    changed = (1, "Ann Lee", "ann@new.example", "+33 1 23 45 67 89", "Lee SA")
    [first, second] = report(bill, f"clients import {write(changed, BOB)} --apply")
    assert (first["action"], first["changes"], second["action"]) == ("update", "email, company", "skip")
    assert world.ask("SELECT email, company, revision FROM crm.clients WHERE legacy_ref = 'clients:1'") == (
        "ann@new.example", "Lee SA", 2,
    )  # fmt: skip


def test_error_leaves_everything_undone(world: World, bill: Person, write: Files) -> None:
    result = bill(
        f"clients import {write(ANN, (2, 'Bob', 'no address', '+33 1 23 45 67 88', ''))} --apply --format json"
    )
    assert result.code == 1
    assert [record["action"] for record in result.json] == ["create", "error"]
    assert result.json[1]["problem"].startswith('email: "no address" is not an e-mail address')
    assert result.err.endswith("1 to create, 1 error; nothing was done: correct them, or add --skip-errors.")
    assert clients(world) == []


def test_errors_can_be_skipped(world: World, bill: Person, write: Files) -> None:
    result = bill(
        f"clients import {write((2, '', 'b@b.example', '+33 1 23 45 67 88', 'B'), ANN)} --apply --skip-errors"
    )
    assert result.code == 0
    assert "full_name is missing." in result.out
    assert [row[0] for row in clients(world)] == ["Ann Lee"]


def test_what_only_the_database_refuses_is_an_error_of_its_row(world: World, mia: Person, write: Files) -> None:
    rows = [("new.one", "N", "n@epic.example", "sales"), ("new.two", "M", "KATE@epic.example", "sales")]
    path = write(*rows, header=("username", "full_name", "email", "department"))
    good, bad = report(mia, f"employees import {path}")
    assert (good["action"], bad["action"]) == ("create", "error")
    assert bad["problem"] == "Another employee has that e-mail address."
    assert mia(f"employees import {path} --apply --skip-errors").err.endswith("1 created, 1 error.")
    assert world.ask("SELECT count(*) FROM crm.employees WHERE username LIKE 'new.%%'") == (1,)


# Exports come back


@pytest.mark.parametrize(
    ("who", "noun"), [("bill.boquet", "clients"), ("mia.manager", "contracts"), ("bill.boquet", "events"),
                      ("mia.manager", "employees"), ("ada.admin", "employees")],
)  # fmt: skip
def test_what_csv_wrote_comes_back_unchanged(world: World, people: People, tmp_path: Path, who: str, noun: str) -> None:
    world.run("UPDATE crm.clients SET full_name = '=1+1', phone = '+33 (0)1', company = '''@x' WHERE id = 101")
    person = people(who)
    path = tmp_path / "export.csv"
    path.write_text(person(f"{noun} list --format csv").out)
    result = person(f"{noun} import {path} --format json")
    assert result.code == 0, result.json
    assert set(actions(result)) == {"skip"}
    assert result.err == f"{len(result.json)} unchanged; nothing was done."


def test_export_edited_in_a_spreadsheet_updates_what_differs(world: World, bill: Person, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    out = bill("clients list --format csv").out.replace("Cool Startup LLC", "Cool SA").replace("Prospect Ltd", "Mine")
    path.write_text(out)
    changed = {record["id"]: record for record in report(bill, f"clients import {path} --apply --skip-errors")}
    assert (changed[101]["action"], changed[101]["changes"]) == ("update", "company")
    assert "clients:update" in changed[104]["problem"]  # eve's
    assert world.ask("SELECT company FROM crm.clients WHERE id = 101") == ("Cool SA",)


def test_export_that_is_stale_changes_nothing(world: World, bill: Person, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(bill("clients list --format csv").out.replace("Cool Startup LLC", "Cool SA"))
    world.run("UPDATE crm.clients SET phone = '12345' WHERE id = 101")
    stale = next(record for record in report(bill, f"clients import {path}") if record["id"] == 101)
    assert stale["problem"].startswith("Client 101 was changed after this file was written. Export it again.")


# Whose records


def test_row_without_a_number_is_known_by_its_address(bill: Person, write: Files) -> None:
    twin = ("Kevin", "kevin@startup.example", "+33 1 23 45 67 89", "Cool")
    path = write(twin, ("New", "new@x.example", *twin[2:]), ("Again", "new@x.example", *twin[2:]), header=HEADER[1:])
    there, new, again = report(bill, f"clients import {path}")
    assert (there["action"], there["id"], new["action"], again["action"]) == ("skip", 101, "create", "skip")
    assert there["problem"] == 'Client 101 has the address "kevin@startup.example" already.'
    assert again["problem"] == 'An earlier row has the address "new@x.example" already.'


def test_number_of_a_file_is_never_a_number_of_ours(world: World, bill: Person, write: Files) -> None:
    bill(f"clients import {write((101, *ANN[1:]))} --apply")
    assert world.ask("SELECT full_name FROM crm.clients WHERE id = 101") == ("Kevin Casey",)
    assert clients(world)[0][3] == "clients:101"


def test_same_number_twice_is_an_error(bill: Person, write: Files) -> None:
    result = report(bill, f"clients import {write(ANN, (1, *BOB[1:]))}")
    assert result[1]["problem"] == '"clients:1" stands in an earlier row, too. One of them must go.'


def test_source_tells_files_apart(world: World, bill: Person, write: Files) -> None:
    bill(f"clients import {write(ANN)} --source OldCRM --apply")
    bill(f"clients import {write((1, *BOB[1:]))} --source other --apply")
    assert [row[3] for row in clients(world)] == ["oldcrm:1", "other:1"]


def test_record_of_a_colleague_is_not_changed(people: People, bill: Person, write: Files) -> None:
    people("eve.martin")(f"clients import {write(ANN)} --apply")
    [row] = report(bill, f"clients import {write((*ANN[:4], 'Other'))}")
    assert (row["action"], "clients:update" in row["problem"]) == ("error", True)


def test_hidden_record_is_told_without_saying_what_it_is(world: World, people: People, write: Files) -> None:
    world.read_mode("need-to-know")
    people("eve.martin")(f"clients import {write(ANN)} --apply")
    [row] = report(people("bill.boquet"), f"clients import {write((1, *BOB[1:]))}")
    assert (row["id"], row["problem"]) == (
        None,
        "This record of the file was brought in before, and is in the trash, or not yours to see. Ask management.",
    )


# Headers


def test_report_repeats_no_more_of_a_name_than_a_record_has(bill: Person, write: Files) -> None:
    file = write((1, "x" * 30_000, "no address", "1", "C"))
    assert [len(record["name"]) for record in report(bill, f"clients import {file}")] == [200]


def test_headers_are_known_whatever_their_language_case_and_accents(world: World, bill: Person, write: Files) -> None:
    header = ("N°", "NOM COMPLET", "E-mail", "Téléphone", "Société", "Date de premier contact")
    bill(f"clients import {write((*ANN, '15 juin 2024'), header=header)} --source x --apply")
    assert world.ask("SELECT company, first_contact_on, legacy_ref FROM crm.clients WHERE full_name = 'Ann Lee'") == (
        "Lee & Co", date(2024, 6, 15), "x:1",
    )  # fmt: skip


def test_name_may_stand_in_two_columns(world: World, bill: Person, write: Files) -> None:
    header = ("Nom", "Prénom", "E-mail", "Tel", "Société")
    bill(f"clients import {write(('Lee', 'Ann', *ANN[2:]), ('Ray', '', *BOB[2:]), header=header)} --apply")
    assert [name for name, *_ in clients(world)] == ["Ann Lee", "Ray"]


def test_column_that_is_mapped_is_no_half_of_a_name(bill: Person, write: Files) -> None:
    path = write(("Ann", "Lee & Co", *ANN[2:4]), header=("Prénom", "Nom", "E-mail", "Tel"))
    assert bill(f"clients import {path} --map Nom=company").err.startswith("No column for full_name.")


def test_headers_can_be_mapped(world: World, bill: Person, write: Files) -> None:
    path = write(ANN, header=("Key", "Who", "Mail", "Tel", "Firm, or so"))
    line = f"clients import {path} --map 'Key=id, Who=full name' --map 'Firm, or so=company' --source x --apply"
    assert bill(line).code == 0
    assert clients(world) == [("Ann Lee", "Lee & Co", Ids.bill, "x:1")]


@pytest.mark.parametrize(
    ("mapped", "sentence"),
    [
        ("Mail=emial", '--map: "emial" is no field here. Did you mean "email"?'),
        ("Email=email", '--map: there is no header "Email". Did you mean "Mail"?'),
        ("Mail", '--map: "Mail" is no pair. Accepted: a header of the file, = and the field that it is.'),
        ("Mail=phone,Tel=phone", "--map: phone is given to two columns."),
        ("Mail=phone' --map 'Mail=email", '--map: "Mail" is given twice.'),
        ("Mail=email", 'No column for full_name, company. The headers are "Key", "Who", "Mail", "Tel", "Firm".'),
    ],
)
def test_wrong_mapping_is_told(bill: Person, write: Files, mapped: str, sentence: str) -> None:
    result = bill(f"clients import {write(ANN, header=('Key', 'Who', 'Mail', 'Tel', 'Firm'))} --map '{mapped}'")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(sentence)


def test_column_that_is_not_imported_is_told(bill: Person, write: Files) -> None:
    result = bill(f"clients import {write((*ANN, 'x'), header=(*HEADER, 'Foo'))}")
    assert result.err.startswith('Not imported: "Foo". --map HEADER=FIELD takes one.')


def test_header_twice_and_file_without_rows_are_told(bill: Person, write: Files) -> None:
    assert bill(f"clients import {write(header=(*HEADER, 'EMAIL'))}").err.startswith('The header "email" stands twice.')
    assert bill(f"clients import {write()}").err.endswith("No records; nothing was done.")
    assert "holds no rows." in bill(f"clients import {write(header=('', ' '))}").err


def test_headers_may_stand_below_a_title(bill: Person, write: Files) -> None:
    result = bill(f"clients import {write((), HEADER, ANN, header=('Clients', '', 'in 2024'))}")
    assert result.err.startswith("Not imported: what stands above the headers (1 row).")
    assert "1 to create" in result.err
    missing = bill(f"clients import {write(HEADER[:3], ANN, header=('Clients',))}").err
    assert missing.startswith('No column for phone, company. The headers are "id", "full_name", "email".')


# Workbooks


def test_workbook_is_told_by_cells(bill: Person, write: Files) -> None:
    path = write((1.0, *ANN[1:3], 33123456789, "Lee"), (2, "Bob", "wrong", 1e5, "B"), name="a.xlsx")
    good, bad = report(bill, f"clients import {path}")
    assert (good["place"], good["action"]) == ("Sheet!A2", "create")
    assert (bad["place"], bad["action"]) == ("Sheet!C3", "error")


def test_sheet_must_be_chosen_where_two_hold_rows(bill: Person, write: Files) -> None:
    path = write(ANN, name="a.xlsx")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Empty")
    book.create_sheet("Other").append(["x"])
    book.save(path)
    assert bill(f"clients import {path}").err == 'The sheets "Sheet" and "Other" both hold rows. --sheet chooses.'
    assert bill(f"clients import {path} --sheet sheet").code == 0


def test_date_may_be_a_midnight(world: World, bill: Person, write: Files) -> None:
    row = (*ANN, datetime(2024, 6, 15))
    assert bill(f"clients import {write(row, header=(*HEADER, 'premier contact'), name='a.xlsx')} --apply").code == 0
    assert world.ask("SELECT first_contact_on FROM crm.clients WHERE full_name = 'Ann Lee'") == (date(2024, 6, 15),)


def test_file_that_can_not_be_read_is_an_error_of_the_command(bill: Person, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("no")
    assert bill(f"clients import {tmp_path}/a.xlsx").err.startswith("a.xlsx: it is called .xlsx, but is no workbook.")
    assert bill(f"clients import {tmp_path}/b.csv").err == "There is no file b.csv."


# As part of something larger


def test_atomic_script_takes_it_back_with_everything(world: World, bill: Person, write: Files) -> None:
    result = bill.script([f"clients import {write(ANN)} --apply", "clients show 99999"], atomic=True)
    assert result.code == 1
    assert clients(world) == []
    assert bill.script([f"clients import {write(ANN)} --apply"], dry_run=True).code == 0
    assert clients(world) == []


def test_script_goes_on_after_what_it_brought_in(world: World, bill: Person, write: Files) -> None:
    lines = [f"clients import {write(ANN)} --apply", f"clients import {write(BOB, name='b.csv')} --apply"]
    assert bill.script(lines, atomic=True).code == 0
    assert [row[3] for row in clients(world)] == ["clients:1", "b:2"]


def test_failed_import_stops_a_script(world: World, bill: Person, write: Files) -> None:
    bad = write((1, "Bob", "wrong", "12345", "B"))
    result = bill.script([f"clients import {bad} --apply", f"clients import {write(ANN, name='b.csv')} --apply"])
    assert result.code == 1
    assert clients(world) == []


@pytest.mark.parametrize("name", ["clients.csv", "clients.xlsx"])
def test_progress_is_told_of_as_many_records_as_there_are(
    bill: Person, write: Files, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    totals: list[int] = []
    shown = importing.bar_of
    monkeypatch.setattr(importing, "bar_of", lambda context, total: totals.append(total) or shown(context, total))
    assert bill(f"clients import {write(ANN, BOB, name=name)}").code == 0
    assert totals == [2]


def test_ctrl_c_leaves_nothing(world: World, bill: Person, write: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)
    ticks = iter([None])

    def interrupt(_bar: progress.Bar) -> None:
        if next(ticks, 0) == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(progress.Bar, "advance", interrupt)
    result = bill(f"clients import {write(ANN, BOB)} --apply")
    assert (result.code, result.err) == (130, "Interrupted; nothing was done.")
    assert clients(world) == []


# Many rows


def test_records_that_rows_name_are_looked_up_for_all_of_them_at_once(everyone: People, tmp_path: Path) -> None:
    statements: list[str] = []
    mia = everyone["mia.manager"]
    mia.account.database.query_hooks.append(lambda event: statements.append(event.sql))
    looked_up = []
    for count in (2, 20):
        lines = ["client,total", *[f"kevin@startup.example,{500 + number}" for number in range(count)]]
        (tmp_path / "contracts.csv").write_text("\n".join(lines), encoding="utf-8")
        statements.clear()
        assert f"{count} to create" in mia(f"contracts import {tmp_path / 'contracts.csv'}").err
        looked_up.append(sum(sql.startswith("SELECT") and '"covered"' not in sql for sql in statements))
    mia.account.database.query_hooks.pop()
    assert looked_up[0] == looked_up[1] > 0


def test_many_rows_take_few_statements(world: World, bill: Person, write: Files) -> None:
    many = [(number, f"N {number}", f"n{number}@x.example", "+33 1 23 45 67 89", "C") for number in range(1200)]
    path = write(*many)
    bill("whoami")
    statements: list[str] = []
    bill.account.database.query_hooks.append(lambda event: statements.append(event.sql))
    result = bill(f"clients import {path} --apply")
    assert result.err.endswith("1200 created.\n200 more are not shown; --format csv has them all.")
    assert len(statements) < 30
    assert world.ask("SELECT count(*) FROM crm.clients WHERE legacy_ref LIKE 'clients:%%'") == (1200,)
    again = bill(f"clients import {path} --apply --format csv").out
    assert [row["action"] for row in csv.DictReader(io.StringIO(again))] == ["skip"] * 1200


def test_an_import_is_not_planned_by_what_was_there_before(world: World, bill: Person, write: Files) -> None:
    """A session keeps plans: those of an almost empty table would read all of a full one, for each row."""
    assert bill(f"clients import {write((1, 'N', 'n@c.example', '+33 1 23 45 67 89', 'C'))} --apply").code == 0
    rows = [(n, f"N{n}", f"n{n}@c.example", "+33 1 23 45 67 89", "C") for n in range(2, 802)]
    path = write(*rows)
    read = "SELECT pg_stat_force_next_flush(), pg_stat_get_tuples_returned('crm.clients'::regclass)"
    assert bill(f"clients import {path}").code == 0
    bill.account.database.one("SELECT pg_stat_force_next_flush()", ())
    bill.account.database.one("SELECT 1", ())
    assert 0 < world.ask(read)[1] < 100_000
