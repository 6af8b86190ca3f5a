"""Views: kept commands, their values, and whose rights they run with."""

from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.people import People, Person
from support.statements import value

from epicshell.command import REGISTRY, Command
from epicshell.commands.line import bind, resolve
from epicshell.commands.placeholders import Template
from epicshell.commands.words import split
from epicshell.errors import NotUnderstood
from epicshell.params.base import Scalar


@pytest.fixture
def bill(everyone: People) -> Person:
    return everyone["bill.boquet"]


@pytest.fixture
def mia(everyone: People) -> Person:
    return everyone["mia.manager"]


def test_a_view_is_run_by_its_name_or_by_views_run(bill: Person) -> None:
    wanted = bill("contracts filter --unpaid --sales bill.boquet").out
    assert wanted
    for line in ("late bill.boquet", "LATE bill.boquet", "views run late bill.boquet", 'late "bill.boquet"'):
        result = bill(line)
        assert (result.code, result.out) == (0, wanted), line
    assert bill("late bill.boquet --format json").ids == [205, 204, 202, 201]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("late", "late needs 1 value: --sales. Usage: late WHO"),
        ("late a b", "late takes 1 value, not 2. Usage: late WHO"),
        ("late --yes", 'late takes values and --format FORMAT, not "--yes". Quote it if it is a value.'),
        (
            """late bill.boquet --format 'json" --limit "1'""",
            'late: --format: "json" --limit "1" is not accepted. Accepted: table, json, csv, tsv, markdown.',
        ),
        ("open 1", "open takes no values, not 1. Usage: open"),
        ("views run nowhere", 'There is no view "nowhere". views list shows them.'),
        ("views run eves", 'There is no view "eves". views list shows them.'),
        ("eves", '"eves" is not a command. Did you mean events?'),
    ],
)
def test_values_that_do_not_fit_are_told(bill: Person, line: str, sentence: str) -> None:
    result = bill(line)
    assert (result.code != 0, result.out, result.err) == (True, "", sentence)


def test_errors_name_the_view_and_the_command_s_own(bill: Person) -> None:
    result = bill("late nobody.here")
    assert (result.code, result.err.startswith("late: There is no employee nobody.here.")) == (1, True)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("views save x -- late 1", '"late" is not a command.'),
        ("views save x -- views run late", "views run can't be kept as a view."),
        ("views save x -- passwd", "passwd can't be kept as a view."),
        ("views save x -- login bill.boquet", "login can't be kept as a view."),
        ("views save x -- let a = clients show 101", "let can't be kept as a view."),
        ("views save x -- watch 5 let a = clients show 101", "let can't be kept as a view."),
        ("views save x -- clients filter --frob", 'clients filter has no flag "--frob".'),
        ("views save x -- clients filter --$1", 'clients filter has no flag "--$1".'),
        ("views save x -- clients $1", '"clients $1" is not a command.'),
        ("views save x -- clients show abc", 'ID: "abc" is not the number of a client.'),
        ("views save x -- contracts create --client $1 --total 5", "no right contracts:create"),
        ("views save x -- clients show $2", "There is $2, but no $1."),
        ("views save x -- events filter where lokation ~ $1", "events have no field"),
        ("views save x -- clients filter where", "where: an expression is missing. Such as: where contracts = 0"),
        ("views save x -- clients filter where sales =", "\n  sales =\n         ^"),
        ("views save x -- clients filter where sales = $1 and", "\n  sales = $1 and\n                ^"),
        ("views save x -- clients filter where sales = $1 or lokation = b", "column 15: clients have no field"),
        ("views save x -- clients filter where sales = $1 and created_at = 2020-13", "there is no month 13"),
        (
            "views save x -- clients update --where '' --phone 1",
            "--where: an expression is missing. Such as: --where '",
        ),
        ("views save x --", "views save needs a command to keep."),
        ("views save clients -- whoami", 'name: "clients" is taken by epicshell.'),
        ("views save help -- whoami", 'name: "help" is taken by epicshell.'),
        ("views save client -- whoami", 'name: "client" is taken by epicshell.'),
        ("views save 1x -- whoami", 'NAME: "1x" is no name.'),
    ],
)
def test_what_makes_no_sense_is_not_kept(bill: Person, line: str, sentence: str) -> None:
    result = bill.attempt(line)
    assert result.code != 0
    assert sentence in result.err


