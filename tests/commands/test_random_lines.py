"""Whatever is typed, a line runs or is refused with a sentence; nothing else ever comes out of a dispatcher."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import ALONE, EXAMPLES
from support.matrix import DEPARTMENTS
from support.people import People
from support.world import ONE_OF

from epicshell.command import load
from epicshell.commands.words import quoted

COMMANDS = {name: command for name, command in load().items() if name not in ALONE}
FLAGS = sorted({parameter.flag for command in COMMANDS.values() for parameter in command.parameters if parameter.flag})
GOOD = sorted({word for _, line in EXAMPLES for word in line.split() if not word.startswith("-")})
NUMBERS = [str(number) for number in (0, 1, 101, 103, 105, 202, 206, 208, 302, 306, 401, 2**31, 2**63, 10**30, -1)]

FIRST = "max.manager"  #: whose session has the number 1, so that nobody who is tried ends their own

words = st.one_of(
    st.sampled_from(GOOD),
    st.sampled_from(FLAGS),
    st.sampled_from(NUMBERS),
    st.sampled_from(["--", "--yes", "''", "'", '"', "\\", "#", "json", "--format=json", "--all=x"]),
    st.text(max_size=12).map(quoted),
    st.text(max_size=12),
)


@st.composite
def aimed(draw: st.DrawFn) -> str:
    """A line of a command with flags of its own and values that may fit."""
    command = COMMANDS[draw(st.sampled_from(sorted(COMMANDS)))]
    parts = [command.name]
    for parameter in draw(st.permutations(command.parameters)):
        if parameter.required or draw(st.integers(0, 3)) == 0:
            parts += [parameter.flag] if parameter.flag else []
            parts += [] if parameter.switch else [draw(words)]
    return " ".join([*parts, *draw(st.lists(words, max_size=1))])


lines = st.one_of(aimed(), aimed(), st.lists(words, max_size=8).map(" ".join), st.text())


@settings(max_examples=200, deadline=None)
@given(line=lines, department=st.sampled_from(DEPARTMENTS))
def test_any_line_runs_or_is_refused(everyone: People, line: str, department: str) -> None:
    everyone[FIRST]
    result = everyone[ONE_OF[department]].attempt(line)
    assert result.code in (0, 1, 2, 4), (line, result)
    if result.code:
        assert result.err.strip()
    assert "\x1b" not in result.out + result.err


@settings(max_examples=50, deadline=None)
@given(text=st.lists(lines, max_size=4).map("\n".join), department=st.sampled_from(DEPARTMENTS))
def test_any_script_runs_or_is_refused(everyone: People, text: str, department: str) -> None:
    everyone[FIRST]
    result = everyone[ONE_OF[department]].script(text, dry_run=True, keep_going=True)
    assert result.code in (0, 1, 2, 4), (text, result)
