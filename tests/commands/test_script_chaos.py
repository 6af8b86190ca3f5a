"""A script that is killed, or loses its connection, at any moment, and is taken up again: no line is done twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.people import People
from support.program import program_of
from support.scripts import as_option, create, created, write
from support.trouble import Trouble
from support.world import World

FIRST_ENOUGH = 200  #: statements; the script below takes fewer


def mixed(folder: Path) -> tuple[Path, list[str]]:
    """A script with lines of every kind, and the companies that it creates."""
    inner = write(folder / "inner", [create("B"), "help clients", create("C")])
    whole = write(folder / "whole", [create("D"), create("E")])
    lines = ["whoami", create("A"), f"run {inner}", f"run {whole} --atomic", f"let f = {create('F')}", create("G")]
    return write(folder / "outer", [*lines, "clients show @f --format json"]), list("ABCDEFG")


def clear(world: World) -> None:
    world.run("DELETE FROM crm.client_words WHERE client_id >= 110")
    world.run("DELETE FROM crm.clients WHERE id >= 110")
    world.run("DELETE FROM crm.script_runs")


@pytest.mark.parametrize(
    ("what", "after", "step"),
    [("die", False, 1), ("lose_connection", True, 1), ("lose_connection", False, 3)],
    ids=["the process is killed", "an answer is lost", "a connection is lost"],
)
def test_each_line_is_done_once_whatever_statement_the_trouble_comes_at(
    people: People, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, after: bool, step: int
) -> None:
    path, companies = mixed(tmp_path)
    world.run("ALTER TABLE crm.clients DISABLE TRIGGER audit")  # what is cleared was never there
    person, trouble = people("bill.boquet"), Trouble(world, monkeypatch)
    for nth in range(1, FIRST_ENOUGH, step):
        clear(world)
        getattr(trouble, what)(nth=nth, after=after)
        seen, done = trouble.seen, False
        try:
            done = as_option(person, path).code == 0
        except trouble.Killed:
            person = people("bill.boquet")
        if trouble.seen - seen < nth:
            break
        begun = bool(world.rows("SELECT 1 FROM crm.script_runs"))
        if not done and (begun or created(world) != companies):
            result = as_option(person, path, resume=begun)
            assert result.code == 0, f"statement {nth}: {result.err}"
        assert created(world) == companies, f"statement {nth}"
        assert world.rows("SELECT 1 FROM crm.script_runs") == []
    else:
        raise AssertionError("the script takes more statements than are tried")


def test_each_line_is_done_once_however_often_the_process_is_killed(world: World, tmp_path: Path) -> None:
    companies = [f"C{number}" for number in range(80)]
    path = write(tmp_path / "many.epic", [create(company) for company in companies])
    program = program_of(world, tmp_path / "home", "bill.boquet")
    moments = random.Random(9)
    killed = 0
    while True:
        resume = ["--resume"] if world.rows("SELECT 1 FROM crm.script_runs") else []
        running = subprocess.Popen(
            [sys.executable, "-m", "epicshell", "-f", str(path), *resume],
            env=program.environment_now(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        before = len(created(world))
        while running.poll() is None and len(created(world)) < before + 15:
            time.sleep(0.002)
        time.sleep(moments.random() / 50)
        running.send_signal(signal.SIGKILL)
        told = running.communicate()[1].decode()
        if running.returncode == 0:
            break
        assert running.returncode == -signal.SIGKILL, told
        killed += 1
        if created(world) and not world.rows("SELECT 1 FROM crm.script_runs"):
            break  # it had come to its end
    assert created(world) == companies
    assert killed > 2