def test_a_view_that_asks_takes_yes(people: People) -> None:
    mia = people("mia.manager")
    assert mia("views save drop -- events delete $1").code == 0
    asked = mia("drop 302")
    assert (asked.code, "Repeat the command with --yes." in asked.err) == (2, True)
    assert mia("drop 302 --yes --format json").json["id"] == 302
    assert "drop takes values, --yes and --format FORMAT" in mia("drop 302 --force").err


def test_a_value_in_an_expression_is_named_after_its_field(people: People) -> None:
    mia = people("mia.manager")
    saved = mia('views save big -- contracts filter where client ~ "$1" and total > $2')
    assert saved.err == "Run it with: big CLIENT TOTAL"
    assert mia("big kevin").err == "big needs 2 values: CLIENT, TOTAL. Usage: big CLIENT TOTAL"
    assert mia("views save soon -- events assign --where 'starts_at = $1' $2").err == "Run it with: soon STARTS-AT WHO"


def test_saving_over_a_view_tells_what_it_was(people: People) -> None:
    bill = people("bill.boquet")
    result = bill("views save late -- clients filter --prospects")
    assert (result.code, result.err) == (0, "Replaced; late was: contracts filter --unpaid --sales $1")
    assert bill("late --format json").ids == [104, 102]
    assert bill("views delete late --yes").err == "late is deleted."
    assert bill("late").code == 2
    assert bill("views save late -- whoami").code == 0  # the name is free again


def test_a_shared_view_runs_with_the_rights_of_who_runs_it(people: People) -> None:
    people.world.read_mode("need-to-know")
    mia, bill, kate = (people(name) for name in ("mia.manager", "bill.boquet", "kate.hastroff"))
    assert mia("views save who -- clients filter --format json").code == 0
    assert bill("who").code == 2  # not shared yet
    assert mia("views share who").code == 0
    assert (bill("who").ids, kate("who").ids, mia("who").ids) == ([102, 101], [103, 101], [104, 103, 102, 101])
    assert mia("views save draw -- contracts create --client $1 --total 5").code == 0
    mia("views share draw")
    refused = bill("draw 101")
    assert (refused.code, "draw: You are logged in as sales" in refused.err) == (4, True)
    assert 'draw of mia.manager runs: contracts create --client "101" --total 5' in refused.err


@pytest.mark.parametrize(
    "kept", ["views run trap", "logout", "passwd", "let a = clients show 101", "help", "trap", "\x1c"]
)
def test_what_was_stored_past_the_check_is_checked_when_it_runs(people: People, kept: str) -> None:
    """As raw SQL stores it: no view runs a view, for ever, or ends a session."""
    mia = people.world.connect("mia.manager")
    number = value(mia, "INSERT INTO views (name, command) VALUES ('trap', %s) RETURNING id", kept)
    value(mia, "SELECT api.share_view(%s, true)", number)
    bill = people("bill.boquet")
    for line in ("trap", "views run trap", "let a = trap"):
        assert bill(line).code == 2, line
    assert bill("whoami").code == 0


def test_shared_view_that_writes_a_file_asks(people: People, tmp_path: Path) -> None:
    mia, bill = people("mia.manager"), people("bill.boquet")
    file = tmp_path / "list.csv"
    assert mia(f"views save out -- clients filter --yes --export {file}").code == 0
    mia("views share out")
    for result in (bill("out"), bill.answers("no")("out")):
        assert result.code != 0
        assert result.err.startswith(f"out of mia.manager runs: clients filter --yes --export {file}")
        assert not file.exists()
    assert (bill("out --yes").code, file.exists()) == (0, True)
    assert bill.answers("yes")("out").code == 0
    assert bill.terminal.asked == ["Run out of mia.manager?", "Run out of mia.manager?"]
    assert mia("out").code == 0  # her own
    assert bill("views delete out --yes").code != 0


