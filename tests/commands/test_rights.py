"""The matrix of rights three ways: support/matrix.py holds it, raw SQL is tried in schema/test_matrix.py; here are
the commands, and the Python policy alone (asked as the owner, so that no row policy helps it).
"""

import re
from collections.abc import Iterator

import pytest
from support.matrix import ACTIONS, DEPARTMENTS, MODES, SELF, Action
from support.people import People, Person
from support.server import Server
from support.world import ONE_OF, Ids, World, opened

from epicshell import policy
from epicshell.commands.line import resolve
from epicshell.commands.words import split
from epicshell.database import OWNER_ROLE, Database
from epicshell.errors import NotAllowed
from epicshell.models import MODELS, Client, Contract, Employee, Entity, Event, Notification, Payment
from epicshell.policy import Permission

_EVENT = '--name N --starts-at "2030-01-01 10:00" --ends-at "2030-01-02 10:00" --location L'
_EMPLOYEE = "employees create --username new.one --full-name N --email n@epic.example --department"
LINES = {
    "read an employee": "employees show {who}",
    "create an employee": f"{_EMPLOYEE} sales",
    "create an admin": f"{_EMPLOYEE} admin",
    "update an employee": "employees update {who} --full-name New",
    "make an employee an admin": "employees update {who} --department admin",
    "deactivate an employee": "employees deactivate {who} --yes",
    "reactivate an employee": "employees reactivate {who}",
    "reset a password": "employees reset-password {who}",
    "unlock an employee": "employees unlock {who}",
    "read a client": "clients show {id}",
    "create a client": "clients create --full-name N --email n@client.example --phone +33123456789 --company C",
    "update a client": "clients update {id} --full-name New",
    "reassign a client": "clients reassign {id} {other}",
    "delete a client": "clients delete {id} --yes",
    "see a client in the trash": "clients list --trash",
    "restore a client": "clients restore {id}",
    "read a contract": "contracts show {id}",
    "read a payment": "contracts payments {contract}",
    "create a contract": "contracts create --client {id} --total 1",
    "change the total of an unsigned contract": "contracts update {id} --total 99999",
    "change the total of a signed contract": "contracts update {id} --total 99999",
    "sign a contract": "contracts sign {id}",
    "unsign a contract": "contracts unsign {id}",
    "pay": "contracts pay {id} 0.01",
    "void a payment": "contracts void-payment {id} --yes",
    "delete a contract": "contracts delete {id} --yes",
    "see a contract in the trash": "contracts list --trash",
    "restore a contract": "contracts restore {id}",
    "read an event": "events show {id}",
    "create an event": f"events create --contract {{id}} {_EVENT}",
    "update an event": "events update {id} --notes New",
    "assign an event": "events assign {id} alienor.vichum",
    "unassign an event": "events unassign {id}",
    "delete an event": "events delete {id} --yes",
    "see an event in the trash": "events list --trash",
    "restore an event": "events restore {id}",
    "read the history of an employee": "history employees {who}",
    "read the history of a client": "history clients {id}",
    "read the history of a contract": "history contracts {id}",
    "read the history of an event": "history events {id}",
    "read the history of what is in the trash": "history clients {id}",
    "read the inbox": "inbox",
    "see someone else's notification": "inbox read {id}",
    "save a view": "views save new -- whoami",
    "see a shared view": "views run open",
    "see someone else's view": "views delete eves --yes",
    "share a view": "views share mine",
    "share a view no longer": "views share open --off",
    "count what one reads": "report revenue",
    "read the audit log": "audit",
    "see someone else's session": "sessions list --user eve.martin",
    "see one's own session": "sessions list",
    "read the settings": "settings list",
    "change a setting": "settings set currency USD",
}
#: Of which rights no single line is the whole story; each has tests of its own.
ELSEWHERE = {
    "hand over an employee's records",
    "find a client by a word",
    "find an event by a word",
    "end one's own session",
    "import an event",
    "back up",
    "see what departments change",
    "see what people change",
}
#: Where the rows that a right covers are not all: the value, or the state of the row, decides too.
BY_MORE_THAN_ROWS = {"create an admin", "make an employee an admin", "change the total of a signed contract"}

