"""One command for all records that an expression finds: shown, asked about, done in one transaction, told."""

from typing import Any

import pytest
from support.bulk import UNASSIGNED, support_of
from support.people import People
from support.world import Ids, World

from epicshell.commands import many
from epicshell.commands.words import quoted
from epicshell.database import Database
from epicshell.filters.where import limits as limits_of_where
from epicshell.filters.where.lexer import written
from epicshell.session.terminal import Terminal

PREVIEW = """2 events meet this:
  304 (Casey Autumn Fair): support – → kate.hastroff
  305 (Bouzin Dinner): support – → kate.hastroff"""


# What is asked


def test_what_will_change_is_shown_and_asked(people: People, world: World) -> None:
    mia, before = people("mia.manager"), world.state("sec.sessions", "sec.attachments")
    refused = mia.answers("no")(UNASSIGNED)
    assert (refused.code, refused.out, refused.err) == (1, "", f"{PREVIEW}\nNothing was done.")
    assert mia.terminal.asked == ["Assign 2 events to kate.hastroff?"]
    assert world.state("sec.sessions", "sec.attachments") == before
    assert mia.answers("yes")(UNASSIGNED).code == 0
    assert (support_of(world)[304], support_of(world)[305]) == (Ids.kate, Ids.kate)


def test_without_a_terminal_it_needs_yes(people: People, world: World) -> None:
    mia = people("mia.manager")
    result = mia(UNASSIGNED)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(
        "Assign 2 events to kate.hastroff? There is nobody to ask. Repeat the command with --yes."
    )
    assert support_of(world)[304] is None
    assert people("mia.manager", assume_yes=True)(UNASSIGNED).code == 0


def test_only_the_first_records_are_shown_and_what_can_not_be_changed_is_counted(people: People) -> None:
    kate = people("kate.hastroff").answers("no")
    shown = kate("events update --where 'id > 0' --location Nice").err
    assert "4 of them not: you lack the right events:update for them" in shown
    assert kate.terminal.asked == ["Update 3 of 7 events?"]
    mia = people("mia.manager").answers("no")
    shown = mia("events update --where 'id > 0' --location Nice").err
    assert shown.splitlines()[0] == "7 events meet this:"
    assert shown.splitlines()[-2:] == ["  … and 2 more", "Nothing was done."]
    assert "  302 (Casey Summer Ball): location Lyon → Nice" in shown


def test_what_deletes_asks_as_for_one_record_and_tells_what_would_be_refused(people: People) -> None:
    mia = people("mia.manager").answers("no")
    shown = mia("clients delete --where 'id in (101, 104)'").err
    assert "  Client 101 still has contracts 201, 202, 203, 204. Delete these first." in shown
    assert "  104 (Sam O'Neil)\n" in shown
    assert mia.terminal.asked == ["Move 2 clients to the trash?"]


def test_nothing_is_asked_in_an_open_transaction(people: People) -> None:
    mia = people("mia.manager")

    class Asked(Terminal):
        def confirm(self, question: str) -> bool:
            assert not mia.account.database.in_transaction()
            return True

    mia.dispatcher.terminal = Asked()
    assert mia(UNASSIGNED).code == 0


# What is done


def test_result_is_the_records_as_they_now_are(people: People) -> None:
    result = people("mia.manager")(f"{UNASSIGNED} --yes --format json")
    assert [(row["id"], row["support"], row["revision"]) for row in result.json] == [
        (304, "kate.hastroff", 2),
        (305, "kate.hastroff", 2),
    ]
    assert result.err == ""


def test_columns_that_find_no_room_are_asked_of_last_as_it_takes_no_columns(people: People) -> None:
    for remember, told in ((True, "(+4 columns: last --columns "), (False, "(+4 columns: starts_at,")):
        shown = people("mia.manager", width=60, remember=remember).attempt(f"{UNASSIGNED} --yes").out
        assert told in shown, shown


def test_people_are_told_how_many(people: People) -> None:
    mia = people("mia.manager", width=200)
    assert mia(f"{UNASSIGNED} --yes").out.splitlines()[-1] == "2 events assigned to kate.hastroff"
    again = mia("events assign --where 'id >= 304 and id <= 305' kate.hastroff --yes")
    assert (again.code, again.out.splitlines()[-1]) == (
        0,
        "No events assigned to kate.hastroff · 2 stayed as they were",
    )
    none = mia("events assign --where 'id = 999' kate.hastroff")
    assert (none.code, none.out) == (0, "No events meet this; nothing was done.\n")


