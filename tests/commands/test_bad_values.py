"""Bad input for every field of every command: refused, the field and what is accepted are named, nothing is changed."""

import re
import unicodedata
from collections.abc import Iterator

import pytest
from support.examples import ALONE, EXAMPLES
from support.people import People
from support.world import World

from epicshell.command import Command, Parameter
from epicshell.commands.line import bind, resolve
from epicshell.commands.words import quoted, split

_INJECTED = ["'; DROP TABLE crm.clients; --", "1 OR 1=1", "%", "_", "\\", "$$", "{0}", "%s", "%(id)s"]
_DECEIVING = ["a\x00b", "\x1b[31mred", "a\u202eb", "a\u200bb", "\udcff", "\x7f", "a\u2066b", "\ufeff"]
_NO_NUMBERS = ["", " ", "abc", "1.5", "1e3", "NaN", "inf", "0x10", "1_0", "--", "٣", "１０１", "²", "9" * 5000]
_LONG = "x" * 20_001

_NO_TEXT = ["", "   ", "a\nb", "a\tb", *_DECEIVING]
_NO_AMOUNT = ["", " ", "abc", "-5", "−5", "NaN", "inf", "1e5", "12,000", "1.234", "12.345.6", "0.001", "1 2", "5 USD"]
_NO_DATE = ["", "soon", "04/06/2023", "31/02/2024", "2024-02-30", "2024-13-01", "1066-10-14", "+9999999d", "20240615"]
_NO_TIME = ["", "soon", "2024-06-15", "04/06/2023 10:00", "2024-06-15 25:00", "2024-06-15 10:60", "2024-03-31 02:30"]
_NO_EMAIL = [
    "",
    "x",
    "a@b",
    "a b@c.example",
    "a@@b.example",
    "@b.example",
    "a@",
    "a@b..example",
    f"{'a' * 250}@b.example",
]

BAD: dict[str, list[str]] = {
    "ID": [*_NO_NUMBERS, *_INJECTED, *_DECEIVING, "-1", "0", "999999", "9" * 18, "9" * 19, "101 102", "101;", "@x"],
    "WHO": [
        "",
        "@nobody",
        "@\x1b[31m",
        "nobody.here",
        "bill.boquеt",
        "bill boquet",
        "5",
        _LONG,
        *_INJECTED,
        *_DECEIVING,
    ],
    "AMOUNT": [*_NO_AMOUNT, "99999999999999999", "9" * 5000, "٣", "1_0", "0x10", *_INJECTED, *_DECEIVING],
    "DATE": [*_NO_DATE, "NaN", "2024-06-15 10:00", "2024-06-15T10:00", "٢٠٢٤-٠٦-١٥", _LONG, *_INJECTED, *_DECEIVING],
    "TIME": [*_NO_TIME, "2024-10-27 02:30", "2024-06-15 10:00+99:00", "10:00", "13:00 PM", *_INJECTED, *_DECEIVING],
    "N": [*_NO_NUMBERS, "-1", "99999999999", *_INJECTED, *_DECEIVING],
    "BATCH": [*_NO_NUMBERS, "-1", "0", "9" * 19, *_INJECTED, *_DECEIVING],
    "EXPRESSION": ["", "soon", "id", "id = x", "id = 1 or", "(id = 1", "nonsense = 1", *_INJECTED, *_DECEIVING],
    "EMAIL": [*_NO_EMAIL, *_INJECTED, *_DECEIVING],
    "PHONE": ["", "12", "abc", "1" * 60, "call me", *_INJECTED, *_DECEIVING],
    "NAME": [*_NO_TEXT, "x" * 201],
    "PLACE": [*_NO_TEXT, "x" * 301],
    "TEXT": [_LONG, *_DECEIVING],
    "USERNAME": [
        "",
        "ab",
        "Bill Boquet",
        "a" * 33,
        ".bill",
        "bill..b",
        "b@ll",
        "bíll",
        "1bill",
        *_INJECTED,
        *_DECEIVING,
    ],
    "DEPARTMENT": ["", "marketing", "sale", "sales,support", *_INJECTED, *_DECEIVING],
    "NOUN": ["", "payments", "client", "settings", *_INJECTED, *_DECEIVING],
    "VALUE": ["", "EURO", "eur", "€", *_INJECTED, *_DECEIVING],
    "FORMAT": ["", "xml", "jsonl", *_INJECTED, *_DECEIVING],
    "FIELDS": [*_INJECTED, *_DECEIVING],
    "FIELD": ["", "nonsense", "id,id", "count(*)", *_INJECTED, *_DECEIVING],
    "FILE": ["", "missing.csv", "/", "/dev/null", "missing/file.csv", *_INJECTED[:5], "a\x00b", "\x1b[31mred"],
    "SHEET": ["", "Nonsense", *_INJECTED[:5]],
    "HEADER=FIELD": ["", "=", "x", "x=nonsense", "=company", *_INJECTED],
    "OLD=ID": ["", "=", "652", "652=x", "x=17", "652=0", *_INJECTED],
    "PERIOD": ["", "soon", "2024-13", "2024-q5", "04/06/2023", "2026..", "+3m", *_INJECTED, *_DECEIVING],
    "PAYMENT-ID": [*_NO_NUMBERS, *_INJECTED, *_DECEIVING, "-1", "0", "999999"],
}
#: Beside those of their type.
OF_FIELD: dict[str, list[str]] = {
    "sort": ["", "nonsense", "id;", "id,,name", "--id", "id desc", "created_at::text", *_INJECTED[:3], "x" * 1001],
    "columns": ["", "nonsense", "id;", "id,,id", "id,id", "count(*)", "*", *_INJECTED[:3], "x" * 1001],
    "limit": ["0"],
    "if_revision": ["0", "77"],
    "amount": ["0", "0.00", "5000.01"],
    "due": ["12000.01", "1M"],
    "on": ["tomorrow", "+1d", "2199-01-01"],
    "ends_at": ["2031-05-01 10:00", "2031-05-01 09:59"],
    "starts_at": ["2031-05-02 10:00", "2032-01-01 10:00"],
}
LEFT_OUT = ALONE | {"help", "policy", "let", "find", "views save", "views run"}
Values = dict[str, str | None]
HELPS = (
    "Accepted|Kept so far|Write |Did you mean|[Tt]here is no|employees list shows|can't be seen|has .. days|Amounts are"
    "|Check --|Such as|A condition is|Close it|Give a CSV|Accepts|is not expected here|is missing|It has"
)


