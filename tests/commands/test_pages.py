"""The next page of a list, by keyset: page by page everything is shown once, whatever the order, whatever changes."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain

import pytest
from support.people import People, Person
from support.server import Server
from support.world import World, opened

from epicshell.models import Client, Contract, Employee, Event
from epicshell.params.fields import known

END = "That was all."
LISTS = {"clients": Client, "contracts": Contract, "events": Event, "employees": Employee}


@pytest.fixture(scope="module")
def crowd(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People of a world in which much is the same, and much is unknown."""
    with opened(server) as world:
        world.run(
            "INSERT INTO crm.clients (full_name, email, phone, company, first_contact_on, sales_id)"
            " SELECT (ARRAY['Éva', 'eva', 'Zoë Straße', 'zoe strasse', 'O''Neil'])[n %% 5 + 1],"
            " 'c' || n %% 3 || '@c.example',"
            " '1', (ARRAY['Ço', 'co', 'Łoś', 'a b'])[n %% 4 + 1], date '2026-01-01' + n %% 4, 5 + n %% 2"
            " FROM generate_series(1, 18) n"
        )
        world.run(
            "INSERT INTO crm.contracts (client_id, total, signed_at) SELECT id, id %% 3 * 1000,"
            " CASE WHEN id %% 3 > 0 THEN timestamptz '2026-01-01' + interval '1 day' * (id %% 2) END"
            " FROM crm.clients WHERE deleted_at IS NULL"
        )
        world.run(
            "INSERT INTO crm.events (name, contract_id, support_id, starts_at, ends_at, location, attendees, notes)"
            " SELECT (ARRAY['Été', 'ete'])[id %% 2 + 1], id, CASE WHEN id %% 3 = 0 THEN 7 WHEN id %% 3 = 1 THEN 8 END,"
            " timestamptz '2031-01-01' + interval '1 h' * (id %% 3), timestamptz '2031-02-01', 'L',"
            " nullif(id %% 4, 0), CASE WHEN id %% 2 = 0 THEN 'n' ELSE '' END FROM crm.contracts"
            " WHERE signed_at IS NOT NULL AND deleted_at IS NULL AND id < 201"
        )
        with closing(People(world, tmp_path_factory.mktemp("people"))) as people:
            yield people


@pytest.fixture
def shell(people: People) -> Callable[[str], Person]:
    return lambda username: people(username, width=200, remember=True)


def pages(person: Person, line: str) -> Iterator[list[int]]:
    """The ids of the pages of a list, as `more` shows them."""
    result = person(f"{line} --format json")
    while result.out:
        assert result.code == 0, result.err
        yield result.ids
        result = person("more --format json")
    assert (result.code, result.err) == (0, END)


def whole(person: Person, line: str) -> list[int]:
    return person(f"{line} --all --format json").ids


@pytest.mark.parametrize("username", ["mia.manager", "bill.boquet", "kate.hastroff"])
@pytest.mark.parametrize("noun", LISTS)
def test_the_pages_are_the_whole_list_in_its_order(crowd: People, noun: str, username: str) -> None:
    person, drawn = crowd(username, width=200, remember=True), random.Random(f"{noun} {username}")
    fields = [field.name for field in known(LISTS[noun], person.account.look_up().department)]
    for _ in range(3):
        order = [drawn.choice(["", "-"]) + name for name in drawn.sample(fields, drawn.randint(1, 3))]
        line = f"{noun} list --sort={','.join(order)}"
        found = list(pages(person, f"{line} --limit {drawn.choice([2, 5, 9])}" if noun != "employees" else line))
        assert list(chain(*found)) == whole(person, line), line


@pytest.mark.parametrize("noun", LISTS)
def test_each_field_alone_turns_pages_both_ways(crowd: People, noun: str) -> None:
    person = crowd("mia.manager", width=200, remember=True)
    for field in known(LISTS[noun], "management"):
        for sort in (field.name, f"-{field.name}"):
            line = f"{noun} list --sort={sort}"
            assert list(chain(*pages(person, f"{line} --limit 10"))) == whole(person, line), line


def test_the_next_page_has_the_same_columns_and_conditions(shell: Callable[[str], Person]) -> None:
    mia = shell("mia.manager")
    mia("contracts filter --unpaid --sort due,id --columns id,due,company --limit 2")
    out = mia("more").out.splitlines()
    assert out[0].split() == ["id", "due", "company"]
    every = mia.json("contracts filter --unpaid --sort due,id --columns id,due,company")
    mia("contracts filter --unpaid --sort due,id --columns id,due,company --limit 2")
    assert mia("more --format json").json == every[2:4]


def test_the_next_page_of_an_expression_goes_on_with_it(shell: Callable[[str], Person]) -> None:
    bill = shell("bill.boquet")
    line = "contracts filter --sort=-due --format json {} where sales = me and (due > 10 or not signed)"
    every = bill(line.format("--all")).ids
    assert len(every) > 3
    found = bill(line.format("--limit 2")).ids
    for _ in range(9):
        found += bill("more --format json").ids if len(found) < len(every) else []
    assert found == every


def test_the_last_line_tells_where_one_is(shell: Callable[[str], Person]) -> None:
    mia = shell("mia.manager")
    assert mia("events list --limit 3").out.splitlines()[-1] == "3 of 7 events (more shows the next, --all shows all)"
    assert mia("more").out.splitlines()[-1] == "events 4-6 of 7 (more shows the next, --all shows all)"
    assert mia("more").out.splitlines()[-1] == "event 7, the last"
    assert [mia("more").err, mia("more").err] == [END, END]
    assert mia("last").out.splitlines()[-1] == "event 7, the last"