@pytest.mark.parametrize(
    "kept", ["clients update 101 --company Trap", "clients update --where 'id > 0' --company Trap --yes"]
)
def test_shared_view_that_changes_records_is_no_trap(people: People, kept: str) -> None:
    """A colleague gives what changes data a name that sounds of a list; whoever runs it would be who did it."""
    mia, bill = people("mia.manager"), people("bill.boquet")
    value(people.world.connect("mia.manager"), "INSERT INTO views (name, command) VALUES ('overview', %s)", kept)
    mia("views share overview")
    companies = "SELECT count(*) FROM crm.clients WHERE company = 'Trap'"
    assert bill("overview").code == 2
    assert bill.answers("no")("overview").err.endswith("Nothing was done.")
    assert bill("let kevin = overview").code == 2
    refused = bill.script("overview", atomic=True)
    assert (refused.code, "Add --yes in a script that is all or nothing" in refused.err) == (2, True)
    assert people.world.ask(companies) == (0,)
    assert bill.answers("yes")("overview").code in (0, 4)  # 4: not all clients are his
    assert people.world.ask(companies) > (0,)


def test_what_a_shared_view_asks_by_itself_is_asked_once(people: People) -> None:
    mia, max_ = people("mia.manager"), people("max.manager")
    mia("views save bin -- clients delete $1")
    mia("views share bin")
    assert max_.answers("yes")("bin 104").code == 0
    assert max_.terminal.asked == ["Move client 104 (Sam O'Neil) to the trash?"]
    assert max_("clients restore 104").code == max_("bin 104 --yes").code == 0


def test_format_of_a_view_is_one_word(bill: Person) -> None:
    assert bill("""late bill.boquet --format 'json" --limit "1'""").err.startswith("late: --format:")


def test_own_views_win_over_shared_ones_and_the_list_says_so(people: People) -> None:
    bill = people("bill.boquet")
    states = lambda: {(row["owner"], row["name"]): row["state"] for row in bill.json("views list")}  # noqa: E731
    assert states() == {("bill.boquet", "late"): "yours", ("max.manager", "open"): "shared"}
    bill("views save open -- whoami")
    assert states()["max.manager", "open"] == "shared, but yours of that name is run"
    assert bill("open --format json").json["username"] == "bill.boquet"


def test_names_that_are_shared_clash_clearly(people: People) -> None:
    mia = people("mia.manager")
    mia("views save open -- whoami")
    result = mia("views share open")
    assert (result.code, result.err.split(";")[0]) == (1, "Another view of that name is shared already")


def test_shared_views_go_on_when_their_owner_is_gone(people: People) -> None:
    people.world.run("UPDATE crm.employees SET active = false WHERE username = 'max.manager'")
    assert people("bill.boquet")("open").code == 0


def test_admins_have_views_of_their_own_and_see_no_others(people: People) -> None:
    ada = people("ada.admin")
    assert ada("views list").err == ""
    assert ada("open").code == 2
    ada("views save staff -- employees filter --department $1")
    assert ada("staff sales").code == 0
    people("bill.boquet")("views save money -- contracts filter --sales $1")
    log = people("otto.admin").json("audit --limit 1")
    assert (log[0]["noun"], log[0]["action"], log[0]["new"]) == ("views", "create", None)


def test_views_work_within_other_commands(people: People) -> None:
    bill = people("bill.boquet", remember=True)
    bill("views save one -- clients show $1")
    assert bill("let kevin = one 101").code == 0
    assert bill("clients show @kevin --format json").json["id"] == 101
    assert bill("watch 5 late").err.startswith("late needs 1 value")
    assert bill("late bill.boquet").code == bill("last --format json").code == 0
    script = bill.script("one 101\none 102", atomic=True)
    assert (script.code, script.out.count("full_name") + script.out.count("full name")) == (0, 2), script.err


def test_what_asks_asks_in_a_view_too(people: People) -> None:
    mia = people("mia.manager")
    mia("views save bin -- clients delete $1")
    assert mia("bin 104").code == 2
    assert mia.answers("no")("bin 104").err == "bin: Nothing was done."
    assert mia.answers("yes")("bin 104").code == 0


