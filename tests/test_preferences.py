"""Preferences: each value checked, kept for one person on one database, read with care."""

import json
import stat
from pathlib import Path

import pytest

from epicshell.errors import Invalid, Unavailable
from epicshell.preferences import PREFERENCES, Preferences


@pytest.fixture
def bill(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path, "crm", "bill.boquet")


def file(tmp_path: Path) -> Path:
    return tmp_path / "preferences" / "crm" / "bill.boquet.json"


def test_without_a_file_everything_has_its_default(bill: Preferences) -> None:
    assert [(name, value) for name, value, _, _ in bill.rows()] == [(p.name, p.default) for p in PREFERENCES.values()]
    assert bill.trouble == ""


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("format", "JSON", "json"),
        ("page-size", "010", "10"),
        ("page-size", "10000", "10000"),
        ("columns.clients", "id, Company", "id,company"),
        ("columns.employees", "username", "username"),
        ("COLOURS", "dark", "dark"),
        ("keys", "vi", "vi"),
        ("pager", "off", "off"),
        ("notifications", "off", "off"),
        ("lock-clears-screen", "on", "on"),
    ],
)
def test_a_choice_is_kept_for_the_next_shell(
    bill: Preferences, tmp_path: Path, name: str, typed: str, value: str
) -> None:
    bill.put(name, typed)
    again = Preferences(tmp_path, "crm", "bill.boquet")
    assert again[name.lower()] == again.chosen(name.lower()) == value
    again.put(name, "default")
    assert Preferences(tmp_path, "crm", "bill.boquet").chosen(name.lower()) == ""


@pytest.mark.parametrize(
    ("name", "typed", "hint"),
    [
        ("format", "xml", "Accepted: table, json, csv, tsv, markdown, default."),
        ("page-size", "9", "Accepted: 10 to 10000, default."),
        ("page-size", "1" * 5000, "Accepted: 10 to 10000, default."),
        ("page-size", "٥٠", "Accepted: 10 to 10000, default."),
        ("columns.clients", "id,compny", "Did you mean company?"),
        ("columns.clients", "id,id", "Accepted: each field once."),
        ("columns.events", "", "Accepted: id, name,"),
        ("keys", "nano", "Accepted: emacs, vi, default."),
        ("colors", "dark", "Did you mean colours?"),
    ],
)
def test_what_is_not_accepted_is_refused_and_changes_nothing(
    bill: Preferences, tmp_path: Path, name: str, typed: str, hint: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bill.put(name, typed)
    assert refused.value.hint.startswith(hint)
    assert not file(tmp_path).exists()


def test_the_file_is_for_its_owner_alone(bill: Preferences, tmp_path: Path) -> None:
    bill.put("keys", "vi")
    assert stat.S_IMODE(file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(file(tmp_path).parent.stat().st_mode) == 0o700


def test_others_and_other_databases_have_their_own(bill: Preferences, tmp_path: Path) -> None:
    bill.put("keys", "vi")
    assert Preferences(tmp_path, "crm", "eve.martin")["keys"] == "emacs"
    assert Preferences(tmp_path, "other", "bill.boquet")["keys"] == "emacs"


def test_a_name_can_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    Preferences(tmp_path, "crm", "../../x").put("keys", "vi")
    assert [path.name for path in (tmp_path / "preferences" / "crm").iterdir()] == [".._.._x.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", "null", '"x"', "\x00", "[" * 100_000])
def test_a_damaged_file_is_told_and_not_used(bill: Preferences, tmp_path: Path, text: str) -> None:
    bill.put("keys", "vi")
    file(tmp_path).write_text(text)
    again = Preferences(tmp_path, "crm", "bill.boquet")
    assert again["keys"] == "emacs"
    assert again.trouble.endswith("are damaged; they were not used.")
    again.put("keys", "vi")
    assert Preferences(tmp_path, "crm", "bill.boquet")["keys"] == "vi"


@pytest.mark.parametrize(
    "values", [{"keys": "vi", "format": "xml"}, {"keys": "vi", "beep": 7}, {"keys": "vi", "pager": []}]
)
def test_of_a_file_with_a_foreign_value_the_others_are_used(
    bill: Preferences, tmp_path: Path, values: dict[str, object]
) -> None:
    bill.put("keys", "vi")
    file(tmp_path).write_text(json.dumps(values))
    again = Preferences(tmp_path, "crm", "bill.boquet")
    assert again["keys"] == "vi"
    assert "was not used" in again.trouble


def test_a_file_that_others_can_change_is_not_used(bill: Preferences, tmp_path: Path) -> None:
    bill.put("keys", "vi")
    file(tmp_path).chmod(0o644)
    again = Preferences(tmp_path, "crm", "bill.boquet")
    assert (again["keys"], "changed by others" in again.trouble) == ("emacs", True)


def test_a_link_is_not_followed(bill: Preferences, tmp_path: Path) -> None:
    bill.put("keys", "vi")
    file(tmp_path).rename(tmp_path / "elsewhere")
    file(tmp_path).symlink_to(tmp_path / "elsewhere")
    assert Preferences(tmp_path, "crm", "bill.boquet")["keys"] == "emacs"


def test_a_choice_that_can_not_be_kept_holds_in_this_shell_and_says_so(
    bill: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("epicshell.preferences.write_private", full)
    with pytest.raises(Unavailable, match="No space left on device; the choice holds in this shell only"):
        bill.put("keys", "vi")
    assert bill["keys"] == "vi"


def test_columns_may_be_those_of_neighbours(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path, "crm", "mia.manager")
    preferences.put("columns.events", "id,company,total")
    assert preferences.chosen("columns.events") == "id,company,total"
