"""Names of records: what was created or shown last, and what `let` keeps."""

import pytest
from support.people import People, Person
from support.world import Ids, World

CREATE = "clients create --full-name 'Ann Ode' --email a@c.example --phone +33123456789 --company C"
WHEN = "--starts-at 'tomorrow 10:00' --ends-at 'tomorrow 12:00' --location Paris"


def newest_client(world: World) -> int:
    return int(world.ask("SELECT max(id) FROM crm.clients")[0])


def test_what_was_created_is_named(bill: Person, world: World) -> None:
    bill(CREATE)
    assert bill.json("clients show @last")["id"] == newest_client(world)
    assert bill.json("clients show @CLIENT")["full_name"] == "Ann Ode"


def test_what_was_shown_is_named_by_its_noun(bill: Person) -> None:
    bill("clients show 101")
    bill("contracts show 201")
    assert bill.json("clients show @client")["id"] == 101
    assert bill.json("contracts show @contract")["id"] == 201


def test_a_change_names_its_record(bill: Person, mia: Person) -> None:
    bill("contracts sign 204")
    assert bill.json("contracts show @contract")["id"] == 204
    mia("contracts void-payment 404 --yes")
    assert mia.json("contracts show @last")["id"] == Ids.eves_signed


@pytest.mark.parametrize("format", ["table", "json", "csv"])
@pytest.mark.parametrize(
    "line", ["contracts list --client 103 --unsigned --all", "contracts filter --limit 1 --columns total"]
)
def test_a_list_of_one_names_it_and_others_nothing(bill: Person, line: str, format: str) -> None:
    bill("contracts show 201")
    bill(f"contracts list --all --format {format}")
    bill(f"contracts list --client 104 --format {format}")  # of none
    assert bill.json("contracts show @last")["id"] == 201
    bill(f"{line} --format {format}")
    assert bill.json("contracts show @last")["id"] in (Ids.eves_unsigned, Ids.eves_paid)


def test_an_employee_is_named_by_username(bill: Person, mia: Person) -> None:
    bill("employees show kate.hastroff")
    assert bill.json("employees show @employee")["username"] == "kate.hastroff"
    assert bill("clients show @last").err == (
        "ID: @last is kate.hastroff, not a client. Accepted: a name that stands for a client."
    )
    mia("employees create --username new.one --full-name N --email n@epic.example --department support")
    mia(f"events assign {Ids.open_event} @employee")
    assert mia.json("events show @event")["support"] == "new.one"


def test_history_of_a_named_record(bill: Person) -> None:
    bill("clients show 101")
    assert bill("history clients @last").code == 0
    assert "not a contract" in bill("history contracts @last").err


def test_payment_is_named(mia: Person) -> None:
    mia(f"contracts payments {Ids.eves_signed}")
    assert mia.json("contracts void-payment @payment --yes")["id"] == Ids.eves_signed


def test_let_keeps_a_record(bill: Person, world: World) -> None:
    assert bill("let kevin = clients show 101").code == 0
    assert bill(f"let Ann-2={CREATE}").code == 0
    bill("clients show 102")
    assert bill.json("clients show @kevin")["id"] == 101
    assert bill.json("clients show @ann-2")["id"] == newest_client(world)
    assert bill.json("clients show @last")["id"] == newest_client(world)


def test_unknown_name_says_what_is_kept(bill: Person) -> None:
    assert bill("clients show @foo").err == (
        "There is no @foo yet. Accepted: @last, once a record was created or shown."
    )
    bill("let kevin = clients show 101")
    bill("employees show kate.hastroff")
    assert bill("clients show @foo").err == (
        "There is no @foo yet. Kept so far: @last kate.hastroff, @client 101, @kevin client 101, "
        "@employee kate.hastroff."
    )
    assert bill("clients show @kevim").err == "There is no @kevim yet. Did you mean @kevin (client 101)?"


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("let last = clients show 101", 1, "@last is kept of itself."),
        ("let 1st = clients show 101", 1, '"1st" is no name.'),
        ("let x", 2, "let needs a name, = and a command."),
        ("let x =", 2, "let needs a name, = and a command."),
        ("let", 2, "let needs NAME = COMMAND."),
        ("let x = help", 1, "help gives no record that @x could stand for; nothing was done."),
        ("let x = logout", 1, "logout gives no record"),
        ("let x = run file", 1, "run gives no record"),
        ("let x = let y = clients show 101", 1, "let gives no record"),
        ("let x = clients dance", 2, '"clients dance" is not a command.'),
        ("let x = clients show 9999", 1, "There is no client 9999."),
        ("let x = clients list", 1, "That gave no single record, so @x was not kept."),
        ("let x = whoami", 1, "That gave no single record, so @x was not kept."),
        ("let x = contracts create --client 101 --total 1", 4, "You are logged in as sales"),
    ],
)
def test_let_refuses_what_gives_no_record(everyone: People, line: str, code: int, sentence: str) -> None:
    bill = everyone("bill.boquet")
    result = bill(line)
    assert result.code == code
    assert result.err.startswith(sentence)
    assert "@x" not in [name for name, _ in bill.dispatcher.memory.known_names()]


