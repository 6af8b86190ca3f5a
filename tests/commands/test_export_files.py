"""Lists that are written to files: whole, private, never through a link or over another file, on record."""

import csv
import io
import json
import os
import re
import stat
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from support.people import People, Person
from support.world import World

from epicshell.command import load
from epicshell.commands import exporting, progress
from epicshell.render import xlsx

NOUNS = ("employees", "clients", "contracts", "events")
HEAD = "id,full_name,email,phone,company,sales,first_contact_on,created_at,updated_at,revision"


@pytest.fixture
def reader(everyone: People) -> Person:
    return everyone["mia.manager"]


def sheet(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_list_can_be_exported() -> None:
    lists = [one for one in load().values() if one.model is not None]
    assert len(lists) > 10
    assert all(one.flag("--export") and one.flag("--yes") for one in lists)
    assert all(load()[name].flag("--export") for name in ("history", "last", "policy", "find", "report sales"))
    assert not any(load()[name].flag("--export") for name in ("set", "more", "clients show"))  # a sentence, a record


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("format", ["csv", "json"])
def test_file_holds_what_the_format_of_its_extension_prints(
    reader: Person, tmp_path: Path, noun: str, format: str
) -> None:
    path = tmp_path / f"out.{format.upper()}"
    done = reader(f"{noun} list --export {path} --sort=-id")
    assert (done.code, done.out) == (0, ""), done.err
    printed = reader(f"{noun} list --sort=-id --format {format}").out
    assert path.read_text("utf-8") == printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    count = len(json.loads(printed)) if format == "json" else len(list(csv.reader(printed.splitlines()))) - 1
    assert done.err == f"{count} {noun} written to {path}."


def test_umask_takes_nothing_from_the_owner_of_a_file(reader: Person, tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        assert reader(f"clients list --export {tmp_path / 'c.csv'}").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "c.csv").stat().st_mode) == 0o600


