"""Questions aside: answered in a thread on a connection of its own, the newest of each kind, and nobody waits."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import World

from epicshell.context import Context
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.aside import Aside

PATIENCE = 20


class Answers:
    """Keeps the answers in the order in which they come."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self._come = threading.Semaphore(0)

    def __call__(self, answer: object) -> None:
        self.got.append(answer)
        self._come.release()

    def wait(self, count: int = 1) -> list[object]:
        for _ in range(count):
            assert self._come.acquire(timeout=PATIENCE)
        return self.got


@pytest.fixture
def kate(shared_world: World, tmp_path: Path) -> Iterator[Account]:
    account = Account(shared_world.target, Saved(tmp_path, "world"))
    account.adopt(shared_world.login("kate.hastroff"))
    yield account
    account.close()


@pytest.fixture
def answers() -> Answers:
    return Answers()


def who(context: Context) -> object:
    return context.database.one("SELECT username FROM employees WHERE id = api.me()")


def test_the_work_is_done_as_who_is_logged_in_on_another_connection(kate: Account, answers: Answers) -> None:
    aside = Aside()
    aside.ask("who", kate, who, answers)
    aside.ask("pid", kate, lambda context: context.database.one("SELECT pg_backend_pid()"), answers)
    name, pid = answers.wait(2)
    assert name == "kate.hastroff"
    assert pid != kate.database.one("SELECT pg_backend_pid()")


def test_of_each_kind_only_the_newest_question_is_answered(kate: Account, answers: Answers) -> None:
    aside, going = Aside(), threading.Event()
    aside.ask("first", kate, lambda _: going.wait(PATIENCE), answers)
    for number in range(5):
        aside.ask("number", kate, lambda _, number=number: number, answers)
        aside.ask("letter", kate, lambda _, number=number: "abcde"[number], answers)
    aside.ask("dropped", kate, lambda _: "never", answers)
    aside.drop("dropped")
    going.set()
    assert answers.wait(3) == [True, 4, "e"]


def test_what_goes_wrong_is_no_answer_and_the_next_one_works(kate: Account, answers: Answers) -> None:
    aside = Aside()
    aside.ask("fault", kate, lambda context: context.database.one("SELECT 1 / 0"), answers)
    aside.ask("late", kate, lambda context: context.database.one("SELECT pg_sleep(5)"), answers)
    aside.ask("who", kate, who, answers)
    assert answers.wait(3) == [None, None, "kate.hastroff"]


def test_a_lost_connection_is_opened_again(kate: Account, answers: Answers, shared_world: World) -> None:
    aside = Aside()
    aside.ask("who", kate, who, answers)
    answers.wait()
    shared_world.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'epic_support_login' AND datname = current_database()"
    )
    aside.ask("lost", kate, who, answers)
    aside.ask("who", kate, who, answers)
    assert answers.wait(2) == ["kate.hastroff", None, "kate.hastroff"]


def test_without_a_session_nothing_is_asked(kate: Account, answers: Answers) -> None:
    kate.forget()
    Aside().ask("who", kate, who, answers)
    assert answers.got == []


def test_it_never_extends_the_session(kate: Account, answers: Answers, shared_world: World) -> None:
    assert kate.session
    idle = "SELECT idle_until FROM sec.sessions WHERE id = %s"
    shared_world.run("UPDATE sec.sessions SET idle_until = now() + interval '5 minutes' WHERE id = %s", kate.session.id)
    before = shared_world.ask(idle, kate.session.id)
    Aside().ask("who", kate, who, answers)
    answers.wait()
    assert shared_world.ask(idle, kate.session.id) == before