@pytest.mark.parametrize(
    ("who", "line", "ids"),
    [
        ("mia.manager", "events unassign --where 'support = kate.hastroff and starts_at > now' --yes", [302]),
        ("mia.manager", "events delete --where 'attendees is empty' --yes", [304]),
        ("mia.manager", "clients reassign --where 'sales = bill.boquet' eve.martin --yes", [101, 102]),
        ("mia.manager", "clients delete --where 'contracts = 0' --yes", [104]),
        ("bill.boquet", "clients update --where 'sales = me' --company Merged --yes", [101, 102]),
        ("bill.boquet", "contracts sign --where 'sales = me and not signed' --yes", [204, 205]),
        ("mia.manager", "contracts unsign --where 'signed and events = 0' --yes", [201]),
        ("mia.manager", "contracts update --where 'total = 2500' --total 2600 --yes", [204]),
        ("mia.manager", "contracts delete --where 'not signed' --yes", [204, 205, 207]),
        ("mia.manager", "events update --where 'client = \"Kevin Casey\"' --location Nice --yes", [301, 302, 304]),
        ("mia.manager", "events assign alienor.vichum --yes --where='support is empty'", [304, 305]),
    ],
)
def test_each_command_for_one_record_takes_many(people: People, who: str, line: str, ids: list[int]) -> None:
    assert [row["id"] for row in people(who).json(line)] == ids


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("events assign 304 kate.hastroff --where 'id = 304'", "It takes either ID or --where "),
        ("events update where id = 304 --attendees 5", "Many records are found by --where 'EXPRESSION'."),
        ("events update --where id = 304 --attendees 5", "or --where 'EXPRESSION', which is one word in quotes."),
        ("events unassign 304 --where 'id = 304'", '"304" is one word too many for events unassign. It takes either'),
        ("events assign kate.hastroff", "events assign needs WHO. Usage: events assign ID|--where EXPRESSION WHO"),
        ("events assign --where 'id = 304'", "events assign needs WHO."),
        ("events unassign --where 'id = 304' --if-revision 1", 'has no flag "--if-revision"'),
        ("events update --where 'id = 304' --yes", "There is nothing to change. Give at least one of --name"),
        ("contracts pay --where 'id = 202' 5", 'has no flag "--where"'),
        ("events restore --where 'id = 306'", 'has no flag "--where"'),
    ],
)
def test_line_that_is_none(people: People, world: World, line: str, sentence: str) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    result = people("mia.manager")(line)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert world.state("sec.sessions", "sec.attachments") == before


def test_expression_error_points_to_the_place(people: People) -> None:
    result = people("mia.manager")("events assign --where 'support is empty and suport = me' kate.hastroff --yes")
    assert result.code == 1
    assert 'events have no field "suport". Did you mean support?' in result.err
    assert result.err.splitlines()[-1].rstrip() == "  " + " " * 21 + "^^^^^^"


def test_trash_is_never_found(people: People) -> None:
    assert people("mia.manager").json("events update --where 'id = 306' --location X --yes") == []


def test_too_many_records_are_refused(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 1)
    result = people("mia.manager")(f"{UNASSIGNED} --yes")
    assert (result.code, result.out) == (1, "")
    assert result.err == "More than 1 events meet this; nothing was done. Narrow it down."


