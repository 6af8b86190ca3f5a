"""epicshell doctor: nothing to say about a good deployment, and one finding with its remedy for each thing undone."""

import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from support.company import ADMIN, CompanyServer, Deployment

from epicshell import migrations
from epicshell.database import Target
from epicshell.embedded import Embedded
from epicshell.errors import NotAllowed, Unavailable
from epicshell.session import attach
from epicshell.session.login import Gate
from epicshell.setup import owner as owner_module
from epicshell.setup import server as server_checks
from epicshell.setup.doctor import CHECKS, examine
from epicshell.setup.findings import Finding, Level, report, worst
from epicshell.setup.init import init
from epicshell.setup.site import LOGIN_ROLES
from epicshell.telemetry import Secret

RELOAD = "SELECT pg_reload_conf()"


def names(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(str(finding.level), finding.check) for finding in findings]


def test_good_deployment_has_no_finding(deployment: Deployment) -> None:
    findings = examine(deployment.config, deployment.target, deployment.owner, lambda _said: None)
    assert names(findings) == [("ok", check.name) for check in CHECKS]
    assert worst(findings) == Level.OK


class Broken(NamedTuple):
    """A deployment broken on purpose.

    statements: what breaks it ({database} is its name); findings: what doctor then says, as (level, check, words);
    clean: what the remedies leave behind.
    """

    statements: tuple[str, ...]
    findings: tuple[tuple[str, str, str], ...]
    clean: tuple[str, ...] = ()


def broken(statement: str, level: str, check: str, words: str, *clean: str) -> Broken:
    return Broken((statement,), ((level, check, words),), clean)