def test_one_statement_more_only_where_the_first_word_is_no_command(people: People) -> None:
    bill = people("bill.boquet")
    statements: list[str] = []
    bill("whoami")
    bill.account.database.query_hooks.append(lambda event: statements.append(event.sql))
    bill("contracts filter --unpaid --sales bill.boquet")
    usual = len(statements)
    statements.clear()
    bill("late bill.boquet")
    assert len(statements) == usual + 1


# Values stay values

HOSTILE = ["--yes", '" --yes "', "a b", "\\", 'x" --format json', "$1", "$*", "\n clients delete 104", ") or (1=1", "'"]
TEMPLATES = [
    "clients filter --sales $1",
    "clients filter --sales=$1",
    "clients update 101 --company $1",
    'clients update 101 --company "of $1, $$5"',
    "watch 5 clients filter --sales $1",
]


@given(st.sampled_from(TEMPLATES), st.text(min_size=1, max_size=20) | st.sampled_from(HOSTILE))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_is_one_word_whatever_it_holds(text: str, value: str) -> None:
    before, after = Template(text), split(Template(text).filled([value]))
    assert len(after) == len(before.words)
    wanted = [word.text.replace("$1", "\0").replace("$$", "$").replace("\0", value) for word in before.words]
    assert [word.text for word in after] == wanted
    assert after[-1].literal or after[-1].text.startswith("--sales=")


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_refused_or_kept_as_they_are(bill: Person, value: str) -> None:
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    result = bill.attempt(f"late {quoted}")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("late: ")


def test_all_values_are_words_of_their_own_or_one_text() -> None:
    assert Template("find $*").filled(["a b", "--all"]) == 'find "a b" "--all"'
    assert Template("find $*").filled([]) == "find"
    assert Template('clients update 1 --company "$*"').filled(["a", "b"]) == 'clients update 1 --company "a b"'
    assert Template("find $1 $*").filled(["a", "b"]) == 'find "a" "a" "b"'


@pytest.mark.parametrize("expression", ['company ~ "of $1', "company ~ 'of $1", 'company ~ $1 and city = "'])
def test_an_expression_whose_quotation_does_not_end_takes_no_values(expression: str) -> None:
    quoted = '"' + expression.replace('"', '\\"') + '"'
    with pytest.raises(NotUnderstood, match="does not end"):
        Template(f"clients update 1 --where {quoted}").filled(["or 1=1"])


@pytest.mark.parametrize(
    ("expression", "filled"),
    [
        ("company ~ $1", 'company ~ "{}"'),
        ('company ~ "of $1"', 'company ~ "of {}"'),
        ("company ~ 'of $1'", 'company ~ "of {}"'),
        ("company in ($1, x$1)", 'company in ("{}", "x{}")'),
        ("total in 1..$1 and (due > $1)", 'total in 1.."{}" and (due > "{}")'),
    ],
)
@pytest.mark.parametrize("value", HOSTILE)
def test_inside_an_expression_a_value_is_one_quoted_value(expression: str, filled: str, value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    words = split(Template(f"clients update 1 --where '{expression}'" if "'" not in expression else
                           f'clients update 1 --where "{expression}"').filled([value]))  # fmt: skip
    assert len(words) == 5
    assert words[-1].text == filled.replace("{}", escaped)


class _Clause(Scalar):
    clause = "where"


def probe(
    context: object, *, expression: Annotated[str, _Clause("EXPRESSION", "", lambda typed, _: typed)] = ""
) -> None:
    """Take an expression behind where."""


@pytest.mark.parametrize("text", ["clients probe where company ~ $1", "clients probe where 'company ~ $1'"])
@pytest.mark.parametrize("value", HOSTILE)
def test_behind_where_a_value_is_one_quoted_value(monkeypatch: pytest.MonkeyPatch, text: str, value: str) -> None:
    monkeypatch.setitem(REGISTRY, "clients probe", Command("clients probe", probe, None))
    filled = Template(text).filled([value])
    command, rest = resolve(split(filled))
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    assert bind(command, rest, filled).values == {"expression": f'company ~ "{escaped}"'}
