"""Script files: run by a command or an option, stopped on the way, and taken up again."""

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from support.people import People, Person
from support.scripts import as_option, create, created, write
from support.trouble import Trouble
from support.world import PASSWORD, World

from epicshell.commands.track import DEEPEST

MISSING = "There is no client 9999. It may have been deleted, or be none of yours to see."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new clients.epic"


def progress(world: World) -> list[tuple[object, ...]]:
    return world.rows("SELECT employee_id, line, inside, begun, names FROM crm.script_runs ORDER BY source")


# The command


def test_run_does_what_a_file_says(bill: Person, world: World, path: Path) -> None:
    path.write_bytes(
        f"\ufeff# two clients\r\n\r\n{create('A')}\r\n{create('B')} \\\r\n --first-contact-on today".encode()
    )
    result = bill(f"run '{path}'")
    assert (result.code, result.err, created(world)) == (0, "", ["A", "B"])
    assert progress(world) == []


def test_run_finds_a_file_from_the_home_folder(
    bill: Person, world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.chdir(path.parent)
    write(path, [create("A")])
    assert bill(f"run '~/{path.name}'").code == 0
    assert bill(f"run '{path.name}'").code == 0
    assert created(world) == ["A", "A"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("/no/such", "/no/such can't be read: No such file or directory."),
        ("/", "/ can't be read: Is a directory."),
        ('"a\x1b[31m"', "a\\x1b[31m can't be read: No such file or directory."),
    ],
)
def test_file_that_can_not_be_read_is_told(bill: Person, name: str, sentence: str) -> None:
    result = bill(f"run {name}")
    assert (result.code, result.err) == (2, sentence)


def test_text_that_no_file_can_be_called_is_no_file(bill: Person) -> None:
    result = bill('run "a\x00b"')
    assert (result.code, "FILE: That is no file's name." in result.err) == (1, True)


def test_modes_of_run(bill: Person, world: World, path: Path) -> None:
    write(path, [create("A"), "clients dance", create("B")])
    assert bill(f"run '{path}' --atomic").err.endswith("Nothing was done.")
    assert bill(f"run '{path}' --dry-run --keep-going").err.endswith("1 line failed. Nothing was done.")
    assert created(world) == []
    told = bill(f"run '{path}' --keep-going")
    assert (told.code, created(world)) == (2, ["A", "B"])
    assert told.err.splitlines()[-1] == "1 line failed. The other lines were done."
    assert progress(world) == []


def test_format_of_run_is_that_of_its_results(bill: Person, path: Path) -> None:
    write(path, ["whoami"])
    assert bill(f"run '{path}' --format csv").out.startswith("username,")


def test_exit_ends_the_script_that_it_stands_in(bill: Person, world: World, path: Path) -> None:
    inner = write(path.with_name("inner"), [create("A"), "exit", "nonsense"])
    write(path, [f"run {inner}", create("B")])
    assert bill(f"run '{path}'").code == 0
    assert created(world) == ["A", "B"]
    assert progress(world) == []


@pytest.mark.parametrize("mode", [{"atomic": True}, {"dry_run": True}])
def test_run_can_not_stand_where_all_could_be_taken_back(bill: Person, path: Path, mode: dict[str, bool]) -> None:
    write(path, ["whoami"])
    result = bill.script(f"run '{path}'", **mode)
    assert result.err.startswith("script:1: run can't stand in a script that is all or nothing, or a dry run.")


def test_script_that_would_run_itself_is_refused(bill: Person, path: Path) -> None:
    other = write(path.with_name("other"), [f"run '{path}'"])
    write(path, [f"run {other}"])
    assert f"{path} would run itself: {path} → {other} → {path}." in bill(f"run '{path}'").err


def test_scripts_run_others_to_some_depth(bill: Person, world: World, tmp_path: Path) -> None:
    for depth in range(DEEPEST + 1):
        write(tmp_path / f"s{depth}", [f"run {tmp_path / f's{depth + 1}'}" if depth < DEEPEST else create("A")])
    assert f"More than {DEEPEST} scripts" in bill(f"run {tmp_path / 's0'}").err
    assert bill(f"run {tmp_path / 's1'}").code == 0
    assert created(world) == ["A"]


