"""Scripts: read line by line, stopped at the first error; all or nothing, a dry run, or going on, on request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.people import People, Person
from support.world import World

from epicshell.commands.statements import statements

CREATE = 'clients create --full-name N --email n@c.example --phone +33123456789 --company "{}" --format json'


def read(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in statements(text.split("\n"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \n\t\n", []),
        ("whoami", [(1, "whoami")]),
        ("whoami\n\npolicy\n", [(1, "whoami"), (3, "policy")]),
        ("# a comment\n  # another\nwhoami # an argument", [(3, "whoami # an argument")]),
        ("whoami\r\npolicy\r\n", [(1, "whoami"), (2, "policy")]),
        ("clients list \\\n  --mine\npolicy", [(1, "clients list   --mine"), (3, "policy")]),
        ("a \\\n\\\nb", [(1, "a b")]),
        ("a \\\\\nb", [(1, "a \\\\"), (2, "b")]),
        ('a "one\ntwo" b\nc', [(1, 'a "one\ntwo" b'), (3, "c")]),
        ("a 'one\n\n# two'\nc", [(1, "a 'one\n\n# two'"), (4, "c")]),
        ('--notes="one\ntwo"\nc', [(1, '--notes="one\ntwo"'), (3, "c")]),
        ("x \"it's\" 'y\nz'\nc", [(1, "x \"it's\" 'y\nz'"), (3, "c")]),
        ('"one \\\ntwo"', [(1, '"one two"')]),
        ("a b where c\n  and d\n# no\nOr(e)\nf", [(1, "a b where c and d Or(e)"), (5, "f")]),
        ("a b where c and \nd or\n\n(e)\nf", [(1, "a b where c and d or (e)"), (5, "f")]),
        ("a b\nand c\nand", [(1, "a b"), (2, "and c"), (3, "and")]),
        ("a where b = android\norders list", [(1, "a where b = android"), (2, "orders list")]),
        ("rock'n'roll\nL'Oréal\nc", [(1, "rock'n'roll"), (2, "L'Oréal"), (3, "c")]),
        ('5" tall\nc', [(1, '5" tall'), (2, "c")]),
        ('a "b"c\nd', [(1, 'a "b"c'), (2, "d")]),
        ('a "b\nc', [(1, 'a "b\nc\n')]),
        ("a \\", [(1, "a ")]),
        ("a\u2028b\x0bc\x85d", [(1, "a\u2028b\x0bc\x85d")]),
    ],
)
def test_statements_of_a_script(text: str, expected: list[tuple[int, str]]) -> None:
    assert read(text) == expected


@given(st.text(alphabet="ab \"'\\#\n\r\t"))
def test_no_text_of_a_script_gets_lost(text: str) -> None:
    kept = "".join(line for _, line in read(text)).replace("\n", "")
    assert all(kept.count(letter) <= text.count(letter) for letter in "ab")
    if "#" not in text:
        assert kept.count("a") == text.count("a")


def test_expression_is_not_joined_without_end() -> None:
    assert len(read("a where b" + "\nand c" * 20_000)) > 19_000


def test_open_quotation_over_many_lines_is_read_once() -> None:
    """Not once per line: 20 000 lines would take minutes."""
    (only,) = read('x "' + "word\n" * 20_000)
    assert only[0] == 1


def companies(world: World) -> list[str]:
    return [company for (company,) in world.rows("SELECT company FROM crm.clients WHERE id >= 110 ORDER BY id")]


def test_script_stops_at_its_first_error(bill: Person, world: World) -> None:
    result = bill.script(f"{CREATE.format('A')}\n\n# now a mistake\nclients show 9999\n{CREATE.format('B')}")
    assert result.code == 1
    missing = "There is no client 9999. It may have been deleted, or be none of yours to see."
    assert result.err == f"script:4: {missing} Line 1 is done."
    assert companies(world) == ["A"]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("clients show x", 1, 'script:2: ID: "x" is not the number of a client. Accepted: a number, such as 109.'),
        ("clients dance", 2, 'script:2: "clients dance" is not a command.'),
        ("clients show", 2, "script:2: clients show needs ID. Usage: clients show ID [--format FORMAT]"),
        ('clients show "12\n34', 2, "script:2: The quotation that begins in column 14 does not end."),
        ("contracts create --client 101 --total 1", 4, "script:2: You are logged in as sales"),
        ("login eve.martin", 2, "script:2: Password of eve.martin"),
        ("clients delete 101", 4, "script:2: You are logged in as sales, which has no right clients:delete."),
    ],
)
def test_code_and_place_of_the_error_are_told(bill: Person, line: str, code: int, sentence: str) -> None:
    result = bill.script(f"whoami\n{line}\nwhoami")
    assert result.code == code
    assert result.err.startswith(sentence)


def test_exit_ends_a_script_quietly(bill: Person) -> None:
    result = bill.script("whoami --format json\nexit\nclients dance")
    assert (result.code, result.err) == (0, "")


def test_script_stops_when_the_session_ends(bill: Person) -> None:
    result = bill.script("logout\nclients list", keep_going=True)
    assert (result.code, result.err.splitlines()[0]) == (3, "Logged out.")
    assert result.err.splitlines()[1].startswith("script:2: ")


def test_atomic_script_does_all_or_nothing(bill: Person, world: World) -> None:
    bad = bill.script("\n".join([CREATE.format("A"), CREATE.format("B"), "clients show 9999"]), atomic=True)
    assert bad.code == 1
    assert bad.err.startswith("script:3: There is no client 9999.")
    assert companies(world) == []
    good = bill.script("\n".join([CREATE.format("A"), CREATE.format("B")]), atomic=True)
    assert (good.code, good.err) == (0, "")
    assert companies(world) == ["A", "B"]


def test_line_of_an_atomic_script_sees_the_lines_before(bill: Person, people: People) -> None:
    made = bill.script(f"{CREATE.format('A')}\nclients list --mine --format csv --columns company", atomic=True)
    assert made.out.endswith("company\nA\nNoël & Fils\nCool Startup LLC\n")


def test_dry_run_does_the_work_and_takes_it_back(bill: Person, world: World) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    result = bill.script(f"{CREATE.format('A')}\nclients list --mine --format csv --columns company", dry_run=True)
    assert (result.code, result.err) == (0, "Dry run: every line would be done; nothing was.")
    assert '"company": "A"' in result.out
    assert "company\nA\n" in result.out
    assert world.state("sec.sessions", "sec.attachments") == before


def test_dry_run_finds_the_errors(bill: Person, world: World) -> None:
    result = bill.script(f"{CREATE.format('A')}\nclients show x", dry_run=True)
    assert result.code == 1
    assert result.err.startswith('script:2: ID: "x"')
    assert companies(world) == []


def test_keep_going_tells_every_failure_and_does_the_rest(bill: Person, world: World) -> None:
    lines = [
        "clients dance",
        CREATE.format("A"),
        "contracts create --client 101 --total 1",
        "clients show 9999",
        CREATE.format("B"),
    ]
    result = bill.script("\n".join(lines), keep_going=True)
    assert result.code == 2  # that of the first failure
    assert [line.split(": ", maxsplit=1)[0] for line in result.err.splitlines()[:3]] == [
        "script:1",
        "script:3",
        "script:4",
    ]
    assert result.err.splitlines()[-1] == "3 lines failed. The other lines were done."
    assert companies(world) == ["A", "B"]


def test_keep_going_in_one_transaction_tells_all_and_does_nothing(bill: Person, world: World) -> None:
    lines = [CREATE.format("A"), "contracts pay 201 999999999", "clients show 9999", CREATE.format("B")]
    result = bill.script("\n".join(lines), keep_going=True, atomic=True)
    assert result.code == 1
    assert result.err.splitlines()[-1] == "2 lines failed. Nothing was done."
    assert "script:2: AMOUNT: " in result.err
    assert "script:3: " in result.err
    assert companies(world) == []


def test_one_failure_is_counted_in_the_singular(bill: Person) -> None:
    assert bill.script("clients dance\nwhoami", keep_going=True).err.splitlines()[-1] == (
        "1 line failed. The other lines were done."
    )


@pytest.mark.parametrize("line", ["logout", "login eve.martin", "passwd"])
@pytest.mark.parametrize("mode", ["atomic", "dry_run"])
def test_what_can_not_be_taken_back_is_refused_where_all_could_be(bill: Person, line: str, mode: str) -> None:
    result = bill.script(f"whoami\n{line}", **{mode: True})
    assert result.code == 2
    name = line.split(maxsplit=1)[0]
    assert (
        result.err
        == f"script:2: {name} can't stand in a script that is all or nothing, or a dry run. Nothing was done."
    )


def test_database_error_inside_an_atomic_script_is_told_with_its_line(bill: Person, world: World) -> None:
    line = (
        "events create --contract 201 --name N --starts-at '2030-01-02 10:00' --ends-at '2030-01-01 10:00' --location L"
    )
    result = bill.script(f"{CREATE.format('A')}\n{line}\n{CREATE.format('B')}", atomic=True)
    assert (result.code, result.err[:9]) == (1, "script:2:")
    assert "An event must end after it starts." in result.err
    assert companies(world) == []


def test_apostrophes_and_accents_pass_unharmed(bill: Person, world: World) -> None:
    assert bill.script(CREATE.replace('"{}"', "L'Oréal")).code == 0
    assert bill.script(CREATE.format("Nom sur\nligne")).code == 1  # a name has one line
    assert companies(world) == ["L'Oréal"]
