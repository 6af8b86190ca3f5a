"""Values from the database are offered as soon as they have come in, and nothing ever waits for them."""

import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from support.world import World

from epicshell.command import load
from epicshell.context import Context
from epicshell.params import Candidate
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.values import Values, Wanted

PATIENCE = 20


class Desk:
    """An account of the world, and its values."""

    def __init__(self, world: World, state: Path, username: str) -> None:
        self.account = Account(world.target, Saved(state, "world"))
        self.account.adopt(world.login(username))
        self.values = Values()
        self.arrived = threading.Event()

    def ask(self, command: str, parameter: str, prefix: str) -> list[str]:
        """What is known at once."""
        declared = load()[command]
        param = next(one.param for one in declared.parameters if one.label == parameter)
        source = partial(param.candidates, needs=declared.needs)
        return self.known((param, declared.needs), prefix, source)

    def known(self, key: object, prefix: str, source: object) -> list[str]:
        wanted = Wanted(key, prefix, self.account.session, source, self.account, self.arrived.set)
        return [candidate.text for candidate in self.values.known(wanted)]

    def answer(self, command: str, parameter: str, prefix: str) -> list[str]:
        """What is known once it has come in."""
        self.arrived.clear()
        self.ask(command, parameter, prefix)
        assert self.arrived.wait(PATIENCE)
        return self.ask(command, parameter, prefix)


@pytest.fixture
def bill(shared_world: World, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(shared_world, tmp_path, "bill.boquet")
    yield desk
    desk.account.close()


def test_records_are_found_by_name_and_by_number(bill: Desk, shared_world: World) -> None:
    assert bill.answer("clients show", "ID", "kev") == [str(shared_world.ids.bills_client)]
    assert str(shared_world.ids.bills_client) in bill.answer("clients show", "ID", "10")
    assert bill.answer("events filter", "--support", "kat") == ["kate.hastroff"]


def test_only_what_the_command_may_be_run_for_is_offered(bill: Desk, shared_world: World) -> None:
    ids = shared_world.ids
    offered = bill.answer("clients update", "ID", "")
    assert str(ids.bills_client) in offered
    assert str(ids.eves_client) not in offered


def test_while_an_answer_is_on_its_way_those_of_a_shorter_prefix_that_fit_are_shown(bill: Desk) -> None:
    everything = bill.answer("clients show", "ID", "")
    narrowed = bill.ask("clients show", "ID", "kevin")
    assert set(narrowed) < set(everything)
    assert narrowed


def test_a_command_makes_the_next_question_a_new_one(bill: Desk) -> None:
    bill.answer("clients show", "ID", "kev")
    bill.values.forget()
    assert bill.ask("clients show", "ID", "kev") == []


def test_completion_does_not_extend_the_session(bill: Desk, shared_world: World) -> None:
    session = bill.account.session
    shared_world.run("UPDATE sec.sessions SET idle_until = now() + interval '5 minutes' WHERE id = %s", session.id)
    seen = shared_world.ask("SELECT last_seen_at, idle_until FROM sec.sessions WHERE id = %s", session.id)
    assert bill.answer("clients show", "ID", "kev")
    assert shared_world.ask("SELECT last_seen_at, idle_until FROM sec.sessions WHERE id = %s", session.id) == seen


def test_it_has_a_connection_and_a_deadline_of_its_own(bill: Desk) -> None:
    told = []

    def source(prefix: str, context: Context) -> Iterable[Candidate]:
        told.append(context.database.one("SHOW statement_timeout"))
        told.append(context.database.one("SELECT pg_backend_pid()"))
        return [Candidate("x")]

    bill.known("source", "", source)
    assert bill.arrived.wait(PATIENCE)
    assert told[0] == "1s"
    assert told[1] != bill.account.database.one("SELECT pg_backend_pid()")


def test_a_question_that_hangs_holds_nothing_up_and_the_newest_one_is_answered_next(bill: Desk) -> None:
    going, asked = threading.Event(), []

    def source(prefix: str, context: Context) -> Iterable[Candidate]:
        asked.append(prefix)
        assert going.wait(PATIENCE)
        return [Candidate(prefix)]

    for prefix in ("a", "ab", "abc"):
        assert bill.known("source", prefix, source) == []
    going.set()
    assert bill.arrived.wait(PATIENCE)
    assert asked[-1] == "abc"
    assert len(asked) <= 2


def test_a_question_that_fails_offers_nothing_and_the_next_one_works(bill: Desk) -> None:
    def source(prefix: str, context: Context) -> Iterable[Candidate]:
        context.database.execute_sql("SELECT 1/0")
        return [Candidate("x")]

    bill.known("source", "", source)
    assert bill.arrived.wait(PATIENCE)
    assert bill.known("source", "", source) == []
    assert bill.answer("clients show", "ID", "kev")


def test_a_lost_connection_is_opened_again(bill: Desk, shared_world: World) -> None:
    bill.answer("clients show", "ID", "kev")
    shared_world.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'epic_sales_login' AND datname = current_database()"
    )
    bill.values.forget()
    bill.answer("clients show", "ID", "kev")
    bill.values.forget()
    assert bill.answer("clients show", "ID", "kev")


def test_commands_and_completion_do_not_share_a_binding(bill: Desk) -> None:
    """The models are bound per thread: a command that runs between the binding and the query changes nothing."""
    bound = []

    def source(prefix: str, context: Context) -> Iterable[Candidate]:
        from epicshell.models import Client

        bound.append((Client._meta.database, context.database))
        return []

    from epicshell.models import MODELS, Client

    with bill.account.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        bill.known("source", "", source)
        assert bill.arrived.wait(PATIENCE)
        assert Client._meta.database is bill.account.database
    assert bound[0][0] is bound[0][1]
    assert bound[0][0] is not bill.account.database