# What is said about lines that are done


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["clients show 9999"], f"script:1: {MISSING}"),
        (["clients show 9999", "whoami"], f"script:1: {MISSING} Nothing was done."),
        (["whoami", "", "clients show 9999"], f"script:3: {MISSING} Line 1 is done."),
        (["# x", "whoami", "whoami", "clients show 9999"], f"script:4: {MISSING} Lines 2 to 3 are done."),
    ],
)
def test_script_that_stops_says_what_is_done(bill: Person, lines: list[str], told: str) -> None:
    assert bill.script(lines).err == told


def test_failures_are_told_at_the_end_in_their_order(bill: Person, world: World) -> None:
    bad = create("A").replace("+33123456789", "123"), create("B").replace("+33123456789", "12345")
    lines = [bad[0], "clients show 9999", bad[1], "clients show x"]
    told = bill.script(lines, keep_going=True).err.splitlines()
    assert told[0] == '"123" can\'t be dialled as it is.'
    assert told[1].endswith("can't be dialled as it is.")
    assert [line.partition(" ")[0] for line in told[2:]] == ["script:2:", "script:4:", "2"]


def test_stop_after_failures_tells_them_too(bill: Person) -> None:
    told = bill.script(["whoami", "clients show 9999", "logout", "whoami", "help"], keep_going=True).err.splitlines()
    assert told[1] == f"script:2: {MISSING}"
    assert told[2].startswith("script:4: You are not logged in")
    assert told[2].endswith("Lines 1 to 3 are done, but for line 2, which failed.")


# Taking a run up again


def test_stopped_run_goes_on_where_it_stopped(bill: Person, world: World, path: Path) -> None:
    lines = [create("A"), "let a = clients show @last", create("B"), "clients update 110 --company X", create("C")]
    write(path, [*lines, "clients show @a --format json"])
    world.run("ALTER TABLE crm.clients ADD CONSTRAINT clients_email_form2 CHECK (company <> 'X')")
    first = bill(f"run '{path}'")
    assert first.code == 1
    assert first.err.endswith(f'Lines 1 to 3 are done. run "{path}" --resume goes on.')
    number = world.ask("SELECT min(id) FROM crm.clients WHERE company = 'A'")[0]
    assert [row[:4] for row in progress(world)] == [(5, 3, [], None)]
    assert progress(world)[0][4]["a"] == ["client", number]
    world.run("ALTER TABLE crm.clients DROP CONSTRAINT clients_email_form2")
    again = bill(f"run '{path}' --resume")
    assert again.code == 0, again.err
    assert created(world) == ["X", "B", "C"] if number == 110 else ["A", "B", "C"]
    assert f'"id": {number}' in again.out
    assert progress(world) == []


def test_nothing_to_resume(bill: Person, path: Path) -> None:
    write(path, ["whoami"])
    assert bill(f"run '{path}' --resume").err == f"There is nothing to resume: no run of {path} has stopped."


def test_edited_file_is_refused(bill: Person, world: World, path: Path) -> None:
    write(path, [create("A"), "clients show 9999"])
    bill(f"run '{path}'")
    write(path, [create("A"), create("B")])
    result = bill(f"run '{path}' --resume")
    assert (result.code, created(world)) == (1, ["A"])
    assert result.err.startswith(f"{path} has changed since line 1 of it was done; nothing was done now.")


@pytest.mark.parametrize("arguments", ["--resume --atomic", "--resume --dry-run", "--after 3"])
def test_what_can_not_be_resumed(bill: Person, path: Path, arguments: str) -> None:
    write(path, ["whoami"])
    result = bill(f"run '{path}' {arguments}")
    assert result.code == 2
    assert "can't be resumed: it is all or nothing." in result.err or result.err == "--after goes with --resume."


def test_run_that_starts_again_says_that_another_stopped(bill: Person, world: World, path: Path) -> None:
    write(path, [create("A"), "clients show 9999"])
    as_option(bill, path)
    again = as_option(bill, path)
    assert again.err.splitlines()[0] == (
        f"A run of {path} stopped after line 1. This one starts again from the first line; --resume would have gone on."
    )
    assert created(world) == ["A", "A"]