@pytest.mark.parametrize("line", ["--yes", ""])
def test_expression_has_the_time_that_one_of_a_list_has(
    people: People, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr("epicshell.filters.where.limits.LIMIT", "SET LOCAL statement_timeout = '1ms'")
    mia = people("mia.manager").answers("yes")
    slow = " or ".join(["name ~ a and location !~ q and notes ~ x"] * 16)
    refused = mia(f"events update --where '{slow}' --location Nice {line}")
    assert (refused.code, refused.err.startswith("The database stopped this after 5 seconds: name ~ a looks")) == (
        1,
        True,
    )


def test_changes_have_the_time_that_others_have(people: People) -> None:
    mia = people("mia.manager")
    statements: list[str] = []
    mia.account.database.query_hooks.append(lambda event: statements.append(event.sql))
    with mia.undone():
        assert mia(f"{UNASSIGNED} --yes").code == 0
    changed = next(place for place, sql in enumerate(statements) if sql.startswith("UPDATE"))
    limits = [sql for sql in statements[:changed] if "statement_timeout" in sql]
    assert limits[-1] == limits_of_where._BACK


# What is refused


def test_refused_records_are_told_and_the_others_done(people: People, world: World) -> None:
    result = people("mia.manager", width=200)("contracts unsign --where 'signed' --yes")
    assert result.code == 1
    assert result.out.splitlines()[-1] == "1 contract unsigned · 4 refused"
    assert result.err.splitlines() == [
        "4 of 5 contracts were refused; the other one is done.",
        "  Contract 202 still has events 302, 304; it stays signed. Delete these first.",
        "  Contract 203 still has event 301; it stays signed. Delete these first.",
        "  Contract 206 still has events 303, 305, 308; it stays signed. Delete these first.",
        "  Contract 209 still has event 307; it stays signed. Delete these first.",
    ]
    assert world.ask("SELECT count(*) FROM crm.contracts WHERE signed") == (4,)


def test_records_without_the_right_are_told_together_with_the_right_and_recorded(people: People) -> None:
    result = people("bill.boquet")("clients update --where 'id > 0' --company Merged --yes --format json")
    assert (result.code, result.ids) == (4, [101, 102])
    assert result.err.splitlines() == [
        "2 of 4 clients were refused; the other 2 are done.",
        "  Clients 103, 104: you lack the right clients:update. Who has it: sales (own).",
    ]
    entry = people("ada.admin").json("audit --limit 1")[0]
    assert (entry["employee"], entry["action"]) == ("bill.boquet", "refused")


def test_if_all_are_refused_nothing_is_done(people: People, world: World) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    result = people("mia.manager")("events update --where 'id <= 302' --ends-at '2020-01-01 10:00' --yes")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines() == [
        "All 2 events were refused; nothing was done.",
        "  Events 301, 302: An event must end after it starts. Check --starts-at and --ends-at.",
    ]
    assert world.state("sec.sessions", "sec.attachments") == before


def test_refusals_are_told_up_to_a_number(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epicshell.commands.refusals.MOST_TOLD", 1)
    result = people("mia.manager")("contracts unsign --where 'signed and events > 0' --yes")
    assert result.err.splitlines()[-1] == "  … and 3 more."


def test_hidden_records_are_not_there(people: People, world: World) -> None:
    world.read_mode("need-to-know")
    result = people("bill.boquet")("clients update --where 'id > 0' --company Merged --yes --format json")
    assert (result.code, result.ids, result.err) == (0, [101, 102], "")


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff", "ada.admin"])
def test_the_gate_comes_before_the_expression(people: People, who: str) -> None:
    result = people(who)("events assign --where 'nonsense' nobody --yes")
    assert (result.code, result.out) == (4, "")
    assert "has no right events:assign" in result.err


# What it leaves


def test_it_is_one_batch_in_the_audit(people: People) -> None:
    mia, ada = people("mia.manager"), people("ada.admin")
    assert mia(f"{UNASSIGNED} --yes").code == 0
    assert mia("events unassign 302").code == 0
    last, *entries = ada.json("audit --limit 3")
    (batch,) = {entry["batch"] for entry in entries}
    assert last["batch"] != batch
    assert [entry["row_id"] for entry in ada.json(f"audit --batch {batch} --sort id")] == [304, 305]
    assert mia.json("history events 304")[-1]["batch"] == batch
    assert ada.json("audit --batch 999999") == []


def test_overlaps_among_many_are_told_in_pairs(people: People, world: World) -> None:
    hours = "starts_at = '2031-05-01 10:00+02', ends_at = '2031-05-01 12:00+02'"
    world.run(f"UPDATE crm.events SET {hours} WHERE id IN (304, 305)")
    result = people("mia.manager")(f"{UNASSIGNED} --yes")
    assert result.err == (
        "Kate Hastroff would run two events at once: event 305 (Bouzin Dinner), 2031-05-01 10:00–12:00, "
        "and event 304 (Casey Autumn Fair), 2031-05-01 10:00–12:00."
    )


def test_revisions_that_it_made_are_no_surprise_and_names_stay(people: People) -> None:
    mia = people("mia.manager", remember=True)
    assert mia("events show 302").code == 0
    assert mia(f"{UNASSIGNED} --yes").code == 0
    assert mia("events update 304 --location Nice").code == 0
    assert mia("events show 302").code == 0
    assert mia(f"{UNASSIGNED} --yes").code == 0
    assert mia.json("events show @last")["id"] == 302


def test_last_shows_the_changed_records_again(people: People) -> None:
    mia = people("mia.manager", remember=True)
    assert mia(f"{UNASSIGNED} --yes").code == 0
    assert [row["id"] for row in mia.json("last --sort -id")] == [305, 304]


# What an expression can't do


@pytest.mark.parametrize(
    "value", ["x'); DROP TABLE crm.events; --", "x' OR '1'='1", 'a"b', "%", "_", "%s", "%(id)s", "{0}", "$1", "\\"]
)
def test_what_is_in_an_expression_never_reaches_the_text_of_a_statement(
    people: People, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    mia = people("mia.manager")
    statements: list[str] = []
    run = Database.execute_sql

    def noted(self: Database, sql: str, *parameters: Any) -> Any:
        statements.append(sql)
        return run(self, sql, *parameters)

    monkeypatch.setattr(Database, "execute_sql", noted)
    line = f"events update --where {quoted(f'location ~ {written(value)}')} --location Nowhere --yes --format json"
    result = mia(line)
    assert (result.code, result.out) == (0, "[]\n"), result.err
    assert statements
    assert not any(value in sql for sql in statements if value not in "_%s")


def test_ctrl_c_takes_all_back(people: People, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mia, before = people("mia.manager"), world.state("sec.sessions", "sec.attachments")
    attempt, done = many.Many.attempt, []

    def interrupted(self: many.Many, *arguments: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return attempt(self, *arguments)

    monkeypatch.setattr(many.Many, "attempt", interrupted)
    result = mia(f"{UNASSIGNED} --yes")
    assert (result.code, result.out, result.err) == (130, "", "Interrupted; nothing was done.")
    assert world.state("sec.sessions", "sec.attachments") == before