BROKEN = [
    broken("ALTER ROLE epic_sales_login CREATEDB", "problem", "role attributes", "epic_sales_login"),
    broken("ALTER ROLE epic_sales_login BYPASSRLS", "problem", "role attributes", "epic_sales_login"),
    broken("ALTER ROLE epic_definer LOGIN", "problem", "role attributes", "epic_definer"),
    broken("ALTER ROLE epic_auth_login PASSWORD 'guess'", "problem", "passwords", "epic_auth_login"),
    broken(
        "CREATE ROLE clerk; GRANT epic_admin TO clerk",
        "problem",
        "memberships",
        "clerk is a member of epic_admin",
        "DROP ROLE clerk",
    ),
    broken(
        "GRANT pg_read_server_files TO epic_sales_login", "problem", "memberships", "member of pg_read_server_files"
    ),
    broken("GRANT epic_sales TO epic_sales_login WITH SET TRUE", "problem", "memberships", "another way"),
    Broken(
        (
            "CREATE ROLE boss",
            "GRANT epic_sales TO boss WITH ADMIN TRUE",
            "GRANT epic_sales TO epic_sales_login WITH SET TRUE GRANTED BY boss",
        ),
        (
            ("problem", "memberships", "boss is a member of epic_sales"),
            ("problem", "memberships", "epic_sales_login is a member of epic_sales in another way"),
        ),
        ("DROP ROLE boss",),
    ),
    Broken(
        ("REVOKE epic_sales FROM epic_sales_login",),
        (
            ("problem", "memberships", "epic_sales_login is not a member of epic_sales"),
            ("problem", "authentication", "epic_sales_login can't connect"),
        ),
    ),
    broken("ALTER ROLE epic_sales_login RESET track_activities", "problem", "role settings", "track_activities = off"),
    broken("ALTER ROLE epic_sales_login SET log_statement = 'all'", "problem", "role settings", "log_statement = none"),
    broken(
        "ALTER ROLE epic_sales_login IN DATABASE {database} SET log_statement = 'all'",
        "problem",
        "role settings",
        "wins over",
    ),
    broken(
        "ALTER ROLE epic_auth_login SET search_path = public, crm", "warning", "role settings", "search_path = public"
    ),
    broken("ALTER ROLE epic_auth_login SET work_mem = '2GB'", "warning", "role settings", "work_mem = 2GB"),
    broken("ALTER DATABASE {database} SET work_mem = '2GB'", "warning", "role settings", "DATABASE {database} has"),
    broken("ALTER ROLE ALL SET work_mem = '2GB'", "warning", "role settings", "ROLE ALL has"),
    broken("ALTER TABLE crm.clients DISABLE ROW LEVEL SECURITY", "problem", "row security", "crm.clients"),
    broken("ALTER TABLE sec.sessions NO FORCE ROW LEVEL SECURITY", "problem", "row security", "sec.sessions"),
    broken(
        "SET ROLE epic_owner; CREATE TABLE crm.more ()", "problem", "row security", "crm.more", "DROP TABLE crm.more"
    ),
    broken("ALTER TABLE crm.clients DISABLE TRIGGER audit", "problem", "triggers", "crm.clients"),
    Broken(
        ("ALTER SYSTEM SET session_replication_role = 'replica'", RELOAD),
        (("problem", "triggers", "session_replication_role"),),
    ),
    broken("ALTER FUNCTION api.me() RESET search_path", "problem", "search paths", "api.me()"),
    broken("ALTER FUNCTION api.me() SET search_path = public", "problem", "search paths", "api.me()"),
    broken("ALTER FUNCTION api.me() OWNER TO postgres", "problem", "ownership", "api.me()"),
    broken("ALTER VIEW api.sessions OWNER TO postgres", "problem", "ownership", "api.sessions"),
    broken("ALTER TABLE sec.audit OWNER TO postgres", "problem", "ownership", "sec.audit"),
    broken("ALTER SCHEMA crm OWNER TO postgres", "problem", "ownership", "crm"),
    broken("GRANT CONNECT ON DATABASE {database} TO PUBLIC", "problem", "public rights", "database {database}"),
    broken("GRANT USAGE ON SCHEMA public TO PUBLIC", "problem", "public rights", "schema public"),
    broken("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "problem", "public rights", "language plpgsql"),
    broken("GRANT SELECT ON crm.employees TO PUBLIC", "problem", "public rights", "table crm.employees"),
    broken("GRANT SELECT (id) ON crm.clients TO PUBLIC", "problem", "public rights", "table crm.clients"),
    broken("GRANT EXECUTE ON FUNCTION api.me() TO PUBLIC", "problem", "public rights", "routine api.me()"),
    broken("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC", "problem", "public rights", "lo_create(oid)"),
    broken(
        "REVOKE EXECUTE ON FUNCTION pg_notify FROM epic_definer", "problem", "needed rights", "epic_definer must have"
    ),
    broken("REVOKE USAGE ON LANGUAGE plpgsql FROM epic_owner", "problem", "needed rights", "epic_owner must have"),
    Broken(
        ("REVOKE CONNECT ON DATABASE {database} FROM epic_sales",),
        (
            ("problem", "needed rights", "epic_sales must have CONNECT"),
            ("problem", "authentication", "epic_sales_login can't connect"),
        ),
    ),
    Broken(("ALTER SYSTEM SET fsync = off", RELOAD), (("problem", "durability", "fsync is off"),)),
    Broken(
        ("ALTER SYSTEM SET synchronous_commit = off", RELOAD),
        (("problem", "durability", "synchronous_commit is off"),),
    ),
    broken(
        "ALTER DATABASE {database} SET auto_explain.log_min_duration = 0",
        "problem",
        "statement log",
        "auto_explain.log_min_duration = 0",
        "ALTER DATABASE {database} RESET auto_explain.log_min_duration",
        *(f"ALTER ROLE {role} RESET auto_explain.log_min_duration" for role in LOGIN_ROLES),
    ),
    Broken(
        ("ALTER SYSTEM SET log_min_messages = 'debug3'", RELOAD),
        (("problem", "statement log", "log_min_messages"),),
    ),
    Broken(
        ("ALTER SYSTEM SET log_destination = 'stderr, csvlog'", RELOAD),
        (("warning", "statement log", "CSV or JSON"),),
    ),
    broken("ALTER ROLE epic_admin_login CONNECTION LIMIT 1", "problem", "connections", "epic_admin_login may have 1"),
    broken("GRANT CONNECT ON DATABASE postgres TO PUBLIC", "warning", "other databases", "database postgres"),
]


@pytest.mark.parametrize("case", BROKEN, ids=[case.statements[0] for case in BROKEN])
def test_what_is_broken_is_found_and_healed_by_its_remedy(deployment: Deployment, case: Broken) -> None:
    assert deployment.examine() == []
    deployment.run(*case.statements)
    findings = deployment.examine()
    assert names(findings) == [(level, check) for level, check, _ in case.findings]
    for finding, (_, _, words) in zip(findings, case.findings, strict=True):
        assert words.format(database=deployment.name) in finding.sentence
    deployment.heal(findings)
    assert deployment.examine() == []
    deployment.run(*case.clean)


def test_each_check_has_something_to_find() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text("utf-8") for path in here.glob("test_doctor*.py"))
    assert [check.name for check in CHECKS if f'"{check.name}"' not in tests] == []


