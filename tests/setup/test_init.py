"""epicshell init: from an empty server to a first admin, and back to one when the last is lost."""

from contextlib import closing
from typing import Any

import pytest
from support.company import ADMIN, CompanyServer

from epicshell import migrations
from epicshell.database import Target
from epicshell.errors import Invalid, NotAllowed, NotLoggedIn, Refused, Unavailable
from epicshell.session import attach
from epicshell.session.keys import is_code
from epicshell.session.login import Gate
from epicshell.setup import owner as owner_module
from epicshell.setup.init import AdminRequest, init
from epicshell.telemetry import Secret

PASSWORD = Secret("seven green ladders sing")
ALL_LETTERS = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
CHEAPEST_KDF = "UPDATE sec.kdf_policy SET (m, t, p) = ROW (19456, 2, 1)"


class Said(list[str]):
    """What a set-up command has said."""

    @property
    def say(self) -> Any:
        return self.append


@pytest.fixture
def said() -> Said:
    return Said()


def enrolled(company: CompanyServer, name: str, code: Secret) -> Gate:
    company.run(CHEAPEST_KDF, database=name)
    gate = Gate(company.target(name))
    gate.enrol(ADMIN.username, code, PASSWORD)
    return gate


def test_empty_server_becomes_a_companys(company: CompanyServer, nothing: str, said: Said) -> None:
    code = init(company.owner(nothing), ADMIN, said.say)
    assert code
    assert is_code(code)
    assert company.ask("SELECT api.schema_version()", database=nothing) == migrations.LATEST
    assert said[0] == f"Made the database {nothing}."
    assert "Applied 001_roles." in said
    assert company.ask("SELECT pg_encoding_to_char(encoding) || ' ' || datlocprovider::text || ' ' || datlocale"
                       " FROM pg_database WHERE datname = %s", nothing) == "UTF8 b C.UTF-8"  # fmt: skip


def test_first_admin_enrols_with_the_code_and_logs_in(company: CompanyServer, nothing: str, said: Said) -> None:
    code = init(company.owner(nothing), ADMIN, said.say)
    assert code
    session = enrolled(company, nothing, code).login(ADMIN.username, PASSWORD, "tests")
    assert session.department == "admin"


def test_code_is_kept_out_of_what_is_said(company: CompanyServer, nothing: str, said: Said) -> None:
    code = init(company.owner(nothing), ADMIN, said.say)
    assert code
    assert code.reveal() not in "".join(said)
    assert not company.ask(
        "SELECT 1 FROM sec.enrolments WHERE encode(code_hash, 'escape') LIKE %s", code.reveal(), database=nothing
    )


def test_new_admin_is_in_the_audit_without_an_actor(company: CompanyServer, nothing: str, said: Said) -> None:
    init(company.owner(nothing), ADMIN, said.say)
    entries = company.ask(
        "SELECT array_agg(ARRAY[action, login_role::text, employee_id::text] ORDER BY id) FROM sec.audit",
        database=nothing,
    )
    assert entries == [["create", "postgres", None], ["reset-password", "postgres", None]]


def test_database_that_exists_is_taken(company: CompanyServer, nothing: str, said: Said) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 {ALL_LETTERS}")
    assert init(company.owner(nothing), None, said.say) is None
    assert said[0].startswith("Applied")


def test_second_run_changes_nothing(company: CompanyServer, nothing: str, said: Said) -> None:
    init(company.owner(nothing), ADMIN, said.say)
    said.clear()
    assert init(company.owner(nothing), None, said.say) is None
    assert said == [f"The schema is version {migrations.LATEST}."]


def test_missing_admin_is_told(company: CompanyServer, nothing: str, said: Said) -> None:
    init(company.owner(nothing), None, said.say)
    assert said[-1] == "There is no active admin: name one with --admin."


def test_admin_is_recovered_by_a_second_run(company: CompanyServer, nothing: str, said: Said) -> None:
    first = init(company.owner(nothing), ADMIN, said.say)
    assert first
    gate = enrolled(company, nothing, first)
    closed = "INSERT INTO sec.login_failures VALUES (sha256('ada.morel'), 101, now(), now())"
    other = "INSERT INTO crm.employees (username, full_name, email, department) VALUES ('bob.r', 'B', 'b@r', 'admin')"
    company.run(other, "UPDATE crm.employees SET active = username = 'bob.r'", closed, database=nothing)

    second = init(company.owner(nothing), AdminRequest("ada.morel"), said.say)
    assert second
    with pytest.raises(NotLoggedIn):
        gate.login(ADMIN.username, PASSWORD, "tests")
    with pytest.raises(NotLoggedIn):
        gate.enrol(ADMIN.username, first, PASSWORD)
    gate.enrol(ADMIN.username, second, PASSWORD)
    assert gate.login(ADMIN.username, PASSWORD, "tests").username == ADMIN.username