def test_workbook_has_numbers_dates_and_texts_that_never_run(world: World, mia: Person, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://evil";"x") <&> \u20ac\U0001f389'
    world.run("UPDATE crm.events SET name = %s, location = E'+1\\tL', notes = '' WHERE id = 302", hostile)
    world.run("UPDATE crm.events SET starts_at = '2026-03-29 00:59:59Z' WHERE id = 302")
    path = tmp_path / "e.xlsx"
    assert mia(f"events list --export {path}").err == f"7 events written to {path}."
    book = openpyxl.load_workbook(path)
    header, *rows = list(book.active.iter_rows())
    event = dict(zip([cell.value for cell in header], next(row for row in rows if row[0].value == 302), strict=True))
    assert (event["name"].value, event["name"].data_type, event["name"].quotePrefix) == (hostile, "s", True)
    assert (event["location"].value, event["location"].data_type, event["location"].quotePrefix) == ("+1\tL", "s", True)
    assert event["starts_at"].value == datetime(2026, 3, 29, 1, 59, 59)  # in Paris
    assert event["starts_at"].number_format == "yyyy\\-mm\\-dd\\ hh:mm"
    assert event["notes"].value is None
    assert book.active.freeze_panes == "A2"

    assert mia(f"contracts list --columns id,total,signed,client --export {tmp_path / 'c.xlsx'}").code == 0
    contract = next(row for row in sheet(tmp_path / "c.xlsx") if row[0] == 202)
    printed = next(row for row in mia.json("contracts list") if row["id"] == 202)
    assert contract == (202, float(printed["total"]), printed["signed"], printed["client"])
    assert mia(f"clients list --columns first_contact_on --export {tmp_path / 'd.xlsx'}").code == 0
    assert {type(row[0]) for row in sheet(tmp_path / "d.xlsx")[1:]} == {datetime}


def test_formulas_are_defused_in_csv(world: World, mia: Person, tmp_path: Path) -> None:
    world.run("UPDATE crm.clients SET company = '=cmd|''/c calc''!A1' WHERE id = 101")
    assert mia(f"clients list --columns id,company --export {tmp_path / 'c.csv'}").code == 0
    assert "101,'=cmd|" in (tmp_path / "c.csv").read_text()


def test_limit_and_columns_hold_and_without_them_all_rows_come(everyone: People, tmp_path: Path) -> None:
    shell = everyone("mia.manager", width=100, remember=True)
    path = tmp_path / "c.csv"
    assert shell(f"clients list --limit 2 --columns id --export {path}").err == f"2 clients written to {path}."
    assert shell(f"clients list --export {path} --yes").code == 0
    assert path.read_text().splitlines()[0] == HEAD
    assert shell("last --format csv").err == "There is no last result yet."


def test_whatever_gives_rows_can_be_exported(everyone: People, tmp_path: Path) -> None:
    mia = everyone["mia.manager"]
    assert mia(f"report revenue --export {tmp_path / 'r.xlsx'}").code == 0
    assert sheet(tmp_path / "r.xlsx")[0] == ("month", "contracts", "signed", "paid", "due", "command")
    for name, line in (
        ("r.csv", "report revenue"),
        ("f.json", "find kevin"),
        ("g.csv", "events list --group-by client"),
    ):
        path = tmp_path / name
        result = mia(f"{line} --export {path}")
        printed = mia(f"{line} --format {path.suffix[1:]}").out
        assert (result.code, path.read_text()) == (0, printed), result.err
        assert " rows written to" in result.err or " row written to" in result.err


def test_clause_stays_the_end_of_the_line(reader: Person, tmp_path: Path) -> None:
    path = tmp_path / "mine.ics"
    assert reader(f"events list --export {path} where support = kate.hastroff").code == 0
    ids = [row["id"] for row in reader.json("events list --support kate.hastroff")]
    assert sorted(ids) == sorted(int(found) for found in re.findall(r"UID:event-(\d+)@", path.read_text()))


def test_what_was_shown_last_can_be_exported(everyone: People, tmp_path: Path) -> None:
    shell = everyone("mia.manager", width=100, remember=True)
    shell("clients list --limit 3")
    done = shell(f"last --sort=-id --columns id --export {tmp_path / 'l.json'}")
    assert "3 rows written" in done.err
    assert "there are more" in done.err
    assert len(json.loads((tmp_path / "l.json").read_text())) == 3
    shell("clients show 101")
    assert shell(f"last --export {tmp_path / 'one.json'}").code == 0
    assert json.loads((tmp_path / "one.json").read_text())["id"] == 101


def test_need_to_know_holds_for_files(world: World, people: People, tmp_path: Path) -> None:
    world.read_mode("need-to-know")
    for username in ("bill.boquet", "kate.hastroff"):
        person = people[username]
        for noun in ("clients", "contracts", "events"):
            path = tmp_path / f"{username}.{noun}.json"
            assert person(f"{noun} list --export {path}").code == 0
            ids = [row["id"] for row in json.loads(path.read_text())]
            assert ids == [row["id"] for row in person.json(f"{noun} list")]
            assert len(ids) < len(people["mia.manager"].json(f"{noun} list"))
    assert people["ada.admin"](f"clients list --export {tmp_path / 'x.csv'}").code == 4
    assert not (tmp_path / "x.csv").exists()


# Files that are there, or come to be


def test_no_file_is_overwritten_without_yes(everyone: People, tmp_path: Path) -> None:
    mia, path = everyone("mia.manager"), tmp_path / "c.csv"
    path.write_text("mine")
    path.chmod(0o644)
    refused = mia(f"clients list --export {path}")
    assert (refused.code, refused.err) == (
        2,
        f"Replace the file {path}? There is nobody to ask. Repeat the command with --yes.",
    )
    assert mia.answers("no")(f"clients list --export {path}").err == "Nothing was done."
    assert (path.read_text(), left_in(tmp_path)) == ("mine", ["c.csv"])
    assert mia.answers("yes")(f"clients list --export {path}").code == 0
    assert path.read_text().startswith(HEAD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert mia(f"clients list --limit 1 --export {path} --yes").code == 0
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("yes", ["", " --yes"])
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo", "device"])
def test_links_folders_and_devices_are_never_written_to(reader: Person, tmp_path: Path, kind: str, yes: str) -> None:
    path, secret = tmp_path / "out.csv", tmp_path / "secret"
    secret.write_text("mine")
    match kind:
        case "link":
            path.symlink_to(secret)
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "device":
            (tmp_path / "dev").symlink_to("/dev")
            path = tmp_path / "dev" / "null"
    before = left_in(tmp_path)
    result = reader(f"clients list --export {path}{yes}")
    assert result.code == 1, result.err
    assert "nothing was written" in result.err or "does not say" in result.err
    assert (secret.read_text(), left_in(tmp_path)) == ("mine", before)


def test_what_the_file_system_refuses_is_a_sentence(reader: Person, tmp_path: Path) -> None:
    result = reader(f"clients list --export {tmp_path / 'none' / 'c.csv'}")
    assert (result.code, "No such file or directory" in result.err) == (1, True)
    (tmp_path / "file").touch()
    assert reader(f"clients list --export {tmp_path / 'file' / 'c.csv'}").code == 1
    assert reader(f"clients list --export {tmp_path / ('x' * 300)}.csv").code == 1


@pytest.mark.parametrize("name", ["c.csv", "c.xlsx", "c.json"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_file_that_was_not_finished(
    everyone: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException
) -> None:
    ada, mia = everyone["ada.admin"], everyone["mia.manager"]
    before = ada.json("audit --limit 1")

    def full(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", full)
    result = mia(f"clients list --export {tmp_path / name}")
    told = {1: f"{tmp_path / name} can't be written: No space left on device. Nothing was left behind."}
    assert result.err == told.get(result.code, "Interrupted; nothing was done.")
    assert (result.code in (1, 130), left_in(tmp_path)) == (True, [])
    assert [one["action"] for one in ada.json("audit --limit 1")] == ["export"] != before


def test_only_known_extensions_are_accepted(reader: Person, tmp_path: Path) -> None:
    for name in ("c", "c.txt", "c.csv.exe", ".csv"):
        result = reader(f"clients list --export {tmp_path / name}")
        assert (result.code, left_in(tmp_path)) == (1, [])
        assert "ends in .csv, .xlsx, .json or .ics" in result.err


def test_export_excludes_what_it_can_not_go_with(reader: Person, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    assert reader(f"clients list --export {path} --format csv").code == 2
    assert reader(f"clients list --export {tmp_path / 'c.ics'}").err == (
        "An .ics file holds events, and clients list gives none. Use .csv or .xlsx."
    )
    assert reader(f"history clients 101 --export {tmp_path / 'c.ics'}").code == 2
    assert reader(f"events list --columns id --export {tmp_path / 'c.ics'}").code == 2
    assert reader(f"watch 5 clients list --export {path}").code == 2
    assert "gives no rows here" in reader(f"clients list --explain --export {path}").err
    for mode in ("atomic", "dry_run"):
        result = reader.script(f"clients list --export {path}", **{mode: True})
        assert (result.code, "Run it alone" in result.err) == (2, True)
    assert left_in(tmp_path) == []
    assert reader.script(f"clients list --export {path}\nevents list --export {tmp_path / 'e.csv'}").code == 0
    assert left_in(tmp_path) == ["c.csv", "e.csv"]


def test_more_rows_than_a_workbook_holds_are_refused_before_it_starts(
    reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx.write, "__kwdefaults__", {"most": 3})
    result = reader(f"clients list --export {tmp_path / 'c.xlsx'}")
    assert result.err == (
        "An .xlsx file holds 1 048 575 rows at most, and these are more."
        " A .csv file holds them all; --limit takes some."
    )
    assert reader(f"clients list --limit 3 --export {tmp_path / 'c.xlsx'}").code == 0
    assert reader(f"policy --export {tmp_path / 'p.xlsx'}").code == 1  # rows that can't be counted before
    assert left_in(tmp_path) == ["c.xlsx"]


# While it takes long


class Watched(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("name", "term", "told"),
    [
        ("c.csv", "xterm", "2 rows · "),
        ("c.json", "xterm", "2 rows · "),
        ("c.xlsx", "xterm", "] 2/"),
        ("c.csv", "dumb", None),
    ],
)
def test_terminal_shows_how_far_an_export_is(
    reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, term: str, told: str | None
) -> None:
    stream = Watched()
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", stream)
    for place, value in ((progress, "FIRST_AFTER"), (progress, "_EVERY"), (exporting, "BATCH")):
        monkeypatch.setattr(place, value, 2 if value == "BATCH" else 0)
    assert reader(f"clients list --export {tmp_path / name}").code == 0
    drawn = stream.getvalue()
    assert (told in drawn and drawn.endswith("\r\x1b[K")) if told else not drawn


# The audit


def test_export_is_on_record(people: People, tmp_path: Path) -> None:
    bill, ada = people("bill.boquet"), people("ada.admin")
    assert bill(f"clients filter --mine --export {tmp_path / 'mine.csv'}").code == 0
    entry = ada.json("audit --limit 1")[0]
    number = len(bill.json("clients filter --mine"))
    assert (entry["employee"], entry["action"], entry["noun"]) == ("bill.boquet", "export", "commands")
    assert json.loads(entry["new"]) == {
        "command": "clients filter", "format": "csv", "file": "mine.csv", "rows": number,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "command"),
    [
        (["clients list"], "clients list"),
        (["clients show 101"], "clients show"),
        (["contracts list --limit 2", "more"], "contracts list"),
        (["find kevin", "last --sort id"], "find"),
    ],
)
def test_record_tells_what_left_when_it_was_shown_before(
    people: People, tmp_path: Path, lines: list[str], command: str
) -> None:
    bill = people("bill.boquet", width=100, remember=True)
    for line in lines:
        assert bill(line).code == 0
    assert bill(f"last --export {tmp_path / 'kept.csv'}").code == 0
    [entry] = people("ada.admin").json("audit --limit 1")
    assert json.loads(entry["new"])["command"] == f"last ({command})"


def test_name_that_is_no_text_is_on_record_as_it_is_shown(people: People, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\x1b]0;x.csv")
    assert people("bill.boquet")(f'clients list --export "{tmp_path / name}"').code == 0
    assert (tmp_path / name).exists()
    [entry] = people("ada.admin").json("audit --limit 1")
    assert json.loads(entry["new"])["file"] == r"\udcff\x1b]0;x.csv"


def test_name_may_be_as_long_as_a_folder_takes(everyone: People, tmp_path: Path) -> None:
    name = "é" * 125 + ".csv"  # 254 bytes
    assert everyone["bill.boquet"](f"clients list --export {tmp_path / name}").code == 0
    assert [path.name for path in tmp_path.glob("*.csv")] == [name]


def test_file_gets_no_name_if_its_record_fails(world: World, people: People, tmp_path: Path) -> None:
    mia = people("mia.manager")
    world.run("REVOKE EXECUTE ON FUNCTION api.record_export(text, text, text, bigint) FROM epic_management")
    assert mia(f"clients list --export {tmp_path / 'c.csv'}").code == 4
    assert not list(tmp_path.glob("*c.csv*"))