def test_lost_login_role_is_made_anew_by_the_remedies(deployment: Deployment) -> None:
    deployment.run("ALTER ROLE epic_support_login RENAME TO clerk")
    findings = deployment.examine()
    assert ("problem", "role attributes") in names(findings)
    assert ("problem", "authentication") in names(findings)
    deployment.heal(findings)
    assert deployment.examine() == []
    deployment.run("DROP ROLE clerk")


def works(deployment: Deployment) -> bool:
    """Whether an admin can enrol, log in and be told who they are, and the audit knows of it."""
    code = init(deployment.owner, ADMIN, lambda _said: None)
    assert code
    deployment.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (19456, 2, 1)")
    gate, password = Gate(deployment.target), Secret("seven green ladders sing")
    gate.enrol(ADMIN.username, code, password)
    with closing(deployment.target.connect("epic_admin_login")) as opened:
        actor = attach(opened, gate.login(ADMIN.username, password, "tests"))
    return bool(deployment.ask("SELECT action = 'login' FROM sec.audit ORDER BY id DESC LIMIT 1") and actor)


def test_what_a_restore_loses_is_found_and_healed(company: CompanyServer, deployment: Deployment, nothing: str) -> None:
    dump = company.folder / "dump"
    company.program("pg_dump", "-Fc", "-f", dump, deployment.name)
    restored = Deployment(company, nothing, deployment.home)
    company.run(f"CREATE DATABASE {restored.name} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
    company.program("pg_restore", "--no-owner", "-d", restored.name, dump)
    findings = restored.examine()
    assert {check for _, check in names(findings)} >= {"ownership", "public rights", "needed rights"}
    restored.heal(findings)
    assert restored.examine() == []
    assert works(restored)


def test_too_few_connections_for_the_employees_are_found(deployment: Deployment) -> None:
    deployment.run(
        "INSERT INTO crm.employees (username, full_name, email, department)"
        " SELECT 'clerk' || n, 'Clerk', n || '@example.com', 'sales' FROM generate_series(1, 24) n",
        "ALTER DATABASE {database} CONNECTION LIMIT 30",
    )
    findings = deployment.examine()
    deployment.run(
        "DELETE FROM crm.employees WHERE username LIKE 'clerk%'", "ALTER DATABASE {database} CONNECTION LIMIT -1"
    )
    assert names(findings) == [("problem", "connections")] * 2
    assert findings[0].sentence == "The server takes 37 connections; 25 employees need 50."
    assert findings[0].remedy == "ALTER SYSTEM SET max_connections = 73; then restart the server."
    assert findings[1].remedy == f"ALTER DATABASE {deployment.name} CONNECTION LIMIT -1;"


def test_login_role_with_one_connection_is_found(deployment: Deployment) -> None:
    deployment.run("ALTER ROLE epic_auth_login CONNECTION LIMIT 1")
    findings = deployment.examine()
    assert names(findings) == [("problem", "pooling")]
    deployment.heal(findings)
    assert deployment.examine() == []


def test_clocks_apart_are_found(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_checks.time, "time", lambda now=time.time: now() + 9)
    (finding,) = deployment.examine()
    assert (finding.level, finding.check) == (Level.WARNING, "clock")
    assert "9 s apart" in finding.sentence


def test_server_that_is_too_old_is_found(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_module, "OLDEST", 99)
    assert names(deployment.examine()) == [("problem", "server version")]


@pytest.mark.parametrize("encoding", ["LATIN1", "UTF8"])
def test_letters_that_the_database_does_not_know_are_found(
    company: CompanyServer, deployment: Deployment, nothing: str, encoding: str
) -> None:
    options = f"ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C'"
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 {options}")
    assert ("problem", "encoding") in names(Deployment(company, nothing, deployment.home).examine())


def test_schema_that_lags_behind_is_found(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LATEST", migrations.LATEST + 1)
    (finding,) = deployment.examine()
    assert (finding.check, finding.remedy) == ("schema", "Run: epicshell migrate")


def test_migration_that_was_edited_is_found(deployment: Deployment) -> None:
    was = deployment.ask("SELECT checksum FROM sec.migrations WHERE version = 2")
    deployment.run("UPDATE sec.migrations SET checksum = '' WHERE version = 2")
    findings = deployment.examine()
    deployment.run(f"UPDATE sec.migrations SET checksum = '{was}' WHERE version = 2")
    assert [(one.check, one.sentence[:11]) for one in findings] == [("schema", "Migration 2")]


def test_database_that_was_never_set_up_is_told(company: CompanyServer, deployment: Deployment, nothing: str) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
    findings = Deployment(company, nothing, deployment.home).examine()
    assert ("problem", "schema") in names(findings)
    assert {one.remedy for one in findings if "has not been set up" in one.sentence} == {"Run: epicshell init"}


def test_owner_url_of_another_database_is_found(company: CompanyServer, deployment: Deployment) -> None:
    findings = examine(deployment.config, deployment.target, company.owner("postgres"), lambda _said: None)
    assert ("problem", "owner URL") in names(findings)


def test_without_the_owner_what_only_they_see_is_unknown(deployment: Deployment) -> None:
    findings = examine(deployment.config, deployment.target, None, lambda _said: None)
    unknown = [finding for finding in findings if finding.level == Level.UNKNOWN]
    assert [one.check for one in unknown] == ["connections", "passwords", "owner URL", "access rules"]
    assert all("EPICSHELL_OWNER_URL" in finding.remedy for finding in unknown)
    assert worst(findings) == Level.UNKNOWN


def test_owner_without_the_superusers_rights_is_refused(company: CompanyServer, deployment: Deployment) -> None:
    deployment.run("CREATE ROLE clerk LOGIN", "GRANT CONNECT ON DATABASE {database} TO clerk")
    try:
        clerk = company.owner(deployment.name, user="clerk")
        with pytest.raises(NotAllowed, match="clerk is not a superuser"):
            examine(deployment.config, deployment.target, clerk, lambda _said: None)
    finally:
        deployment.run("DROP OWNED BY clerk", "DROP ROLE clerk")


def test_server_that_does_not_answer_is_told(deployment: Deployment) -> None:
    nowhere = Target("crm", {"dbname": "crm", "host": "/nowhere"})
    for owner in (None, nowhere):
        with pytest.raises(Unavailable, match="can't be reached"):
            examine(deployment.config, nowhere, owner, lambda _said: None)


def test_private_server_has_no_finding(tmp_path: Path, deployment: Deployment) -> None:
    embedded = Embedded(tmp_path / "data")
    try:
        target = Target("epicshell", {"dbname": "epicshell"}, embedded)
        init(target, ADMIN, lambda _said: None)
        findings = examine(deployment.config, target, None, lambda _said: None)
        assert [one for one in findings if one.level != Level.OK] == []
    finally:
        embedded.stop()
        shutil.rmtree(embedded.data_directory.parent)


def test_report_shows_the_gravest_first() -> None:
    findings = [
        Finding(Level.OK, "clock", "The clocks agree."),
        Finding(Level.UNKNOWN, "passwords", "Only the owner can see this.", "EPICSHELL_OWNER_URL"),
        Finding(Level.PROBLEM, "schema", "Old.", "epicshell migrate"),
    ]
    listing = report(findings)
    rows = list(listing.rows)
    assert [column.name for column in listing.columns] == ["level", "check", "finding", "remedy"]
    assert [row[0] for row in rows] == ["problem", "unknown", "ok"]
    assert listing.footer
    assert listing.footer(len(rows)) == "1 problem, 1 unknown, 1 ok."
    assert worst(findings) == Level.PROBLEM