def test_recovery_ends_the_sessions_that_were_open(company: CompanyServer, nothing: str, said: Said) -> None:
    code = init(company.owner(nothing), ADMIN, said.say)
    assert code
    session = enrolled(company, nothing, code).login(ADMIN.username, PASSWORD, "tests")
    init(company.owner(nothing), ADMIN, said.say)
    with closing(company.target(nothing).connect("epic_admin_login")) as opened, pytest.raises(NotLoggedIn):
        attach(opened, session)


def test_name_and_address_of_another_employee_are_refused(company: CompanyServer, nothing: str, said: Said) -> None:
    init(company.owner(nothing), None, said.say)
    company.run(
        "INSERT INTO crm.employees (username, full_name, email, department)"
        " VALUES ('bill.b', 'Bill', 'bill@example.com', 'sales')",
        database=nothing,
    )
    with pytest.raises(Refused, match=r"bill\.b is an employee of sales, not an admin"):
        init(company.owner(nothing), AdminRequest("bill.b", "Bill", "bill@example.com"), said.say)
    with pytest.raises(Refused, match="Another employee has the e-mail address bill@"):
        init(company.owner(nothing), AdminRequest("ada.m", "Ada", "bill@example.com"), said.say)
    assert company.ask("SELECT count(*) FROM sec.enrolments", database=nothing) == 0


@pytest.mark.parametrize(
    ("admin", "match"),
    [
        (AdminRequest("Ada Morel", "Ada", "ada@example.com"), r"username: .*such as ada\.morel"),
        (AdminRequest("ada.morel", "A\x1bda", "ada@example.com"), "full name: .*position 2"),
        (AdminRequest("ada.morel", "Ada", "ada"), "e-mail: .*not an e-mail address"),
    ],
)
def test_invalid_admin_is_refused_before_anything_is_made(
    company: CompanyServer, nothing: str, said: Said, admin: AdminRequest, match: str
) -> None:
    with pytest.raises(Invalid, match=match):
        init(company.owner(nothing), admin, said.say)
    assert not company.ask("SELECT 1 FROM pg_database WHERE datname = %s", nothing)


def test_new_admin_without_a_name_is_refused(company: CompanyServer, nothing: str, said: Said) -> None:
    with pytest.raises(Invalid, match=r"no employee ada\.morel yet"):
        init(company.owner(nothing), AdminRequest("ada.morel"), said.say)


def test_owner_without_the_superusers_rights_is_refused(company: CompanyServer, nothing: str, said: Said) -> None:
    company.run("CREATE ROLE clerk LOGIN CREATEDB CREATEROLE", "GRANT CONNECT ON DATABASE postgres TO clerk")
    try:
        with pytest.raises(NotAllowed, match="clerk is not a superuser"):
            init(company.owner(nothing, user="clerk"), ADMIN, said.say)
    finally:
        company.run("REVOKE CONNECT ON DATABASE postgres FROM clerk", "DROP ROLE clerk")
    assert not company.ask("SELECT 1 FROM pg_database WHERE datname = %s", nothing)


def test_server_that_is_too_old_is_refused(
    company: CompanyServer, nothing: str, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_module, "OLDEST", 99)
    with pytest.raises(Unavailable, match=r"PostgreSQL 18; epicshell needs 99 or later"):
        init(company.owner(nothing), ADMIN, said.say)
    assert not company.ask("SELECT 1 FROM pg_database WHERE datname = %s", nothing)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ("ENCODING 'LATIN1' LOCALE 'C'", "encoding is LATIN1, not UTF8"),
        ("ENCODING 'UTF8' LOCALE 'C'", "no letters beyond ASCII"),
    ],
)
def test_database_that_can_not_hold_all_letters_is_refused(
    company: CompanyServer, nothing: str, said: Said, options: str, match: str
) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 LOCALE_PROVIDER libc {options}")
    with pytest.raises(Unavailable, match=match):
        init(company.owner(nothing), ADMIN, said.say)


def test_database_of_another_program_is_refused(company: CompanyServer, nothing: str, said: Said) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 {ALL_LETTERS}")
    company.run("CREATE TABLE public.invoices ()", database=nothing)
    with pytest.raises(Unavailable, match=r"holds something else already: public\.invoices"):
        init(company.owner(nothing), ADMIN, said.say)
    assert company.ask("SELECT has_language_privilege('public', 'plpgsql', 'USAGE')", database=nothing)


def test_database_that_lets_nobody_in_is_told_as_such(company: CompanyServer, nothing: str, said: Said) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0 ALLOW_CONNECTIONS false")
    with pytest.raises(Unavailable, match="not currently accepting connections"):
        init(company.owner(nothing), ADMIN, said.say)


def test_server_that_does_not_answer_is_told(said: Said) -> None:
    with pytest.raises(Unavailable, match="can't be reached"):
        init(Target("crm", {"dbname": "crm", "host": "/nowhere"}), ADMIN, said.say)
