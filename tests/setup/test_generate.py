"""Generated records, which come in without triggers: all that constraints demand, and all that triggers would write."""

from collections.abc import Iterator

import pytest
from support.server import Server
from support.world import World, opened

from epicshell.setup import generate

#: Rows that break what a trigger keeps, by what it is.
BROKEN = {
    "what was paid is the sum of the payments": """
        SELECT k.id FROM crm.contracts k LEFT JOIN crm.payments p ON p.contract_id = k.id
        GROUP BY k.id HAVING k.paid <> coalesce(sum(p.amount), 0)""",
    "a prospect has no signed contract": """
        SELECT c.id FROM crm.clients c
        WHERE c.prospect = EXISTS (SELECT 1 FROM crm.contracts k WHERE k.client_id = c.id AND k.standing)""",
    "a contract without an event has none": """
        SELECT k.id FROM crm.contracts k
        WHERE k.eventless = EXISTS (SELECT 1 FROM crm.events v WHERE v.contract_id = k.id AND v.deleted_at IS NULL)""",
    "the words of live clients are indexed, with whose they are": """
        (SELECT word, client_id, sales_id FROM crm.client_words)
        EXCEPT SELECT w, c.id, c.sales_id FROM crm.clients c, LATERAL (
                 SELECT crm.words(c.full_name || ' ' || c.company)
                 UNION ALL SELECT crm.contact_words(c.email, c.phone)) words (w)
               WHERE c.deleted_at IS NULL
        UNION ALL
        (SELECT w, c.id, c.sales_id FROM crm.clients c, LATERAL (
           SELECT crm.words(c.full_name || ' ' || c.company)
           UNION ALL SELECT crm.contact_words(c.email, c.phone)) words (w)
         WHERE c.deleted_at IS NULL EXCEPT SELECT word, client_id, sales_id FROM crm.client_words)""",
    "the words of live events are indexed": """
        (SELECT word, event_id FROM crm.event_words)
        EXCEPT SELECT w, v.id FROM crm.events v, crm.words(v.name) w WHERE v.deleted_at IS NULL
        UNION ALL
        (SELECT w, v.id FROM crm.events v, crm.words(v.name) w
         WHERE v.deleted_at IS NULL EXCEPT SELECT word, event_id FROM crm.event_words)""",
    "clients are those of sales": """
        SELECT c.id FROM crm.clients c JOIN crm.employees e ON e.id = c.sales_id WHERE e.department <> 'sales'""",
    "events are run by support": """
        SELECT v.id FROM crm.events v JOIN crm.employees e ON e.id = v.support_id WHERE e.department <> 'support'""",
    "each payment raised the revision of its contract": """
        SELECT k.id FROM crm.contracts k LEFT JOIN crm.payments p ON p.contract_id = k.id
        WHERE k.id > 300 GROUP BY k.id HAVING k.revision <> 1 + count(p.id)""",
    "nothing was changed before it was made, or in the future": """
        SELECT id FROM crm.clients WHERE NOT created_at <= updated_at OR updated_at > now()
        UNION ALL SELECT id FROM crm.contracts WHERE NOT created_at <= updated_at OR updated_at > now()
        UNION ALL SELECT id FROM crm.contracts WHERE signed_at > now()""",
}


@pytest.fixture(scope="module")
def generated(server: Server) -> Iterator[World]:
    with opened(server) as world:
        with world.owner().cursor() as cursor:
            cursor.execute("BEGIN")
            generate.fill(cursor, clients=1000, employees=40)
            cursor.execute("COMMIT")
        yield world


def test_every_constraint_holds(generated: World) -> None:
    constraints = generated.rows(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'crm'::regnamespace AND contype IN ('c', 'f')"
    )
    for table, definition in constraints:
        generated.run(f"ALTER TABLE {table} ADD CONSTRAINT again {definition}".replace("%", "%%"))
        generated.run(f"ALTER TABLE {table} DROP CONSTRAINT again")


@pytest.mark.parametrize("kept", BROKEN)
def test_triggers_would_have_written_the_same(generated: World, kept: str) -> None:
    assert generated.rows(BROKEN[kept]) == []


def test_every_filter_finds_something(generated: World) -> None:
    some = generated.ask(
        "SELECT (SELECT count(*) FROM crm.clients WHERE prospect),"
        " (SELECT count(*) FROM crm.contracts WHERE signed AND eventless),"
        " (SELECT count(*) FROM crm.contracts WHERE NOT signed), (SELECT count(*) FROM crm.contracts WHERE due > 0),"
        " (SELECT count(*) FROM crm.events WHERE support_id IS NULL),"
        " (SELECT count(*) FROM crm.events WHERE ends_at > now())"
    )
    assert min(some) >= 40