def test_run_that_fails_at_once_leaves_the_earlier_one(bill: Person, world: World, path: Path) -> None:
    write(path, [create("A"), create("B"), "clients show 9999"])
    as_option(bill, path)
    world.run("REVOKE INSERT (company) ON crm.clients FROM epic_sales")
    assert as_option(bill, path).code == 4
    assert progress(world)[0][1] == 2


def test_everyone_has_runs_of_their_own(bill: Person, people: People, world: World, path: Path) -> None:
    write(path, [create("A"), "clients show 9999"])
    eve = people("eve.martin")
    bill(f"run '{path}'")
    assert eve(f"run '{path}' --resume").err.startswith("There is nothing to resume")
    assert "stopped after" not in eve(f"run '{path}'").err
    assert [row[0] for row in progress(world)] == [5, 6]


def test_line_that_failed_is_passed_over_with_keep_going(
    bill: Person, world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines before the last one done are never repeated, those that failed neither."""
    write(path, [create("A"), "clients show 9999", create("B"), create("STOP"), create("C")])
    Trouble(world, monkeypatch).lose_connection(at="STOP")
    result = as_option(bill, path, keep_going=True)
    assert result.code == 5
    assert "Lines 1 to 3 are done, but for line 2, which failed." in result.err
    again = as_option(bill, path, keep_going=True, resume=True)
    assert (again.code, again.err) == (0, "")
    assert created(world) == ["A", "B", "STOP", "C"]


# Lines that bring their own transactions


def test_line_that_can_not_be_taken_back_is_noted_before(
    bill: Person, world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nobody can know whether it is done, the user is asked to look, and says."""
    world.set_password("bill.boquet")
    write(path, [create("A"), "login bill.boquet", create("B")])
    trouble = Trouble(world, monkeypatch)
    trouble.die(at="begun = ", nth=2)
    with pytest.raises(trouble.Killed):
        as_option(bill.answers(PASSWORD), path)
    assert [row[1:4] for row in progress(world)] == [(1, [], 2)]
    told = as_option(bill, path, resume=True)
    assert told.code == 1
    assert told.err.endswith(
        f"Line 2 of {path} had begun when the run ended, and may be done or not; look first. "
        "Then --resume --after 2 if it is done, --resume --after 1 if it is not."
    )
    assert as_option(bill, path, resume=True, after=7).code == 1
    assert as_option(bill, path, resume=True, after=2).code == 0
    assert created(world) == ["A", "B"]


def test_line_that_plainly_failed_can_be_tried_again(bill: Person, world: World, path: Path) -> None:
    world.set_password("bill.boquet")
    write(path, [create("A"), "login bill.boquet", create("B")])
    assert as_option(bill.answers("wrong password here"), path).code == 3
    assert [row[1:4] for row in progress(world)] == [(1, [], None)]
    assert as_option(bill.answers(PASSWORD), path, resume=True).code == 0
    assert created(world) == ["A", "B"]


def test_logout_at_the_end_leaves_nothing_to_resume(bill: Person, world: World, path: Path) -> None:
    write(path, [create("A"), "logout"])
    assert as_option(bill, path).code == 0
    assert progress(world) == []


def test_whoever_logs_in_at_the_start_goes_on(bill: Person, world: World, path: Path) -> None:
    world.set_password("eve.martin")
    write(path, ["login eve.martin", create("B"), "clients show 9999", create("C")])
    assert as_option(bill.answers(PASSWORD), path).code == 1
    assert [row[:2] for row in progress(world)] == [(6, 2)]
    world.run("INSERT INTO crm.clients VALUES (9999, 'N', 'n@c.example', '1', 'N', now(), 6)")
    assert as_option(bill, path, resume=True).code == 0
    assert sorted(created(world)) == ["B", "C", "N"]


def test_nobody_else_logs_in_on_the_way(bill: Person, world: World, path: Path) -> None:
    world.set_password("eve.martin")
    write(path, [create("A"), "login eve.martin", create("B")])
    result = as_option(bill.answers(PASSWORD), path)
    assert (result.code, "is one employee's" in result.err) == (2, True)
    assert [row[:2] for row in progress(world)] == [(5, 1)]
    assert created(world) == ["A"]


# Scripts that run scripts


def test_script_inside_a_script_goes_on_where_it_stopped(bill: Person, world: World, path: Path) -> None:
    inner = write(path.with_name("inner"), [create("B"), create("C"), "contracts show @late", create("D")])
    write(path, [create("A"), f"run {inner}", create("E")])
    told = bill(f"run '{path}'")
    assert told.err.startswith(f"{path}:2: {inner}:3: There is no @late yet.")
    assert f"Lines 1 to 2 of {inner} are done. Line 1 is done. run" in told.err
    assert [row[1:3] for row in progress(world)] == [(1, [[str(inner), digest(inner), 2]])]
    world.run('UPDATE crm.script_runs SET names = names || \'{"late": ["contract", 201]}\'')
    assert bill(f"run '{path}' --resume").code == 0
    assert created(world) == ["A", "B", "C", "D", "E"]
    assert progress(world) == []


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_inner_script_that_was_edited_is_refused(bill: Person, world: World, path: Path) -> None:
    inner = write(path.with_name("inner"), [create("B"), "clients show 9999"])
    write(path, [create("A"), f"run {inner}"])
    bill(f"run '{path}'")
    write(inner, [create("B"), create("C")])
    assert f"{path}:2: {inner} has changed since line 1 of it was done" in bill(f"run '{path}' --resume").err
    assert created(world) == ["A", "B"]


def test_inner_script_that_is_all_or_nothing_is_one_line(bill: Person, world: World, path: Path) -> None:
    inner = write(path.with_name("inner"), [create("B"), create("C")])
    write(path, [create("A"), f"run {inner} --atomic", "clients show 9999"])
    bill(f"run '{path}'")
    assert [row[1:4] for row in progress(world)] == [(2, [], None)]
    bill(f"run '{path}' --resume")
    assert created(world) == ["A", "B", "C"]


# Two at once


def between(person: Person, nth: int, work: Callable[[], object]) -> Person:
    """Something else happens before the nth line that a person runs."""
    run, count = person.dispatcher.run, itertools.count(1)

    def counted(text: str) -> None:
        if next(count) == nth:
            work()
        run(text)

    person.dispatcher.run = counted  # type: ignore[method-assign]
    return person


def test_newer_run_of_a_script_ends_the_older_one(bill: Person, people: People, world: World, path: Path) -> None:
    """Whoever is late does nothing more, and says so."""
    other = people("bill.boquet")
    write(path, [create("A"), create("B")])
    told = as_option(between(bill, 2, lambda: as_option(other, path)), path)
    assert told.code == 1
    assert "Another shell of yours runs" in told.err
    assert created(world) == ["A", "A", "B"]


def test_resuming_elsewhere_ends_the_run_that_goes_on(bill: Person, people: People, world: World, path: Path) -> None:
    other = people("bill.boquet")
    write(path, [create("A"), create("B"), create("C")])
    told = as_option(between(bill, 3, lambda: as_option(other, path, resume=True)), path)
    assert "Another shell of yours runs" in told.err
    assert told.err.endswith("Lines 1 to 2 are done. Resume it.")
    assert created(world) == ["A", "B", "C"]


def test_run_whose_session_ended_goes_on_with_the_next_one(
    bill: Person, people: People, world: World, path: Path
) -> None:
    write(path, [create("A"), create("B"), create("C")])
    end = "INSERT INTO sec.revocations (session_id) SELECT id FROM sec.sessions"
    told = as_option(between(bill, 2, lambda: world.run(end)), path)
    assert told.code in (3, 4)  # within a second of the last look it is the database that refuses
    assert told.err.endswith("Line 1 is done. Resume it.")
    assert as_option(people("bill.boquet"), path, resume=True).code == 0
    assert created(world) == ["A", "B", "C"]