def test_a_name_gives_no_right(bill: Person, people: People, world: World) -> None:
    """It stands for a number: what it stands for is looked up each time, under the rights of that moment."""
    bill("clients show 103")
    world.read_mode("need-to-know")
    assert bill("clients show @last").err.startswith("There is no client 103.")


def test_names_know_what_they_stand_for(bill: Person) -> None:
    bill("let kevin = clients show 101")
    assert bill.dispatcher.memory.known_names() == [
        ("@kevin", "client 101 · Kevin Casey"),
        ("@last", "client 101 · Kevin Casey"),
        ("@client", "client 101 · Kevin Casey"),
    ]


def test_title_of_a_record_drives_no_terminal(bill: Person, world: World) -> None:
    world.run("UPDATE crm.clients SET full_name = E'\\x1b[31mred' WHERE id = 101")
    bill("clients show 101")
    assert all("\x1b" not in meaning for _, meaning in bill.dispatcher.memory.known_names())


# Coming and going


def test_names_go_with_who_logs_in(bill: Person, world: World) -> None:
    for username in ("bill.boquet", "eve.martin"):
        world.set_password(username)
    bill("clients show 101")
    assert bill.answers("seven green ladders sing")("login bill.boquet").code == 0
    assert bill.json("clients show @last")["id"] == 101
    assert bill.answers("seven green ladders sing")("login eve.martin").code == 0
    assert bill.dispatcher.memory.known_names() == []


def test_logout_forgets_the_names(bill: Person) -> None:
    bill("clients show 101")
    bill("logout")
    assert bill.dispatcher.memory.known_names() == []


# In scripts


@pytest.mark.parametrize("mode", [{}, {"atomic": True}, {"atomic": True, "keep_going": True}])
def test_script_names_what_it_creates(mia: Person, people: People, mode: dict[str, bool]) -> None:
    lines = [
        "clients show 101",
        "contracts create --client @client --total 100 --signed",
        "contracts pay @contract 40",
        "let second = contracts create --client @client --total 200",
        "contracts show @second",
        "contracts show @contract --format json",
    ]
    result = mia.script(lines, **mode)
    assert result.code == 0, result.err
    assert mia.json("contracts show @second")["total"] == "200.00"


@pytest.mark.parametrize("mode", [{}, {"atomic": True}, {"atomic": True, "keep_going": True}, {"dry_run": True}])
def test_row_that_is_still_to_be_made_is_made_before_it_is_named(bill: Person, mode: dict[str, bool]) -> None:
    """Creates of an atomic script wait for one another; a name that refers to one doesn't wait."""
    event = f"events create --contract @contract --name {{}} {WHEN}"
    lines = [
        CREATE, "clients update @client --company One", CREATE, "clients update @last --company Two",
        f"let third = {CREATE}", CREATE, "clients update @third --company Three",
        "contracts show 201", event.format("E1"), event.format("E2"), "events show @last --format json",
        "clients list --mine --limit 4 --columns company --format csv",
    ]  # fmt: skip
    result = bill.script(lines, **mode)
    assert result.code == 0, result.err
    assert '"name": "E2"' in result.out
    assert result.out.endswith("company\nC\nThree\nTwo\nOne\n")


def test_name_of_the_same_noun_settles_what_waits(bill: Person) -> None:
    lines = ["contracts show 201", f"events create --contract @last --name E1 {WHEN}"]
    lines.append(f"events create --contract @last --name E2 {WHEN}")
    result = bill.script(lines, atomic=True)
    assert result.code == 1
    assert "script:3: --contract: @last is event" in result.err


def test_names_of_what_was_taken_back_are_forgotten(bill: Person) -> None:
    bill("clients show 101")
    for mode in ({"dry_run": True}, {"atomic": True}, {"atomic": True, "keep_going": True}):
        lines = [CREATE, "let x = clients show 102", *(["nonsense"] if "atomic" in mode else [])]
        bill.script(lines, **mode)
        assert [name for name, _ in bill.dispatcher.memory.known_names()] == ["@last", "@client"]
        assert bill.json("clients show @last")["id"] == 101


def test_name_of_a_line_that_failed_is_forgotten(bill: Person) -> None:
    bill("clients show 101")
    lines = ["contracts show 201", f"events create --contract 201 --name E {WHEN.replace('12:00', '09:00')}"]
    assert bill.script(lines, keep_going=True).code == 1
    assert bill.json("contracts show @last")["id"] == 201


def test_commands_given_as_options_share_names(bill: Person) -> None:
    result = bill.script([CREATE, "clients show @last --format json"], name="-c")
    assert '"full_name": "Ann Ode"' in result.out
