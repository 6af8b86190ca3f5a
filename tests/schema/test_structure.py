"""The schema as it stands in the catalogs: what a migration to come must not forget."""

import pytest
from support.world import LOGIN_ROLES, World

SCHEMAS = ("crm", "sec", "api")
OWNERS = ("epic_owner", "epic_definer", "epic_auditor")
GROUPS = ("epic_sales", "epic_support", "epic_management", "epic_admin", "epic_auth")
_OURS = "({0}.{1} IN ('crm'::regnamespace, 'sec'::regnamespace, 'api'::regnamespace))"
TABLES = f"pg_class c WHERE c.relkind IN ('r', 'p') AND {_OURS.format('c', 'relnamespace')}"
FUNCTIONS = f"pg_proc p WHERE {_OURS.format('p', 'pronamespace')}"


def test_every_table_has_row_security_enabled_and_forced(shared_world: World) -> None:
    open_tables = shared_world.rows(
        f"SELECT c.oid::regclass::text FROM {TABLES} AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    assert open_tables == []


def test_every_policy_is_for_named_roles(shared_world: World) -> None:
    assert shared_world.rows("SELECT polrelid::regclass, polname FROM pg_policy WHERE polroles = '{0}'") == []


def test_every_policy_of_a_department_asks_for_its_session(shared_world: World) -> None:
    """Itself, or by reading a table whose policies do; an update's also bind what it makes of the row."""
    carefree = shared_world.rows(
        "SELECT schemaname, tablename, policyname FROM pg_policies"
        " WHERE NOT roles && ARRAY['epic_definer', 'epic_auditor']::name[]"
        " AND coalesce(qual, '') || coalesce(with_check, '') !~ 'api.me\\(\\)'"
        " AND coalesce(qual, '') !~ 'EXISTS \\( SELECT 1\\s+FROM crm.contracts'"
    )
    assert carefree == []


def test_identity_is_asked_once_per_statement(shared_world: World) -> None:
    """(SELECT api.me()), never bare: that would ask for each row."""
    bare = shared_world.rows(
        "SELECT tablename, policyname FROM pg_policies WHERE coalesce(qual, '') || coalesce(with_check, '')"
        " ~ 'api.me\\(\\)' AND coalesce(qual, '') || coalesce(with_check, '') !~ '\\( SELECT api.me\\(\\) AS me\\)'"
    )
    assert bare == []


def test_every_definer_function_pins_its_search_path(shared_world: World) -> None:
    unpinned = shared_world.rows(
        f"SELECT p.oid::regprocedure::text FROM {FUNCTIONS}"
        " AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"
        " AND NOT (p.prosqlbody IS NOT NULL AND NOT p.prosecdef)"  # its names were bound when it was made
    )
    assert unpinned == []


def test_what_is_leakproof_raises_no_error_whatever_the_text(shared_world: World) -> None:
    assert shared_world.rows(f"SELECT p.oid::regprocedure::text FROM {FUNCTIONS} AND p.proleakproof") == [
        ("crm.folded(text)",)
    ]
    longest = "crm.folded(repeat(chr(n), 300)) IS NOT NULL"  # no name is longer, see crm.events
    points = "generate_series(1, 1114111, 61) n WHERE n NOT BETWEEN 55296 AND 57343"  # but for surrogates
    assert shared_world.rows(f"SELECT DISTINCT {longest} FROM {points}") == [(True,)]


def test_what_is_leakproof_takes_no_collation_of_its_caller(shared_world: World) -> None:
    """A nondeterministic one would make it fail at letters beyond ASCII."""
    assert shared_world.ask("SELECT lower('ЖÉ' COLLATE \"C\") = lower('ЖÉ')") == (False,)
    assert shared_world.ask("SELECT crm.folded('ЖÉ' COLLATE \"C\"), crm.folded('ЖÉ')") == ("жe", "жe")


def test_every_view_over_secrets_is_a_barrier_or_its_readers_own(shared_world: World) -> None:
    views = shared_world.rows(
        f"SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'v' AND {_OURS.format('c', 'relnamespace')}"
        " AND NOT coalesce(c.reloptions && ARRAY['security_barrier=true', 'security_invoker=true'], false)"
        " AND EXISTS (SELECT 1 FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner)"
    )
    assert views == []


def _of_all(catalog: str, right: str, kind: str, owner: str, where: str) -> str:
    """The objects on which everyone has a right, by the letters that acldefault() takes."""
    return (
        f"SELECT o::text FROM {catalog} o, aclexplode(coalesce({right}, acldefault('{kind}', {owner}))) a"
        f" WHERE a.grantee = 0 AND {where}"
    )


_DANGEROUS = (
    "pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(pg_(try_)?advisory|lo_|lowrite|loread|pg_notify"
    "|pg_logical_|pg_read_|pg_ls_|pg_stat_file|pg_stat_reset|pg_terminate_backend|pg_cancel_backend|pg_reload_conf"
    "|pg_export_snapshot|pg_database_size|pg_log_backend_memory_contexts)'"
)
RIGHTS_OF_ALL = {
    "relations": _of_all("pg_class", "relacl", "r", "relowner", _OURS.format("o", "relnamespace")),
    "columns": "SELECT attrelid::regclass FROM pg_attribute, aclexplode(attacl) WHERE grantee = 0 AND attrelid > 16384",
    "functions": _of_all("pg_proc", "proacl", "f", "proowner", _OURS.format("o", "pronamespace")),
    "schemas": _of_all("pg_namespace", "nspacl", "n", "nspowner", "nspname IN ('crm', 'sec', 'api', 'public')"),
    "languages": _of_all("pg_language", "lanacl", "l", "lanowner", "lanpltrusted"),
    "the database": _of_all("pg_database", "datacl", "d", "datdba", "datname = current_database()"),
    "dangerous functions": _of_all("pg_proc", "proacl", "f", "proowner", _DANGEROUS),
}


@pytest.mark.parametrize("sql", RIGHTS_OF_ALL.values(), ids=RIGHTS_OF_ALL)
def test_the_public_has_no_right(shared_world: World, sql: str) -> None:
    assert shared_world.rows(sql) == []


# Roles


def test_no_role_of_ours_has_power_over_the_server(shared_world: World) -> None:
    powerful = shared_world.rows(
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^epic_'"
        " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
    )
    assert powerful == []


def test_only_login_roles_log_in_and_by_no_password(shared_world: World) -> None:
    logging_in = shared_world.rows(
        "SELECT rolname, rolpassword FROM pg_authid WHERE rolname ~ '^epic_' AND rolcanlogin"
    )
    assert sorted(logging_in) == sorted((role, None) for role in LOGIN_ROLES)
    assert shared_world.ask("SELECT count(*) FROM pg_roles WHERE rolname ~ '^epic_' AND rolconnlimit <> -1") == (0,)


def test_each_login_role_inherits_its_group_alone_and_becomes_nobody(shared_world: World) -> None:
    memberships = shared_world.rows(
        "SELECT m.member::regrole::text, m.roleid::regrole::text, m.inherit_option, m.set_option, m.admin_option"
        " FROM pg_auth_members m WHERE m.member::regrole::text ~ '^epic_' OR m.roleid::regrole::text ~ '^epic_'"
    )
    assert sorted(memberships) == sorted((f"{group}_login", group, True, False, False) for group in GROUPS)


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_login_role_keeps_statements_out_of_view_and_log(shared_world: World, role: str) -> None:
    settings = shared_world.ask(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole = %s::regrole AND setdatabase = 0", role
    )[0]
    assert set(settings) >= {
        "track_activities=off", "log_statement=none", "log_min_error_statement=panic", "log_min_duration_statement=-1",
        "log_duration=off", "log_error_verbosity=terse", "log_min_duration_sample=-1", "log_transaction_sample_rate=0",
    }  # fmt: skip


def test_owners_own_everything_and_nobody_else_anything(shared_world: World) -> None:
    owned = shared_world.rows(
        "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relowner::regrole::text ~ '^epic_'"
        " UNION SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proowner::regrole::text ~ '^epic_'"
        " UNION SELECT DISTINCT nspowner::regrole::text FROM pg_namespace WHERE nspowner::regrole::text ~ '^epic_'"
    )
    assert {owner for (owner,) in owned} == set(OWNERS)
    audit = "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'sec.audit'::regclass"
    assert shared_world.ask(audit) == ("epic_auditor",)


def test_what_only_some_roles_may_create_in(shared_world: World) -> None:
    creators = shared_world.rows(
        "SELECT r.rolname::text, n.nspname::text FROM pg_roles r, pg_namespace n WHERE r.rolname ~ '^epic_'"
        " AND has_schema_privilege(r.oid, n.oid, 'CREATE') ORDER BY 1, 2"
    )
    assert creators == [("epic_definer", "api"), ("epic_definer", "sec"), ("epic_owner", "crm")]
    assert (
        shared_world.rows(
            "SELECT r.rolname FROM pg_roles r WHERE r.rolname ~ '^epic_'"
            " AND has_database_privilege(r.oid, current_database(), 'CREATE, TEMP')"
        )
        == []
    )


# Functions

_DEPARTMENTS = {"epic_sales", "epic_support", "epic_management", "epic_admin"}
_BUSINESS = _DEPARTMENTS - {"epic_admin"}
_MANAGES = {"epic_management", "epic_admin"}
CALLABLE = {
    "api.attach": _DEPARTMENTS, "api.challenge": _DEPARTMENTS, "api.me": _DEPARTMENTS, "api.my_session": _DEPARTMENTS,
    "api.touch": _DEPARTMENTS, "api.logout": _DEPARTMENTS, "api.revoke_session": _DEPARTMENTS,
    "api.listen": _BUSINESS,
    "api.record_refusal": _DEPARTMENTS, "api.schema_version": {*_DEPARTMENTS, "epic_auth"},
    "api.end_script_run": _DEPARTMENTS,
    "api.record_export": _DEPARTMENTS, "api.record_backup": {"epic_admin"},
    "api.activity": {"epic_management"},
    "api.login_start": {"epic_auth"}, "api.login_finish": {"epic_auth"}, "api.change_password": {"epic_auth"},
    "api.enrol_check": {"epic_auth"}, "api.enrol": {"epic_auth"},
    "api.void_payment": {"epic_sales", "epic_management"},
    "api.share_view": {"epic_management"}, "api.delete_view": _DEPARTMENTS,
    "api.hand_over": _MANAGES, "api.issue_enrolment": _MANAGES, "api.unlock": {"epic_admin"},
    "crm.fold": _DEPARTMENTS, "crm.folded": _DEPARTMENTS, "crm.words": _BUSINESS,
}  # fmt: skip


def test_each_function_is_called_by_those_who_need_it(shared_world: World) -> None:
    granted: dict[str, set[str]] = {}
    for function, group in shared_world.rows(
        f"SELECT p.oid::regproc::text, a.grantee::regrole::text FROM pg_proc p,"
        f" aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE {_OURS.format('p', 'pronamespace')}"
    ):
        if group in GROUPS or group in LOGIN_ROLES:
            granted.setdefault(function, set()).add(group)
    assert granted == CALLABLE


def test_nothing_of_the_secret_schema_is_in_reach(shared_world: World) -> None:
    for role in LOGIN_ROLES:
        assert shared_world.ask("SELECT has_schema_privilege(%s, 'sec', 'USAGE')", role) == (False,)
