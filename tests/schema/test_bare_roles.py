"""A login role without a session: a stolen connection string reads nothing and writes nothing."""

import itertools

import pytest
from support.matrix import ACTIONS
from support.statements import effect, refusal, rows
from support.world import LOGIN_ROLES, World

RELATIONS = """
    SELECT c.oid::regclass::text, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
      AND c.relnamespace IN ('crm'::regnamespace, 'sec'::regnamespace, 'api'::regnamespace)
    GROUP BY c.oid ORDER BY 1
"""
# With the number of arguments, and the types that a literal must be cast to.
FUNCTIONS = """
    SELECT p.oid::regproc::text, ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes) t)
    FROM pg_proc p
    WHERE p.pronamespace IN ('crm'::regnamespace, 'sec'::regnamespace, 'api'::regnamespace)
      AND p.prorettype <> 'trigger'::regtype ORDER BY 1
"""
ARGUMENTS = {
    "integer": ("5", "1"),
    "bigint": ("1", "2"),
    "text": ("bill.boquet", "need-to-know"),
    "bytea": (r"\x" + "00" * 32,),
    "bytea[]": (r'{"\\x' + "00" * 32 + '"}',),
    "boolean": ("true",),
    "jsonb": ("{}",),
}
# What a login try writes, and what it says of itself in the audit.
OF_THE_DOOR = ("sec.attachments", "sec.login_failures", "sec.login_tries", "sec.audit")

pytestmark = pytest.mark.parametrize("role", LOGIN_ROLES)


def test_no_relation_gives_a_row(shared_world: World, role: str) -> None:
    bare = shared_world.bare(role)
    for relation, columns in shared_world.rows(RELATIONS):
        for wanted in ("1", "*", *columns):
            assert not effect(bare, f"SELECT {wanted} FROM {relation}"), (relation, wanted)


def test_no_relation_takes_a_row(shared_world: World, role: str) -> None:
    bare = shared_world.bare(role)
    before = shared_world.state()
    for relation, columns in shared_world.rows(RELATIONS):
        for column in columns:
            assert not effect(bare, f"UPDATE {relation} SET {column} = DEFAULT"), (relation, column)
            assert refusal(bare, f"INSERT INTO {relation} ({column}) VALUES (DEFAULT)"), (relation, column)
        assert not effect(bare, f"DELETE FROM {relation}")
        assert refusal(bare, f"TRUNCATE {relation}")
    assert shared_world.state() == before


def test_no_right_of_the_matrix_works(shared_world: World, role: str) -> None:
    bare = shared_world.bare(role)
    for action in ACTIONS:
        for target in action.targets.values():
            assert not effect(bare, action.sql.replace("%(id)s", str(target))), action.name


def test_no_function_changes_or_tells_anything(world: World, role: str) -> None:
    world.login("bill.boquet")
    bare = world.bare(role)
    before = world.state(*OF_THE_DOOR)
    told = set()
    for function, types in world.rows(FUNCTIONS):
        for values in itertools.product(*[(None, *ARGUMENTS.get(kind, ())) for kind in types]):
            arguments = ", ".join(f"%s::{kind}" for kind in types)
            if refusal(bare, f"SELECT {function}({arguments})", *values) == "":
                told.update((function, answer) for (answer,) in rows(bare, f"SELECT {function}({arguments})", *values))
    assert world.state(*OF_THE_DOOR) == before
    of_the_audit = "SELECT count(*) FROM sec.audit WHERE login_role = %s AND action <> 'login-failed'"
    assert world.ask(of_the_audit, role) == (0,)
    harmless = ("api.challenge", "api.schema_version", "api.login_start", "api.login_finish")
    harmless += ("crm.fold", "crm.folded", "crm.words")
    empty = (None, False, 0)
    assert [(name, answer) for name, answer in told if name not in harmless and answer not in empty] == []