def test_what_changes_between_pages_is_neither_shown_twice_nor_left_out(
    shell: Callable[[str], Person], world: World
) -> None:
    mia = shell("mia.manager")
    assert mia("events list --sort id --limit 2 --format json").ids == [301, 302]
    world.run("UPDATE crm.events SET deleted_at = now() WHERE id IN (301, 302, 303)")
    world.run("UPDATE crm.events SET name = 'Changed' WHERE id = 304")
    assert mia("more --columns id,name --format json").code == 2
    assert mia("more --format json").ids == [304, 305]
    world.run("UPDATE crm.events SET deleted_at = now() WHERE id > 305")
    assert mia("more").err == END


def test_more_shows_what_may_be_read_at_that_moment(shell: Callable[[str], Person], world: World) -> None:
    bill = shell("bill.boquet")
    bill("clients list --limit 1")
    others = {row["id"] for row in bill.json("clients list") if row["sales"] != "bill.boquet"}
    bill("clients list --limit 1")
    world.read_mode("need-to-know")
    seen: set[int] = set()
    while (result := bill("more --format json")).out:
        seen |= set(result.ids)
    assert others
    assert not seen & others


def test_more_belongs_to_who_was_shown_the_list(shell: Callable[[str], Person], world: World) -> None:
    mia = shell("mia.manager")
    mia("clients list --limit 1")
    mia.account.adopt(world.login("kate.hastroff"))
    result = mia("more")
    assert (result.code, result.out, result.err) == (1, "", "There is no last result yet.")


@pytest.mark.parametrize(("line", "told"), [
    ("clients show 101", "The last result has no further page."),
    ("contracts payments 202", END),
    ("whoami", "The last result has no further page."),
])  # fmt: skip
def test_what_is_no_list_or_is_whole_has_no_more(shell: Callable[[str], Person], line: str, told: str) -> None:
    mia = shell("mia.manager")
    mia(line)
    assert mia("more").err.startswith(told)


def test_more_goes_on_behind_last_and_through_a_command_in_another(shell: Callable[[str], Person]) -> None:
    mia = shell("mia.manager")
    mia("clients list --sort id --limit 2")
    mia("last --sort -id")
    assert mia("more --format json").ids == [103, 104]


def test_outside_the_shell_there_is_no_more(people: People) -> None:
    result = people("mia.manager")("more")
    assert (result.code, result.out) == (2, "")
    assert "more works at the shell's prompt only" in result.err


def test_what_a_list_did_not_read_is_said_by_last(shell: Callable[[str], Person]) -> None:
    mia = shell("mia.manager")
    mia("contracts list")
    assert mia("last --columns id,company").err == (
        "--columns: the last result was read without company. Ask for it with the list itself: --columns company"
    )
    mia("contracts list --columns id,company")
    assert mia("last --sort -company --format json").code == 0
    assert mia("last --columns company,due").code == 0


#: What a slow machine with millions of rows does: no statement of a list may take longer than this.
SLOW = "SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)"
LISTED = ["", " --all"]


@pytest.mark.parametrize("flags", LISTED)
@pytest.mark.parametrize("remember", [True, False])
def test_an_order_that_takes_too_long_is_told_with_advice(
    people: People, monkeypatch: pytest.MonkeyPatch, flags: str, remember: bool
) -> None:
    mia = people("mia.manager", width=120, remember=remember)
    stop(mia, monkeypatch, "ORDER BY (SELECT")
    assert mia(f"clients filter --sort -owed{flags}").err == (
        "The database stopped this after 5 seconds: to sort by owed, it looks at what belongs to every client."
        " Narrow the list down with where or its flags, or sort by a field of its own."
    )
    assert mia(f"clients filter --sort -company{flags}").code == 0


@pytest.mark.parametrize("flags", LISTED)
@pytest.mark.parametrize("remember", [True, False])
def test_groups_that_take_too_long_are_told_with_advice(
    people: People, monkeypatch: pytest.MonkeyPatch, flags: str, remember: bool
) -> None:
    mia = people("mia.manager", width=120, remember=remember)
    stop(mia, monkeypatch, "GROUP BY")
    assert mia(f"clients filter --group-by owed{flags}").err == (
        "The database stopped this after 5 seconds: to group by owed, it looks at what belongs to every client."
        " Narrow the list down with where or its flags, or group by a field of its own."
    )


@pytest.mark.parametrize("flags", LISTED)
@pytest.mark.parametrize("remember", [True, False])
def test_an_expression_that_takes_too_long_is_told_with_advice(
    people: People, monkeypatch: pytest.MonkeyPatch, flags: str, remember: bool
) -> None:
    mia = people("mia.manager", width=120, remember=remember)
    stop(mia, monkeypatch, "strpos")
    assert mia(f"events filter{flags} where location ~ paris").err.startswith(
        "The database stopped this after 5 seconds: location ~ paris looks into every event. Narrow it down: a date,"
    )


def stop(person: Person, monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
    """Make each statement with such a part take longer than any may."""
    execute = person.account.database.execute_sql

    def slowly(sql: str, *arguments: object) -> object:
        return execute(SLOW if slow in sql else sql, *(() if slow in sql else arguments))

    monkeypatch.setattr(person.account.database, "execute_sql", slowly)
