"""What is suggested is a function of the text before the cursor: no test here needs a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import EXAMPLES
from support.reader import DEPARTMENTS, actor, commands

from epicshell.command import Command, load
from epicshell.commands.words import begun, quoted, split
from epicshell.context import Memory
from epicshell.filters.again import Kept
from epicshell.fuzzy import rank
from epicshell.params import Candidate
from epicshell.results import Column
from epicshell.shell.completer import completions
from epicshell.shell.completion import suggest
from epicshell.shell.mistakes import mistakes, quiet_context
from epicshell.shell.toolbar import IDLE, hint
from epicshell.text import width

LINES = (
    "events filter --no-support --sort -starts_at,id --columns id,name --limit 5 --format json",
    "clients create --full-name 'Zoé Müller' --email zoe@noel.example --phone \"+33 1\" --company L'Oréal",
    "contracts sign 652 --on 2026-06-15 --if-revision 3",
    "contracts pay 652 12,50 --on=today",
    "events assign 109 kate.hastroff",
    'events create --contract 652 --name="Lou \\"Bouzin\\" assembly" --starts-at "2026-06-15 14:30" --ends-at tomorrow',
    "employees create --username new.name --department sales",
    "employees deactivate bill.boquet --hand-over-to eve.martin --yes",
    "inbox read 12",
    "inbox --read-too",
    "history clients 12",
    "help contracts sign",
    "policy events assign",
    "settings set timezone Europe/Paris",
    "let wedding = events show 109",
    "watch 5 events filter --no-support --limit 3",
    "run import.epic --atomic",
    "login bill.boquet",
    "exit",
)


EVERYTHING = load()


def choices(text: str, offered: dict[str, Command] = EVERYTHING) -> list[str]:
    suggestion = suggest(text, offered)
    return [candidate.text for candidate in suggestion.choices] if suggestion else []


@pytest.mark.parametrize("line", LINES)
def test_at_each_place_of_a_line_the_word_that_comes_is_suggested(line: str) -> None:
    for word in split(line):
        name = word.text.partition("=")[0]
        for end in range(word.start, min(word.start + len(name), word.end)):
            suggestion = suggest(line[:end], EVERYTHING)
            assert suggestion is not None
            if suggestion.parameter is None and (end > word.start or not name.startswith("--")):
                assert name in choices(line[:end]), f"{line[:end]!r} does not lead to {name!r}"


@pytest.mark.parametrize("before", ["watch 5 ", "let a = ", "let a=", "watch 5 let b = "])
def test_within_a_command_another_is_completed_and_judged_as_if_it_stood_alone(before: str) -> None:
    suggestion = suggest(f"{before}ev f", EVERYTHING)
    assert suggestion is not None
    assert (suggestion.start, suggestion.choices[0].text) == (len(before), "events filter")
    [mistake] = mistakes(f"{before}events filter --no-suport ", 0, EVERYTHING, actor("sales"))
    assert (mistake.start, "Did you mean --no-support?" in mistake.sentence) == (
        len(before) + len("events filter "),
        True,
    )


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_prefix_has_an_answer_that_fits_it(line: str, department: str) -> None:
    offered = commands(department)
    for end in range(len(line) + 1):
        text = line[:end]
        suggestion = suggest(text, offered)
        if suggestion is None:
            continue
        assert 0 <= suggestion.start <= len(text)
        for candidate in suggestion.choices:
            typed = suggestion.prefix.split(" ")
            assert rank(typed[-1], candidate.text.split(" ")[len(typed) - 1]) is not None or (
                rank(suggestion.prefix, candidate.text) is not None
            )
        assert width(hint(text, offered, 60)) <= 60


@pytest.mark.parametrize("line", dict.fromkeys([*LINES, *(line for _, line in EXAMPLES)]))
def test_what_is_accepted_from_the_menu_leaves_what_stands_before_it_and_is_no_mistake(line: str) -> None:
    for department in DEPARTMENTS:
        offered, person = commands(department), actor(department)
        for end in range(len(line) + 1):
            suggestion = suggest(line[:end], offered)
            if suggestion is None or mistakes(line[:end], end + 1, offered, person):
                continue
            assert line[:end].startswith(line[: suggestion.start])
            for candidate in suggestion.choices:
                whole = f"{line[: suggestion.start]}{candidate.text} "
                assert mistakes(whole, len(whole), offered, person) == []


@pytest.mark.parametrize(
    ("text", "start", "offered"),
    [
        ("ev f", 0, ["events filter"]),
        ("evf", 0, ["events filter"]),
        ("  ev f", 2, ["events filter"]),
        ("EV F", 0, ["events filter"]),
        ("cl cr", 0, ["clients create"]),
        ("co s", 0, ["contracts show", "contracts sign"]),
        ("clnt", 0, ["clients"]),
        ("events flt", 7, ["filter"]),
        ("events filter --ns", 14, ["--no-support"]),
        ("events filter --nosup", 14, ["--no-support"]),
        ("events filter --sup", 14, ["--support"]),
        ("events filter -u", 14, ["--upcoming"]),
        ("help ev f", 5, ["events filter"]),
        ("e", 0, ["employees", "events", "exit"]),
        ("v", 0, ["views"]),
        ("vent", 0, []),
        ("ev f x", 5, []),
    ],
)
def test_a_few_letters_find_a_command_or_a_flag_and_no_more_than_that(
    text: str, start: int, offered: list[str]
) -> None:
    suggestion = suggest(text, EVERYTHING)
    assert suggestion.start == start
    assert [candidate.text for candidate in suggestion.choices] == offered


def test_a_flag_that_always_refuses_a_role_is_never_offered_to_it() -> None:
    for noun in ("clients", "contracts", "events"):
        for department, mine, trash in (("sales", True, False), ("support", True, False), ("management", False, True)):
            flags = choices(f"{noun} filter --", commands(department))
            assert ("--mine" in flags, "--trash" in flags) == (mine, trash)
            usage = commands(department)[f"{noun} filter"].usage
            assert ("--mine" in usage, "--trash" in usage) == (mine, trash)


def test_a_value_is_looked_for_in_the_light_of_those_before_it() -> None:
    assert suggest("history clients ", EVERYTHING).param is suggest("clients show ", EVERYTHING).param
    assert suggest("history employees ", EVERYTHING).param.metavar == "WHO"
    mode = suggest("settings set read_mode n", EVERYTHING).param
    assert [one.text for one in mode.candidates("n", None, None)] == ["need-to-know"]
    assert not list(suggest("settings set currency ", EVERYTHING).param.candidates("", None, None))
    assert "company or need-to-know" in hint("settings set read_mode ", EVERYTHING, 200)


def test_a_line_of_ten_thousand_characters_is_left_alone() -> None:
    assert suggest("events filter " + "x " * 5_000, EVERYTHING) is None


@given(st.text(alphabet=st.sampled_from("evnts lcin-=\"'\\,a1é\t#"), max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    suggestion = suggest(text, EVERYTHING)
    assert suggestion is None or suggestion.start <= len(text)
    hint(text, EVERYTHING, 60)


def test_a_role_is_never_offered_what_it_can_never_run() -> None:
    assert "create" not in choices("employees ", commands("sales"))
    assert "create" in choices("employees ", commands("management"))
    assert "audit" not in choices("", commands("management"))
    assert "create" not in choices("help employees ", commands("sales"))
    assert suggest("employees create --user", commands("sales")).choices == ()


def test_flags_that_are_given_or_excluded_are_not_suggested() -> None:
    given_one = choices("events filter --no-support --")
    assert "--no-support" not in given_one
    assert "--support" not in given_one
    assert "--mine" in given_one
    assert choices("events filter --upcoming --past") == []


def test_a_flag_that_may_be_given_again_is_suggested_again() -> None:
    line = "clients import a.csv --map Firm=company --sheet A "
    assert "--map" in choices(f"{line}--")
    assert "--sheet" not in choices(f"{line}--")


def test_after_two_dashes_alone_nothing_is_a_flag() -> None:
    assert suggest("clients show -- --", EVERYTHING).parameter.name == "client"


@pytest.mark.parametrize(
    ("text", "label", "prefix", "start"),
    [
        ("clients show ", "ID", "", 13),
        ("clients show kev", "ID", "kev", 13),
        ('clients show "Kevin Ca', "ID", "Kevin Ca", 13),
        ("events assign 109 ka", "WHO", "ka", 18),
        ("events filter --support ", "--support", "", 24),
        ("events filter --support=ka", "--support", "ka", 24),
        ('events filter --support="ka', "--support", "ka", 24),
        ("employees create --department s", "--department", "s", 30),
    ],
)
def test_a_value_is_told_with_its_parameter(text: str, label: str, prefix: str, start: int) -> None:
    suggestion = suggest(text, EVERYTHING)
    assert suggestion.parameter.label == label
    assert (suggestion.prefix, suggestion.start) == (prefix, start)


def offered(text: str, department: str = "management", memory: Memory | None = None) -> tuple[str, list[str]]:
    """(what stands before it, the candidates) of the value at the end of a line: of those that need no database."""
    suggestion = suggest(text, commands(department))
    assert suggestion.param.at_once
    found = suggestion.param.candidates(suggestion.prefix, quiet_context(actor(department), memory), None)
    return text[: suggestion.start], [candidate.text for candidate in found]


@pytest.mark.parametrize(("before", "typed", "found"), [
    ("clients list --columns ", "com", "company"),
    ("clients list --columns company,", "full", "full_name"),
    ("clients list --columns=company,", "ow", "owed"),
    ("clients list --columns company,", "cont", "contracts"),
    ('clients list --columns "id, ', "com", "company"),
    ("clients list --sort -", "comp", "company"),
    ("clients list --sort id,-", "comp", "company"),
    ("events list --group-by ", "supp", "support"),
    ("events list --group-by support --sort -", "cou", "count"),
    ("employees list --sort ", "ev", "events"),
    ("set columns.events ", "comp", "company"),
    ("set columns.events id,", "comp", "company"),
    ("set columns.events ", "def", "default"),
])  # fmt: skip
def test_the_fields_of_a_list_are_suggested_one_after_the_other(before: str, typed: str, found: str) -> None:
    stands, names = offered(before + typed)
    assert (stands, names[0]) == (before, found)


def test_a_field_is_offered_once_and_to_those_who_may_name_it() -> None:
    assert "company" not in offered("clients list --columns company,")[1]
    assert "events" in offered("employees list --columns ")[1]
    assert "events" not in offered("employees list --columns ", "admin")[1]


def test_the_fields_of_the_last_result_are_offered_for_it() -> None:
    memory = Memory(on=True)
    assert offered("last --sort ", memory=memory)[1] == []
    memory.last = Kept((1, "management"), [Column("id"), Column("note")], [])
    assert offered("last --sort -", memory=memory) == ("last --sort -", ["id", "note"])
    assert offered("last --columns id,", memory=memory)[1] == ["note"]


def test_a_comment_is_left_alone() -> None:
    assert suggest("# events ", EVERYTHING) is None
    assert suggest('clients show "a"b', EVERYTHING) is None


@given(st.text(max_size=30))
def test_a_quoted_word_is_read_back_as_it_was(text: str) -> None:
    (word,) = split(quoted(text))
    assert word.text == text
    assert word.literal or not text.startswith("--")


@given(st.text(alphabet=st.sampled_from("ab \"'\\=-"), max_size=30))
def test_a_line_so_far_is_split_as_the_whole_line_will_be(text: str) -> None:
    typed = begun(text)
    if typed is not None:
        words, last = typed
        assert all(word in split(text[: last.start]) for word in words)
        assert last.end == len(text)


def test_what_is_stored_can_not_speak_to_the_terminal() -> None:
    (shown,) = completions([Candidate("kate\x1b]0;x\x07", "Kate \x1b[31mred")], 0)
    assert "\x1b" not in shown.text + shown.display_text + shown.display_meta_text


def test_a_value_with_spaces_is_quoted() -> None:
    (shown,) = completions([Candidate("two words")], 0)
    assert shown.text == '"two words"'
    assert shown.display_text == "two words"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", IDLE),
        ("nonsense ", IDLE),
        ("contracts pay ", "contracts pay ID AMOUNT [--on DATE] · ID: contract number (the number of a contract)"),
        ("contracts pay 5 5 ", "contracts pay ID AMOUNT [--on DATE]"),
        ("contracts sign 5 ", "contracts sign ID|--where EXPRESSION [--on DATE]"),
        ("contracts sign --where 'paid' ", "contracts sign --where EXPRESSION [--on DATE]"),
        ("whoami ", "whoami"),
    ],
)
def test_the_toolbar_explains_what_is_typed(text: str, shown: str) -> None:
    assert hint(text, EVERYTHING, 100) == shown


def test_in_a_narrow_toolbar_the_meaning_comes_first() -> None:
    assert hint("events assign 5 ", EVERYTHING, 60).startswith("WHO: ")