NAMES = {
    Ids.ada: "ada.admin", Ids.otto: "otto.admin", Ids.max: "max.manager", Ids.eve: "eve.martin", Ids.gil: "gil.gone",
}  # fmt: skip
CONTRACT_OF = {Ids.payment: Ids.bills_partly_paid, Ids.eves_full_payment: Ids.eves_paid}
READS = {action.permission.split(":")[0]: action for action in ACTIONS if action.name.startswith("read a")}
READABLE = [Client, Contract, Event, Payment, Employee, Notification]
CELLS = [
    pytest.param(action, department, whose, id=f"{action.name}-{department}-{whose}".replace(" ", "_"))
    for action in ACTIONS
    if action.name in LINES
    for department in DEPARTMENTS
    for whose in action.targets
]


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def company(server: Server, mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with opened(server) as world:
        world.read_mode(mode)
        people = People(world, tmp_path_factory.mktemp("people"))
        yield people
        people.close()


@pytest.fixture(scope="module")
def unguarded(company: People) -> Iterator[Database]:
    """The database as its owner, whom no row policy holds up."""
    database = Database(company.world.target, OWNER_ROLE)
    with database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        yield database
    database.close()


def line_of(action: Action, username: str, whose: str) -> str:
    target = action.targets[whose]
    return LINES[action.name].format(
        id=target,
        who=username if target == SELF else NAMES.get(target, ""),
        other="eve.martin" if whose == "own" else "bill.boquet",
        contract=CONTRACT_OF.get(target, ""),
    )


def expected_code(action: Action, mode: str, department: str, whose: str) -> int:
    """0 where it works; 4 where the right is missing; 1 where the record is hidden, as if there were none."""
    if action.works(mode, department, whose):
        return 0
    if department not in policy.MATRIX[Permission(action.permission)] or action.name.endswith("an admin"):
        return 4
    noun = "clients" if "history" in action.name or "contract" in action.name else action.permission.split(":")[0]
    read = READS.get(noun)
    return 4 if read and whose in read.targets and read.works(mode, department, whose) else 1


def is_bulk(action: Action) -> bool:
    line = LINES.get(action.name, "")
    return bool(line) and resolve(split(line))[0].bulk


def test_every_right_is_tried() -> None:
    assert {action.name for action in ACTIONS} == set(LINES) | ELSEWHERE
    assert {action.permission for action in ACTIONS} == set(Permission)


@pytest.mark.parametrize(("action", "department", "whose"), CELLS)
def test_right_holds_in_the_commands(company: People, mode: str, action: Action, department: str, whose: str) -> None:
    actor = company[ONE_OF[department]]
    line = line_of(action, ONE_OF[department], whose)
    expected = expected_code(action, mode, department, whose)
    result = actor.attempt(line)
    assert (result.code, bool(result.out)) == (expected, expected == 0), f"{line}: {result.err}"
    if expected == 4:
        assert "Who " in result.err or "Ask management" in result.err


@pytest.mark.parametrize("department", DEPARTMENTS)
@pytest.mark.parametrize("action", [one for one in ACTIONS if is_bulk(one)], ids=lambda action: action.name)
def test_right_holds_for_many_records(company: People, mode: str, action: Action, department: str) -> None:
    """As for one; but what is hidden is not found, and so not refused."""
    actor = company[ONE_OF[department]]
    for whose in action.targets:
        one = line_of(action, ONE_OF[department], whose).removesuffix(" --yes")
        line = re.sub(r"^(\w+ \w+) (\d+)", r"\1 --yes --where 'id = \2'", one)
        expected = expected_code(action, mode, department, whose)
        result = actor.attempt(line)
        assert result.code == (0 if expected == 1 else expected), f"{line}: {result.err}"
        assert ("meet this; nothing was done" in result.out) is (expected == 1), line
        if expected == 4:
            assert "Who " in result.err or "Ask management" in result.err


def model_of(action: Action) -> type[Entity] | None:
    if action.name in ("read a payment", "void a payment"):
        return Payment
    return policy.target(Permission(action.permission))


@pytest.mark.parametrize(("action", "department", "whose"), CELLS)
def test_right_holds_in_the_policy_alone(
    company: People, unguarded: Database, mode: str, action: Action, department: str, whose: str
) -> None:
    permission, actor = Permission(action.permission), company[ONE_OF[department]].account.actor
    cell = policy.cell(actor, permission)
    if not action.works(mode, department, whose) and cell is None:
        return  # no cell refuses
    model = model_of(action)
    target = action.targets[whose]
    if action.name in BY_MORE_THAN_ROWS or model is None or not target:
        assert cell is not None
        return
    number = actor.employee_id if target == SELF else target
    covered = policy.scope(actor, permission, model) & policy.readable(actor, model)
    found = model.select(model).where((model.id == number) & covered).exists(unguarded)
    assert found is action.works(mode, department, whose)


@pytest.mark.parametrize("department", DEPARTMENTS)
@pytest.mark.parametrize("model", READABLE, ids=lambda model: model.noun)
def test_policy_shows_the_rows_that_the_database_shows(
    company: People, unguarded: Database, department: str, model: type[Entity]
) -> None:
    actor = company[ONE_OF[department]]
    if department == "admin" and model is not Employee:
        with pytest.raises(NotAllowed):
            policy.readable(actor.account.actor, model)
        return
    live = model.live() if hasattr(model, "live") else model.id.is_null(False)
    wanted = model.select(model.id).where(policy.readable(actor.account.actor, model) & live).order_by(model.id)
    ours = [row.id for row in wanted.execute(unguarded)]
    with actor.account.database.work():
        theirs = [
            row.id for row in model.select(model.id).where(live).order_by(model.id).execute(actor.account.database)
        ]
    assert ours == theirs


def test_refusals_are_recorded_in_the_audit(people: People, world: World) -> None:
    bill, ada = people("bill.boquet"), people("ada.admin")
    assert bill("contracts create --client 101 --total 1").code == 4  # no such right
    assert bill("clients update 103 --company X").code == 4  # not on this row
    assert bill("contracts update 201 --total 1").code == 4  # the database's own answer
    entries = ada.json("audit --employee bill.boquet --columns action,new")
    commands = [entry["new"] for entry in entries if entry["action"] == "refused"]
    assert len(commands) == 3
    assert all("contracts" in one or "clients" in one for one in commands)


def test_hidden_and_missing_rows_give_the_same_answer(people: People, world: World) -> None:
    world.read_mode("need-to-know")
    for username, noun, hidden in (
        ("bill.boquet", "clients", Ids.eves_client),
        ("bill.boquet", "contracts", Ids.eves_signed),
        ("bill.boquet", "events", Ids.eves_open_event),
        ("kate.hastroff", "clients", Ids.eves_prospect),
        ("kate.hastroff", "contracts", Ids.eves_paid),
        ("kate.hastroff", "events", Ids.alienors_event),
    ):
        person = people[username]
        for line in (f"{noun} show {{}}", f"history {noun} {{}}"):
            there, none = person(line.format(hidden)), person(line.format(9999))
            assert (there.code, there.err) == (1, none.err.replace("9999", str(hidden)))


def test_filters_by_a_hidden_record_answer_as_by_a_missing_one(people: People, world: World) -> None:
    world.read_mode("need-to-know")
    bill = people("bill.boquet")
    for line in ("contracts list --client {}", "events list --client {}", "events list --contract {}"):
        hidden = Ids.eves_signed if "--contract" in line else Ids.eves_client
        there, none = bill(line.format(hidden)), bill(line.format(9999))
        assert (there.code, there.err) == (1, none.err.replace("9999", str(hidden)))


def refused(person: Person, line: str) -> str:
    result = person(line)
    assert result.code == 4, f"{line}: {result.err}"
    return result.err


def test_refusal_of_a_right_says_who_has_it(everyone: People) -> None:
    assert refused(everyone["bill.boquet"], "contracts create --client 101 --total 1") == (
        "You are logged in as sales, which has no right contracts:create. Who has it: management."
    )


def test_refusal_of_a_row_says_who_has_it(everyone: People) -> None:
    assert refused(everyone["bill.boquet"], "contracts sign 207") == (
        "Contract 207 is not among those that you have the right contracts:sign for."
        " Who has it: management (all), sales (own clients')."
    )


def test_gate_closes_before_arguments_are_read(everyone: People) -> None:
    assert "contracts:create" in refused(everyone["kate.hastroff"], "contracts create --nonsense")


@pytest.mark.parametrize(
    "line", ["employees deactivate mia.manager --yes", "employees update ada.admin --email a@b.example"]
)
def test_management_touches_neither_itself_nor_admins(everyone: People, line: str) -> None:
    assert "all but admins and self" in refused(everyone["mia.manager"], line)


def test_admin_does_not_touch_itself(everyone: People) -> None:
    assert "all but self" in refused(everyone["ada.admin"], "employees update ada.admin --department sales")


def test_mine_is_for_those_who_own_something(everyone: People) -> None:
    for noun in ("clients", "contracts", "events"):
        assert "sales and support" in refused(everyone["mia.manager"], f"{noun} list --mine")
