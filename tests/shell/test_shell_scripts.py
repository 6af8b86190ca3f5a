"""Scripts in a real terminal: the bar, Ctrl-C, and going on afterwards."""

import re
from pathlib import Path

import pytest
from support.demo import Demo
from support.scripts import create, write

from epicshell.text import thousands

BILL = "bill.boquet (sales) epic_demo> "
MANY = 60_000  #: lines: more than any machine does while a test looks


def quiet(number: int) -> str:
    return create(f"Firm{number}").replace("--format json", "--format csv")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    return write(tmp_path / "many.epic", [quiet(number) for number in range(MANY)])


def made(demo: Demo) -> int:
    return int(demo.sql("SELECT count(*) FROM crm.clients WHERE company LIKE 'Firm%%'")[0][0])


def test_bar_tells_how_far_it_is_and_ctrl_c_takes_all_back(demo: Demo, many: Path) -> None:
    before = made(demo)
    program = demo.open("demo", "--as", "sales", "-f", str(many), "--atomic")
    program.until(
        lambda: bool(re.search(r"\[█.*\] [\d ]+/60 000 · [\d ]+/s · \d+ (s|min) left", program.text)), "a bar"
    )
    program.type("\x03")
    assert program.leave() == 130
    assert "nothing was done." in program.text.lower()
    assert "left" not in program.text
    assert made(demo) == before


def test_no_bar_on_a_dumb_terminal(demo: Demo, many: Path) -> None:
    program = demo.open("demo", "--as", "sales", "-f", str(many), environment={"TERM": "dumb"})
    program.shows("Firm100")
    program.type("\x03")
    assert program.leave() == 130
    assert b"\x1b" not in program.written
    assert b" left" not in program.written


def test_ctrl_c_stops_after_a_line_and_says_what_is_done(demo: Demo, many: Path) -> None:
    before = made(demo)
    program = demo.open("demo", "--as", "sales", "-f", str(many), columns=240)
    program.shows(" left")
    program.type("\x03")
    assert program.leave() == 130
    text = " ".join(program.text.split())
    told = re.search(
        r"Interrupted after line (\d+): lines 1 to (\d+) are done; ([\d ]+) commands after it are not.", text
    )
    assert told, program.text
    done = made(demo) - before
    assert told.groups() == (str(done), str(done), thousands(MANY - done))
    assert "--resume goes on." in text
    assert demo.sql("SELECT line FROM crm.script_runs WHERE source = %s", str(many)) == [(done,)]


def test_run_in_the_shell_asks_before_it_starts_again(demo: Demo, tmp_path: Path) -> None:
    path = write(tmp_path / "stops.epic", [quiet(0), "clients show 999999", quiet(1)])
    before = made(demo)
    shell = demo.open("demo", "--as", "sales", columns=240)
    shell.prompts(BILL)
    assert "Line 1 is done. run " in shell.run(f"run {path}", BILL)
    shell.enter(f"run {path}")
    shell.prompts("stopped after line 1. Start again from its first line? [y/N] ")
    shell.enter("n")
    shell.shows("Nothing was done. --resume goes on after that line.")
    shell.prompts(BILL)
    assert made(demo) == before + 1
    assert "Nothing more was done. run " in shell.run(f"run {path} --resume", BILL)
    assert made(demo) == before + 1
    assert "Firm0" in shell.run("clients show @last", BILL)


def test_paste_knows_the_names_of_the_shell_and_leaves_its_own(demo: Demo) -> None:
    shell = demo.open("demo", "--as", "sales")
    shell.prompts(BILL)
    shell.run("let firm = clients list --mine --limit 1", BILL)
    shell.paste("clients show @firm\nlet other = clients list --mine --sort id --limit 1\n")
    shell.prompts("[d]rop: ")
    shell.enter("r")
    shell.prompts(BILL)
    assert "company" in shell.run("clients show @other", BILL)
