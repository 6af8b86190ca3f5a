"""The loop without a terminal: keys come from a pipe, the screen is thrown away."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from support.world import PASSWORD, World

from epicshell import telemetry
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.output import Output
from epicshell.config import Config, Folders
from epicshell.database import Target
from epicshell.errors import NotLoggedIn, Unavailable
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.desk import Desk
from epicshell.shell.loop import Shell
from epicshell.shell.paint import FirstPaint


class Bench:
    """Opens shells on a world.

    keys: what is typed. passwords: the answers to the next password questions.
    """

    def __init__(self, world: World, home: Path, keys: PipeInput, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.config = Config(Folders(home / "data", home / "state", home / "config"))
        self.keys = keys
        self.passwords: list[str | type[BaseException]] = []
        self.asked: list[str] = []
        self.between: Callable[[], object] = lambda: None
        self.target = world.target
        monkeypatch.setattr("getpass.getpass", self._password)
        monkeypatch.setenv("TERM", "xterm")

    @property
    def saved(self) -> Saved:
        return Saved(self.config.folders.state, self.target.identity)

    def make(self) -> Desk:
        import sys

        account = Account(self.target, self.saved)
        account.resume()
        return Desk(account, Output(sys.stdout, lambda: 80), self.config, "", assume_yes=False)

    def run(self, keys: str, *, guess: str = "epic_demo> ", make: Callable[[], Desk] | None = None) -> int:
        """Type keys at a shell from its start to its end; its exit code."""
        self.keys.send_text(keys)
        return Shell(make or self.make, FirstPaint(self.config.folders.state, "tests", guess)).run()

    def _password(self, question: str) -> str:
        self.asked.append(question)
        self.between()
        answer = self.passwords.pop(0)
        if isinstance(answer, str):
            return answer
        raise answer


@pytest.fixture
def bench(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield Bench(world, tmp_path, keys, monkeypatch)


@pytest.fixture
def bill(bench: Bench) -> Bench:
    """A bench with a saved session of a sales employee."""
    bench.saved.save(bench.world.login("bill.boquet"))
    return bench


def test_lines_that_are_typed_before_the_shell_is_ready_are_run(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bill.run("whoami\rclients list --limit 1\rexit\r") == 0
    shown = capsys.readouterr()
    assert "Bill Boquet" in shown.out
    assert "1 of" in shown.out
    assert shown.err == "Bye.\n"


def test_a_fault_of_ours_is_told_with_its_number_and_the_shell_goes_on(
    bill: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry.start(bill.config.folders.state / "log", "INFO")
    works = Dispatcher.run

    def run(dispatcher: Dispatcher, line: str) -> None:
        if line == "broken":
            raise ZeroDivisionError
        works(dispatcher, line)

    monkeypatch.setattr(Dispatcher, "run", run)
    bill.run("broken\rwhoami\rexit\r")
    shown = capsys.readouterr()
    assert "An unexpected fault; the log has it as " in shown.err
    assert "Traceback" not in shown.err
    assert "Bill Boquet" in shown.out
    reference = shown.err.partition("has it as ")[2][:8]
    assert reference in (bill.config.folders.state / "log").read_text()


def test_a_line_is_not_run_as_someone_else_than_the_prompt_said(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    FirstPaint(bill.config.folders.state, "tests", "").remember("mia.manager (management) x> ", None)
    ready = threading.Event()

    def make() -> Desk:
        assert ready.wait(20)
        return bill.make()

    threading.Timer(0.2, ready.set).start()
    bill.run("whoami\r\rexit\r", make=make)
    shown = capsys.readouterr()
    assert "it was not run" in shown.err
    assert shown.out.count("Bill Boquet") == 1


def test_who_is_in_a_hurry_may_leave_before_the_shell_is_ready(bill: Bench) -> None:
    never = threading.Event()

    def make() -> Desk:
        never.wait(20)
        raise Unavailable("never")

    assert bill.run("exit\r", make=make) == 0
    never.set()


def test_an_account_that_can_not_be_opened_ends_the_shell_with_the_reason(bill: Bench) -> None:
    def make() -> Desk:
        raise Unavailable("The database is not there.")

    with pytest.raises(Unavailable):
        bill.run("", make=make)


def test_an_ended_session_is_asked_for_at_the_start_and_the_line_is_kept(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bill.world.run("INSERT INTO sec.revocations (session_id) SELECT id FROM sec.sessions")
    bill.world.set_password("bill.boquet")
    bill.passwords = ["wrong", PASSWORD]
    bill.between = lambda: bill.keys.send_text("ami\rexit\r") if len(bill.asked) == 1 else None
    assert bill.run("who") == 0
    shown = capsys.readouterr()
    assert "Bill Boquet" in shown.out
    assert "Your session has ended." in shown.err
    assert "don't go together" in shown.err
    assert bill.asked == ["Password of bill.boquet (or enrolment code): "] * 2


def test_who_is_not_logged_in_is_asked_who_it_is(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.world.set_password("bill.boquet")
    bench.passwords = [PASSWORD]
    assert bench.run("Bill.Boquet\rwhoami\rexit\r", guess="") == 0
    assert "Bill Boquet" in capsys.readouterr().out


def test_three_wrong_passwords_end_the_shell(bench: Bench) -> None:
    bench.world.set_password("bill.boquet")
    bench.passwords = ["wrong"] * 3
    with pytest.raises(NotLoggedIn):
        bench.run("bill.boquet\r\r\r", guess="")
    assert len(bench.asked) == 3


@pytest.mark.parametrize("keys", ["\x03", "\x04", "bill.boquet\r"])
def test_coming_in_can_be_given_up(bench: Bench, keys: str) -> None:
    bench.passwords = [KeyboardInterrupt]
    assert bench.run(keys, guess="") == 0


def test_while_the_server_is_down_the_shell_stays_and_can_be_left(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    session = bill.saved.load("bill.boquet")
    bill.target = Target("gone", {"dbname": "gone", "host": "/nowhere"})
    bill.saved.save(session)
    assert bill.run("whoami\rclients list\rexit\r") == 0
    shown = capsys.readouterr()
    assert shown.err.count("The database gone can't be reached") == 2
    assert shown.err.endswith("Bye.\n")


def test_the_next_first_prompt_is_that_of_who_is_logged_in(bill: Bench) -> None:
    bill.run("whoami\rexit\r")
    name = bill.target.name
    paint = FirstPaint(bill.config.folders.state, "tests", "")
    assert paint.prompt == f"bill.boquet (sales) {name}> "
    assert paint.history == bill.config.folders.state / "history" / bill.target.identity / "bill.boquet"
    bill.run("logout\rexit\r")
    assert FirstPaint(bill.config.folders.state, "tests", "").prompt == ""


def test_a_record_that_someone_else_changed_since_it_was_shown_is_not_overwritten(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    number = bill.world.ids.bills_client
    works = Dispatcher.run
    lines = [f"clients show {number}", f"clients update {number} --company Mine", "exit"]

    def meddle(dispatcher: Dispatcher, line: str) -> None:
        if "update" in line:
            bill.world.run("UPDATE crm.clients SET company = 'Theirs' WHERE id = %s", number)
        works(dispatcher, line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dispatcher, "run", meddle)
        bill.run("\r".join(lines) + "\r")
    assert "since you read it" in capsys.readouterr().err
    assert bill.world.ask("SELECT company FROM crm.clients WHERE id = %s", number) == ("Theirs",)


def test_what_deletes_asks_first(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.saved.save(bench.world.login("mia.manager"))
    number = bench.world.ids.open_event
    bench.run(f"events delete {number}\rno\rexit\r")
    assert "Nothing was done." in capsys.readouterr().err
    query = "SELECT deleted_at IS NULL FROM crm.events WHERE id = %s"
    assert bench.world.ask(query, number) == (True,)
    bench.run(f"events delete {number}\ry\rexit\r")
    assert bench.world.ask(query, number) == (False,)


def test_a_missing_value_is_asked_for_until_it_is_accepted(bill: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    number = bill.world.ids.bills_client
    bill.run(f"clients show\r999\r\x01\x0b{number}\rexit\r")
    shown = capsys.readouterr()
    assert "There is no client 999." in shown.err
    assert "Cool Startup LLC" in shown.out


def test_pasted_lines_that_miss_a_value_are_errors_and_questions_are_not_asked(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bill.run("\x1b[200~whoami\nclients show\nwhoami\n\x1b[201~run\rexit\r")
    shown = capsys.readouterr()
    assert "paste:2: clients show needs ID." in shown.err
    assert shown.out.count("Bill Boquet") == 1


def paste(*lines: str) -> str:
    return "\x1b[200~" + "\n".join(lines) + "\x1b[201~"


def test_a_paste_that_a_dry_run_finds_wrong_can_still_be_dropped(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    number = bill.world.ids.bills_client
    bill.run(f"{paste(f'clients update {number} --company New', 'clients show 9999')}y\rd\rexit\r")
    shown = capsys.readouterr().err
    assert "paste:2: There is no client 9999." in shown
    assert "Dropped; nothing was done." in shown
    assert bill.world.ask("SELECT company FROM crm.clients WHERE id = %s", number) != ("New",)


def test_a_paste_as_a_whole_does_nothing_if_one_line_fails(bill: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    number = bill.world.ids.bills_client
    bill.run(f"{paste(f'clients update {number} --company New', 'clients show 9999')}a\rexit\r")
    assert "paste:2: There is no client 9999." in capsys.readouterr().err
    assert bill.world.ask("SELECT company FROM crm.clients WHERE id = %s", number) != ("New",)


def test_a_paste_without_commands_asks_nothing(bill: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bill.run(f"{paste('# one', '', '# two')}whoami\rexit\r")
    shown = capsys.readouterr()
    assert "3 lines were pasted; there is nothing to run in them:" in shown.err
    assert "Bill Boquet" in shown.out


def test_a_paste_at_a_prompt_that_turns_out_to_be_wrong_is_still_asked_about(
    bill: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    FirstPaint(bill.config.folders.state, "tests", "").remember("mia.manager (management) x> ", None)
    bill.run(f"{paste('whoami', 'contracts create --client 1')}d\rexit\r")
    shown = capsys.readouterr()
    assert "You are logged in as sales, which has no right contracts:create." in shown.err
    assert "Bill Boquet" not in shown.out


def test_who_is_not_logged_in_may_paste_what_needs_no_session(bill: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bill.run(f"logout\r{paste('help exit', 'clients list')}r\rexit\r")
    shown = capsys.readouterr()
    assert "Usage: exit" in shown.out
    assert "paste:2: You are not logged in" in shown.err
