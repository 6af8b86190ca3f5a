"""What is wrong with a line is known before Enter, without a database, and never before it is certain."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.examples import ADA, BILL, EXAMPLES, KATE, MIA
from support.reader import DEPARTMENTS, actor, commands

from epicshell.command import load
from epicshell.commands.line import bind, resolve
from epicshell.commands.words import Unfinished, split
from epicshell.errors import NotUnderstood
from epicshell.shell.highlight import painted, parts
from epicshell.shell.mistakes import mistakes, quiet_context
from epicshell.shell.reading import LONGEST
from epicshell.shell.toolbar import complaint
from epicshell.text import width

MANAGER = actor("management")
EVERYTHING = load()
VOCABULARY = [
    "events", "filter", "list", "create", "contracts", "sign", "exit", "history", "clients", "--no-support",
    "--support", "--upcoming", "--past", "--from=x", "--mine=1", "--limit", "5", "--", "-x", "'a b'", '"--mine"',
    "help", "nonsense",
]  # fmt: skip


def wrong(text: str, department: str = "management", cursor: int | None = None) -> list[tuple[str, str]]:
    """(the part that is marked, the sentence); the cursor stands at the end."""
    place = len(text) if cursor is None else cursor
    found = mistakes(text, place, commands(department), actor(department))
    return [(text[one.start : one.end], one.sentence) for one in found]


@pytest.mark.parametrize(
    ("text", "marked", "says"),
    [
        ("evnts ", "evnts", "Did you mean events?"),
        ("nonsense x", "nonsense", "is not a command"),
        ("events flter ", "flter", "Did you mean events filter?"),
        ("ev f ", "ev", "Did you mean events filter?"),
        ("events filter --no-suport ", "--no-suport", "Did you mean --no-support?"),
        ("events filter --upcoming --upcoming ", "--upcoming", "given twice"),
        ("events filter --upcoming --past ", "--past", "exclude each other"),
        ("events filter --no-support --support ", "--support", "exclude each other"),
        ("events filter --support --upcoming ", "--support", "needs a value"),
        ("events filter --upcoming=1 ", "--upcoming=1", "takes no value"),
        ("events show 1 2 ", "2", "one word too many"),
        ('clients show "a"b', '"a"b', "goes on after its end"),
        ("events filter --from 2026-13-01 ", "2026-13-01", "no month 13"),
        ("events filter --from=04/06/2023 ", "04/06/2023", "is the day first"),
        ("contracts create --client 1 --total 12,000 ", "12,000", "thousands or decimals"),
        ("events filter --format jsn ", "jsn", "Did you mean json?"),
        ("events filter --sort=-nam ", "nam", "Did you mean name?"),
        ("clients list --columns id,nonsense ", "nonsense", "no field"),
        ("set columns.events id,compny ", "compny", "Did you mean company?"),
        ("events list --group-by suport ", "suport", "Did you mean support?"),
        ("events filter --limit many ", "many", "not a whole number"),
        ("clients show kevin ", "kevin", "not the number of a client"),
        ("history clients kevin ", "kevin", "not the number of a client"),
        ("employees create --department admin ", "admin", "Who makes an admin"),
        ("settings set currency USD ", "settings set", "no right settings:set"),
        ("events filter --mine ", "--mine", "for sales and support"),
    ],
)
def test_a_mistake_is_marked_where_it_is_with_the_sentence_of_enter(text: str, marked: str, says: str) -> None:
    ((found, sentence),) = wrong(text)
    assert found == marked
    assert says in sentence


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "# evnts ", "evnts", "ev f", "events", "events ", "events flt", "events filter --no-su",
        "events filter --upcoming --pa", "events filter --support ", "events filter --from 2026-13", "events show 1 2",
        "clients show kev", "clients show 'Kevin C", "clients show \\", "contracts create ",
        "history employees bill.b ",
        "set columns.events default ", "events list --sort=-count ",
        "events show @client ", "events filter --sort id ", "help nonsense foo ", "clients create --email x --phone y ",
        "clients update 101 --if-revision 3 --company L'Oréal --phone 'x",
    ],
)  # fmt: skip
def test_what_may_still_become_right_is_no_mistake(text: str) -> None:
    assert wrong(text, "sales" if "clients" in text else "management") == []


def test_a_word_that_the_cursor_has_left_is_a_mistake_even_at_the_end() -> None:
    assert wrong("events filter --no-suport", cursor=3) == wrong("events filter --no-suport ")
    assert wrong("clients show 'Kevin", cursor=2)[0][0] == "'Kevin"


def test_two_values_that_are_refused_are_both_marked() -> None:
    marked = [found for found, _ in wrong("events filter --from x --to y ")]
    assert marked == ["x", "y"]


@pytest.mark.parametrize(("who", "line"), EXAMPLES)
def test_a_good_line_has_no_mistake_at_any_place_of_the_cursor(who: str, line: str) -> None:
    department = {BILL: "sales", KATE: "support", MIA: "management", ADA: "admin"}[who]
    for place in range(len(line) + 2):
        assert wrong(line, department, cursor=place) == []


@given(st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join))
@example("events filter --support events --no-support events")
@settings(max_examples=300)
def test_marked_is_what_enter_refuses_and_nothing_else(text: str) -> None:
    found = mistakes(text, len(text) + 1, EVERYTHING, None)
    refused = entered(text)
    if refused is None:
        assert found == []
    elif found:
        assert found[-1].sentence.startswith(refused.sentence)
    else:
        assert "needs a v" in refused.sentence  # a verb, a value: it may still come


def entered(text: str) -> NotUnderstood | None:
    """What Enter says to the form of a line."""
    words = split(text)
    try:
        if words:
            bind(*resolve(words, lambda: EVERYTHING))
    except NotUnderstood as error:
        return error
    return None


@given(st.text(alphabet=st.sampled_from("evnts lcifr-=\"'\\,a1é\t#@"), max_size=40), st.integers(0, 41))
def test_no_text_is_too_odd(text: str, cursor: int) -> None:
    found = mistakes(text, cursor, EVERYTHING, MANAGER)
    assert all(0 <= one.start <= one.end <= len(text) for one in found)
    assert "".join(piece[1] for piece in painted(text, parts(text, EVERYTHING), found)) == text
    assert width(complaint(cursor, found, 20)) <= 20


def test_a_line_that_is_far_too_long_is_left_alone() -> None:
    text = "nonsense " * LONGEST
    assert mistakes(text, 0, EVERYTHING, MANAGER) == []
    assert list(parts(text, EVERYTHING)) == []


def test_no_key_loads_a_heavy_library() -> None:
    for name in ("email_validator", "phonenumbers"):
        sys.modules.pop(name, None)
    wrong("clients create --email nobody --phone nothing --first-contact-on today ", "sales")
    assert not {"email_validator", "phonenumbers"} & set(sys.modules)


def test_a_context_of_nobody_s_connection_knows_the_day() -> None:
    assert quiet_context(MANAGER).today


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_the_last_mistake_before_the_cursor_is_told(department: str) -> None:
    text = "events filter --from x --to y --limit z "
    found = mistakes(text, text.index("--limit"), EVERYTHING, actor(department))
    assert complaint(text.index("--limit"), found, 200).startswith("--to:")


def test_an_open_quotation_is_unfinished() -> None:
    with pytest.raises(Unfinished) as refused:
        split("clients show 'Kev")
    assert refused.value.start == 13
