"""In the shell: preferences hold there, and the last result is shown again without asking the database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.people import People, Person
from support.world import World

from epicshell.commands.line import resolve
from epicshell.commands.words import split
from epicshell.preferences import Preferences
from epicshell.results import Format

GATE = ["SELECT api.touch()"]


@pytest.fixture
def shell(people: People, tmp_path: Path) -> Callable[..., Person]:
    """Opens shells of people, with their preferences."""

    def make(username: str = "mia.manager", **options: Any) -> Person:
        person = people(username, **{"width": 200, "remember": True, **options})
        preferences = Preferences(tmp_path, "crm", username)
        person.dispatcher.preferences = lambda: preferences
        person.account.look_up()
        return person

    return make


def statements(person: Person, line: str) -> list[str]:
    """What a line sends to the database."""
    sent: list[str] = []
    person.account.database.query_hooks.append(lambda event: sent.append(event.sql))
    try:
        result = person(line)
        assert result.code == 0, result.err
    finally:
        person.account.database.query_hooks.pop()
    return sent


def column(person: Person, line: str) -> list[str]:
    """The one column that a line gives as TSV, without its header."""
    return person(f"{line} --format tsv").out.splitlines()[1:]


def test_set_lists_what_there_is(shell: Callable[..., Person]) -> None:
    out = shell()("set").out
    assert out.splitlines()[0].split() == ["name", "value", "default", "meaning"]
    assert "columns.clients" in out
    assert shell()("set keys").out.count("emacs") == 2


def test_preferences_are_what_is_not_asked_for(shell: Callable[..., Person]) -> None:
    mia = shell()
    assert mia("set format csv").err == "format is csv."
    assert mia("clients show 101").out.startswith("id,full_name,")
    assert mia("clients show 101 --format table").out.startswith("id  ")
    mia("set format default")
    mia("set columns.clients id,company")
    assert mia("clients list").out.splitlines()[0].split() == ["id", "company"]
    assert mia("clients list --columns id").out.splitlines()[0].split() == ["id"]
    assert len(mia("clients list --format csv").out.splitlines()[0].split(",")) == 10  # exact formats have all


def test_the_page_size_is_that_of_tables(shell: Callable[..., Person], world: World) -> None:
    world.fill_clients(20)
    bill = shell("bill.boquet")
    bill("set page-size 10")
    assert bill("clients list").out.splitlines()[-1] == "10 of 24 clients (more shows the next, --all shows all)"
    assert bill("clients list --limit 12").out.splitlines()[-1].startswith("12 of")
    assert len(bill.json("clients list")) == 24


def test_the_format_that_the_program_was_started_with_wins(shell: Callable[..., Person]) -> None:
    mia = shell(format=Format.TSV)
    mia("set format json")
    mia.dispatcher.output.fixed = True
    assert mia("clients list --columns id --limit 1").out == "id\n104\n"


@pytest.mark.parametrize("line", ["set", "set keys vi", "last"])
def test_outside_the_shell_nobodys_taste_counts(people: People, line: str) -> None:
    result = people("mia.manager")(line)
    assert (result.code, result.out) == (2, "")
    assert "at the shell's prompt only" in result.err


def test_a_preference_that_is_not_accepted_is_refused(shell: Callable[..., Person]) -> None:
    result = shell()("set page-size many")
    assert (result.code, result.err) == (1, '"many" is not accepted here. Accepted: 10 to 10000, default.')
    assert shell()("set beep on").code == 1


def test_the_last_result_asks_the_database_for_nothing_but_the_session(shell: Callable[..., Person]) -> None:
    mia = shell()
    mia("contracts list")
    for line in ("last", "last --sort -due,client", "last --columns id,due", "last --format json", "last --format csv"):
        assert statements(mia, line) == GATE


def test_the_last_result_is_what_the_command_would_give(shell: Callable[..., Person]) -> None:
    mia = shell()
    for line in (
        "clients list",
        "contracts filter --unpaid",
        "events list",
        "employees list",
        "contracts payments 202",
    ):
        shown = mia(line).out
        assert mia("last").out == shown
        for format in Format:
            assert mia(f"last --format {format}").out == mia(f"{line} --format {format}").out
        mia(line)
        assert mia("last --columns id,revision").out == mia(f"{line} --columns id,revision").out


@pytest.mark.parametrize("noun", ["clients", "contracts", "events", "employees"])
def test_every_field_sorts_as_in_the_database(shell: Callable[..., Person], world: World, noun: str) -> None:
    for number, name in enumerate(["Éclair", "eclat", "Zèbre", "zebre A", "Straße", "strasse", "日本", "øre", "_x"]):
        world.run(
            "INSERT INTO crm.clients (full_name, email, phone, company, sales_id) VALUES (%s, %s, '1', %s, 5)",
            *(name, f"n{number}@c.example", name.upper()),
        )
    mia = shell()
    fields = mia(f"{noun} list --limit 1 --format csv").out.splitlines()[0].split(",")
    for field in fields:
        for sort in (field, f"-{field}"):
            wanted = column(mia, f"{noun} list --columns id --sort={sort}")
            mia(f"{noun} list")
            assert column(mia, f"last --columns id --sort={sort}") == wanted, sort


def test_several_fields_sort_one_after_the_other(shell: Callable[..., Person]) -> None:
    mia = shell()
    for sort in ("sales,-company", "-sales,company", "sales"):
        wanted = column(mia, f"clients list --columns id --sort={sort}")
        mia("clients list")
        assert column(mia, f"last --columns id --sort={sort}") == wanted


def test_the_totals_stay_true(shell: Callable[..., Person]) -> None:
    mia = shell()
    shown = mia("contracts list --limit 3 --sort id --columns id,due").out.splitlines()[-1]
    assert mia("last").out.splitlines()[-1] == mia("last --sort -id").out.splitlines()[-1] == shown
    assert mia("last --columns id").out.splitlines()[-1] == "3 of 8 contracts (more shows the next, --all shows all)"
    assert "there are more" in mia("last --format json").err


def test_one_record_is_a_result_too(shell: Callable[..., Person]) -> None:
    mia = shell()
    mia("contracts show 202")
    assert mia.json("last")["due"] == "5000.00"
    assert mia("last --columns id,due").out.splitlines() == ["id   202", "due  5 000.00 EUR"]
    assert mia("last --sort id").err == "--sort: the last result is one record. Lists can be sorted."


def test_other_results_are_kept_as_they_are(shell: Callable[..., Person]) -> None:
    bill = shell("bill.boquet")
    shown = bill("history clients 101").out
    assert bill("last").out == shown
    assert bill("last --sort -field --columns field,became").code == 0
    assert bill("policy").out == bill("last").out


def test_choices_are_checked(shell: Callable[..., Person]) -> None:
    mia = shell()
    assert mia("last").err == "There is no last result yet."
    mia("clients list")
    assert mia("last --sort compny").err == '--sort: clients have no field "compny". Did you mean company?'
    assert mia("last --columns id,id").code == 1
    assert mia("last").out == mia("clients list").out


def test_help_and_preferences_and_failures_leave_the_last_result(shell: Callable[..., Person]) -> None:
    mia = shell()
    shown = mia("clients list").out
    for line in ("set", "help", "clients show 999", "nonsense"):
        mia(line)
    assert mia("last").out == shown


def test_a_secret_is_shown_once(shell: Callable[..., Person]) -> None:
    mia = shell()
    code = mia.json("employees reset-password eve.martin")["enrolment_code"]
    again = mia("last --format json")
    assert (again.code, code in again.out) == (1, False)
    assert "only once" in again.err


def test_what_is_too_long_is_not_kept_and_says_so(
    shell: Callable[..., Person], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epicshell.filters.again.MOST_KEPT", 20)
    world.fill_clients(20)
    bill = shell("bill.boquet")
    assert bill("clients list --all").out.splitlines()[-1] == "24 clients"
    assert bill("last").err.startswith("The last result had more than 10000 rows, so it was not kept")
    assert bill("clients list --limit 20").code == 0
    assert bill("last").out.splitlines()[-1].startswith("20 of 24 clients")
    assert bill("clients list --all --format csv").out.count("\n") == 25
    assert bill("last").code == 1


def test_a_stream_ends_with_the_session(
    shell: Callable[..., Person], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epicshell.filters.again.MOST_KEPT", 1000)
    world.fill_clients(3000)
    bill = shell("bill.boquet")
    write = bill.dispatcher.output.out.write

    def revoke(text: str) -> int:
        bill.dispatcher.output.out.write = write
        world.run("INSERT INTO sec.revocations (session_id) SELECT id FROM sec.sessions")
        return write(text)

    bill.dispatcher.output.out.write = revoke
    result = bill("clients list --all --columns id")
    assert result.code == 3
    assert result.out.count("\n") <= 1002


def test_all_of_few_rows_is_kept(shell: Callable[..., Person]) -> None:
    mia = shell()
    mia("events list --all")
    assert statements(mia, "last --format json") == GATE


def test_an_ended_session_shows_nothing_again(shell: Callable[..., Person], world: World) -> None:
    mia = shell()
    mia("clients list")
    world.run("INSERT INTO sec.revocations (session_id) SELECT id FROM sec.sessions")
    assert (mia("last").code, mia("last").out) == (3, "")


def test_after_a_logout_or_as_someone_else_there_is_no_last_result(shell: Callable[..., Person], world: World) -> None:
    mia = shell()
    mia("clients list")
    mia.account.adopt(world.login("bill.boquet"))
    assert mia("last").err == "There is no last result yet."
    mia.account.adopt(world.login("mia.manager"))
    assert mia("last").code == 0
    mia("logout")
    mia.account.adopt(world.login("mia.manager"))
    assert mia("last").err == "There is no last result yet."


def test_a_result_that_is_kept_is_shown_after_its_transaction(shell: Callable[..., Person]) -> None:
    mia = shell()
    database, seen = mia.account.database, []
    write = mia.dispatcher.output.out.write
    mia.dispatcher.output.out.write = lambda text: seen.append(database.in_transaction()) or write(text)
    mia("clients list")
    mia("clients list --all")
    assert seen
    assert not any(seen)


def test_the_values_of_a_preference_are_offered(shell: Callable[..., Person]) -> None:
    command, _ = resolve(split("set"))
    _, value = (parameter.param for parameter in command.positionals)
    offered = [one.text for one in value.given({"name": "keys"}).candidates("", None, None)]
    assert offered == ["emacs", "vi", "default"]
    assert shell()("set columns.clients id, company").code == 2