def cases() -> Iterator[tuple[str, Command, Parameter, Values, list[str]]]:
    """Each field once: all bad values for the first of its type, every sixth for the others."""
    fields, types = set(), set()
    for who, line in EXAMPLES:
        command, words = resolve(split(line))
        if command.name in LEFT_OUT:
            continue
        values = bind(command, words).values
        for parameter in command.parameters:
            field = (command.handler, parameter.name)
            if not parameter.switch and parameter.name in values and field not in fields:
                bad = BAD[parameter.param.metavar][:: 6 if id(parameter.param) in types else 1]
                fields.add(field)
                types.add(id(parameter.param))
                yield who, command, parameter, values, [*bad, *OF_FIELD.get(parameter.name, [])]


CASES = list(cases())


def written(command: Command, values: Values) -> str:
    """The line of a command with these values."""
    words = [command.name]
    for parameter in command.parameters:
        if parameter.name in values:
            words += [parameter.flag or parameter.clause] if parameter.flag or parameter.clause else []
            raw = quoted if not parameter.clause else str
            words += [] if parameter.switch else [raw(values[parameter.name] or "")]
    return " ".join(words)


def is_harmless(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text.replace("\n", ""))


@pytest.mark.parametrize("case", CASES, ids=[f"{command.name} {parameter.name}" for _, command, parameter, *_ in CASES])
def test_bad_values_are_refused(
    everyone: People, shared_world: World, case: tuple[str, Command, Parameter, Values, list[str]]
) -> None:
    who, command, parameter, values, bad = case
    everyone["bill.boquet"]  # whose session has the number 1
    before = shared_world.state("sec.sessions", "sec.attachments")
    for value in bad:
        line = written(command, {**values, parameter.name: value})
        result = everyone[who](line)
        about = f"{parameter.label}|There is no|revision|is not the number of|currency can't be|must end after"
        about += "|no sheet|no file"
        assert (result.code, result.out) == (1, ""), f"{line}: {result}"
        assert re.search(about, result.err), f"{line}: {result.err}"
        assert re.search(HELPS, result.err) or "revision" in result.err, f"{line}: {result.err}"
        assert is_harmless(result.err), line
        assert len(result.err) < 500, line
    assert shared_world.state("sec.sessions", "sec.attachments") == before
