"""First pages are found by an index, whoever asks and however few rows there are, with few statements.

What a list costs is told from the rows that its plan visits in 2 000 clients, 4 000 contracts and 4 000 events; never
from a clock.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.people import People, Person
from support.server import Server
from support.world import World, opened

from epicshell.setup import generate

CLIENTS = 2000
#: A page has 50 rows; each is met in its own table and in up to two neighbours, for the ids and again for the fields,
#: and by the policies of these. Support under need-to-know visits what is theirs, some 200 events.
VISITED_AT_MOST = 1000

READ_MODES = ("company", "need-to-know")
READERS = ("mia.manager", "bill.boquet", "kate.hastroff")
LINES = [
    "clients filter",
    "clients filter --prospects",
    "clients filter --sales bill.boquet",
    "contracts filter",
    "contracts filter --unsigned",
    "contracts filter --signed",
    "contracts filter --unpaid",
    "contracts filter --paid",
    "contracts filter --signed --unpaid",
    "contracts filter --no-event",
    "contracts filter --signed --no-event",
    "contracts filter --sales bill.boquet",
    "contracts filter --client 101",
    "events filter",
    "events filter --no-support",
    "events filter --no-support --upcoming",
    "events filter --support kate.hastroff",
    "events filter --upcoming",
    "events filter --past",
    "events filter --from today",
    "events filter --to today",
    "events filter --past --to -90d",
    "events filter --client 101",
    "events filter --contract 203",
]
#: Conditions that an index serves: of the entity itself, and from its neighbours to it.
WHERE = [
    'clients filter where company = "Cool Startup LLC"',
    'clients filter where full_name = "Kevin Casey"',
    "clients filter where email = kevin@startup.example",
    "clients filter where prospect and sales = bill.boquet",
    "clients filter where first_contact_on = -3d",
    "clients filter where support = kate.hastroff",
    "clients filter where contracts = 0",
    "clients filter where owed > 10k",
    "clients filter where sales in (bill.boquet, eve.martin) and contracts > 0",
    "contracts filter where not paid and signed",
    "contracts filter where events = 0 and signed",
    "contracts filter where signed_at = -9d",
    'contracts filter where company = "Cool Startup LLC" and not paid',
    "contracts filter where support = kate.hastroff",
    "events filter where support is empty and starts_at = next-month",
    "events filter where support = kate.hastroff and starts_at in today..+7d",
    'events filter where company = "Cool Startup LLC"',
    "events filter where not (starts_at < today or support is not empty)",
    "events filter where contract_id in (201, 202, 203)",
]
MINE = [f"{noun} filter --mine" for noun in ("clients", "contracts", "events")]
TRASH = [f"{noun} filter --trash" for noun in ("clients", "contracts", "events")]
SORTED = [
    "clients filter --sort full_name",
    "clients filter --sort -company",
    "contracts filter --sort sales",
    "contracts filter --sort -client",
    "events filter --sort -name",
]
#: What leaves three rows of each, far from where a scan by number would begin.
FEW = {
    "clients filter --prospects": "UPDATE crm.clients SET prospect = id IN (101, 102, 103)",
    "clients filter where contracts = 0": "UPDATE crm.clients SET contractless = id IN (101, 102, 103)",
    "contracts filter --no-event": "UPDATE crm.contracts SET eventless = id IN (201, 202, 203)",
    "contracts filter --unsigned": "UPDATE crm.contracts SET signed_at = now() WHERE NOT signed AND id > 207",
    "contracts filter --signed --unpaid": "UPDATE crm.contracts SET paid = total WHERE signed AND due > 0 AND id > 206",
    "events filter --no-support": "UPDATE crm.events SET support_id = 7 WHERE support_id IS NULL AND id > 305",
}


@pytest.fixture(scope="module", params=READ_MODES)
def crowd(server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People of a world with generated records."""
    with opened(server) as world:
        fill(world)
        world.read_mode(request.param)
        people = People(world, tmp_path_factory.mktemp("people"))
        yield people
        people.close()


def fill(world: World) -> None:
    with world.owner().cursor() as cursor:
        cursor.execute("BEGIN")
        generate.fill(cursor, clients=CLIENTS, employees=40)
        cursor.execute("COMMIT")


class Watched:
    """A person at a terminal, the statements of whose lines are kept."""

    def __init__(self, people: People, username: str) -> None:
        self.person: Person = people(username, width=120, remember=True)
        self.database = self.person.account.database
        self.person("whoami")
        self.database.query_hooks.append(self._keep)
        self.statements: list[tuple[str, Any]] = []

    def _keep(self, event: Any) -> None:
        if event.sql.split()[0] not in ("BEGIN", "COMMIT"):
            self.statements.append((event.sql, event.params))

    def run(self, line: str) -> str:
        self.statements.clear()
        result = self.person(line)
        assert result.code == 0, result.err
        return result.out

    def visited(self, line: str) -> int:
        """How many rows the page of a list visits: its plan without sequential scans, but for the count of all rows."""
        self.run(line)
        page, parameters = self.statements[-1]
        with self.database.atomic():
            for kind in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                self.database.execute_sql(f"SET LOCAL enable_{kind} = off")
            found = self.database.one(f"EXPLAIN (ANALYZE, FORMAT JSON) {page}", parameters)
        plan = found if isinstance(found, list) else json.loads(found)
        return round(visits(plan[0]["Plan"]))


def visits(node: dict[str, Any]) -> float:
    if node["Node Type"] == "Aggregate" and node.get("Parent Relationship") == "InitPlan":
        return 0  # the count
    own = 0.0
    if node.get("Relation Name") not in (None, "employees"):
        own = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return own + sum(visits(inner) for inner in node.get("Plans", ()))


@pytest.mark.parametrize("username", READERS)
def test_first_page_takes_three_statements_at_most(crowd: People, username: str) -> None:
    reader = Watched(crowd, username)
    for line in lines_of(username):
        reader.run(line)
        assert len(reader.statements) <= 3, line


@pytest.mark.parametrize("username", READERS)
def test_first_page_is_found_by_an_index(crowd: People, username: str) -> None:
    reader = Watched(crowd, username)
    visited = {line: reader.visited(line) for line in lines_of(username)}
    assert {line: rows for line, rows in visited.items() if rows > VISITED_AT_MOST} == {}


@pytest.mark.parametrize("line", ["clients filter --sort company", "clients filter --sort=-full_name"])
@pytest.mark.parametrize("username", READERS[:2])
def test_a_page_far_behind_is_found_by_an_index(crowd: People, username: str, line: str) -> None:
    reader = Watched(crowd, username)
    page = reader.run(f"{line} --limit 50")
    for _ in range(15):
        page = reader.run("more") if "(more shows the next" in page else page
    assert reader.visited("more") < 400


def lines_of(username: str) -> list[str]:
    return LINES + WHERE + (TRASH + SORTED if username == "mia.manager" else MINE)


def test_few_rows_are_found_as_quickly(world: World, people: People) -> None:
    fill(world)
    for statement in FEW.values():
        world.run(statement)
    world.run("ANALYZE")
    reader = Watched(people, "mia.manager")
    visited = {line: reader.visited(line) for line in FEW}
    assert {line: rows for line, rows in visited.items() if rows > 30} == {}
