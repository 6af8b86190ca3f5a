"""The README is run as written: its transcripts, its table of rights, its two commands; so is docs/commands.md."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from epicshell import command
from epicshell.commands.reference import reference, rights
from epicshell.embedded import Embedded

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text("utf-8")
PROMPT = re.compile(r"(?P<who>[a-z.]+) \([a-z]+\) epic_demo> (?P<line>.+)")


def steps() -> list[tuple[str, str, str]]:
    """(username, command, expected output) of every transcript, in order; … stands for anything."""
    found: list[list[str]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if match := PROMPT.fullmatch(line):
                found.append([match["who"], match["line"], ""])
            else:
                found[-1][2] += line + "\n"
    return [(who, line, expected) for who, line, expected in found]


def pattern(expected: str) -> re.Pattern[str]:
    return re.compile(re.escape(expected).replace("…", ".*?"), re.DOTALL)


@pytest.fixture
def home(tmp_path: Path) -> "Path":
    yield tmp_path
    Embedded(tmp_path / "data").stop()


def test_the_day_goes_as_the_readme_tells_it(home: Path) -> None:
    assert len(steps()) > 15
    environment = {**os.environ, "EPICSHELL_HOME": str(home), "PYTHONUTF8": "1"}
    for who, line, expected in steps():
        arguments = [sys.executable, "-m", "epicshell", "demo", "--as", who, "-c", line]
        quiet = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "cwd": TOP}
        done = subprocess.run(arguments, env=environment, check=False, **quiet)
        shown = done.stdout + done.stderr
        assert pattern(expected).fullmatch(shown), f"{who}> {line}\n{shown}"


def test_the_table_of_rights_is_the_policy() -> None:
    assert rights() in README


def test_the_reference_of_commands_is_up_to_date() -> None:
    assert (TOP / "docs/commands.md").read_text("utf-8") == reference()


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"```sh\n(python3 .*)\n```", README)
    assert len(commands) == 2
    assert commands[1] in (TOP / ".ci/run").read_text("utf-8").splitlines()
    assert commands[0].endswith(".venv/bin/epicshell demo")


def test_every_variable_of_the_environment_is_documented() -> None:
    source = "".join(path.read_text("utf-8") for path in (TOP / "epicshell").rglob("*.py"))
    assert set(re.findall(r"EPICSHELL_[A-Z_]+[A-Z]", source)) <= set(re.findall(r"EPICSHELL_[A-Z_]+[A-Z]", README))


def test_every_command_names_its_arguments() -> None:
    for one in command.load().values():
        assert one.summary.endswith("."), one.name
        for parameter in one.parameters:
            assert parameter.meaning, f"{one.name} {parameter.label}"
