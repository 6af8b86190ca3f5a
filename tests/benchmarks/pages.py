"""First pages of every filter, and completion of records, for each department in both read modes."""

import json
import statistics
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from crowd import Crowd, Psql, Reader
from measure import Row, ms, seconds

from epicshell.context import Context, Memory
from epicshell.models import MODELS, Client, Contract, Event
from epicshell.params import BY_ENTITY
from epicshell.policy import Permission

MODES = ("company", "need-to-know")
DEPARTMENTS = ("management", "sales", "support")
FLAGS = {
    "clients": ["", "--prospects", "--sales bill.boquet"],
    "contracts": [
        *["", "--unsigned", "--signed", "--unpaid", "--paid", "--no-event", "--signed --unpaid", "--signed --no-event"],
        *["--client {client}", "--sales bill.boquet"],
    ],
    "events": [
        *["", "--no-support", "--support kate.hastroff", "--upcoming", "--past", "--no-support --upcoming"],
        *["--from today", "--to today", "--client {client}", "--contract {contract}"],
    ],
}
#: Expressions that an index serves, over the entity itself and over its neighbours.
WHERE = {
    "clients": [
        "sales = bill.boquet and prospect",
        'company = "{company}"',
        "contracts = 0",
        "events = 0",
        "owed > 10k",
        "first_contact_on = last-month",
        "support = kate.hastroff",
    ],
    "contracts": [
        "not paid and total > 10k and signed_at < -90d",
        "signed_at = last-quarter",
        'company = "{company}" and not paid',
        "events = 0 and signed",
        "due in 5k..6k and sales = bill.boquet",
    ],
    "events": [
        "support is empty and starts_at = next-month",
        "starts_at = next-week and location ~ paris",
        "support = kate.hastroff and starts_at in today..+7d",
        'company = "{company}"',
        "total > 10k and due > 0 and starts_at > today",
        "support != me and not (starts_at < today or attendees <= 200)",
    ],
}
PREFIXES = ("", "6", "77", "1234", "z", "dub", "martin", "media 5", "xqz")
NEEDS = {
    "management": (Permission.CLIENT_REASSIGN, Permission.CONTRACT_SIGN, Permission.EVENT_ASSIGN),
    "sales": (Permission.CLIENT_UPDATE, Permission.CONTRACT_SIGN, Permission.EVENT_READ),
    "support": (Permission.CLIENT_READ, Permission.CONTRACT_READ, Permission.EVENT_UPDATE),
}


@dataclass(frozen=True)
class Page:
    """What a line took here: the median and the worst in seconds, the statements; and its page in psql."""

    line: str
    median: float
    worst: float
    statements: int
    psql: float


def rows(crowd: Crowd) -> Iterator[Row]:
    """A row per read mode and department for pages, then one for completion."""
    for mode in MODES:
        crowd.read_mode(mode)
        for who in DEPARTMENTS:
            yield _pages(crowd, mode, who)
            yield _completion(crowd, mode, who)
    crowd.read_mode("company")


def _pages(crowd: Crowd, mode: str, who: str) -> Row:
    reader = crowd.reader(who)
    with closing(Psql(crowd, who)) as psql:
        pages = [_page(reader, psql, line) for line in _lines(reader, who)]
    slowest = max(pages, key=lambda page: page.median)
    measured = (
        f"median {ms(statistics.median(page.median for page in pages))},"
        f" slowest {ms(slowest.median)} (`{slowest.line}`), worst once {ms(max(page.worst for page in pages))},"
        f" statements ≤ {max(page.statements for page in pages)}"
    )
    reference = (
        f"psql, the same pages: median {ms(statistics.median(page.psql for page in pages))},"
        f" slowest {ms(max(page.psql for page in pages))}"
    )
    return Row(f"first page of {len(pages)} filters, {who}, {mode}", measured, "≤ 20 ms, ≤ 3 statements", reference)


def _lines(reader: Reader, who: str) -> Iterator[str]:
    """Every flag of a list, with a client and a contract that the reader may see."""
    reader.run("events filter")
    seen = {"client": _first(reader, "client_id"), "contract": _first(reader, "contract_id")}
    reader.run(f"clients show {seen['client']} --format json")
    seen["company"] = json.loads(reader.dispatcher.output.out.getvalue())["company"]
    for noun, flags in FLAGS.items():
        own = "--trash" if who == "management" else "--mine"
        for flag in (*flags, own):
            yield f"{noun} filter {flag.format(**seen)}".strip()
        for expression in WHERE[noun]:
            yield f"{noun} filter where {expression.format(**seen)}"


def _first(reader: Reader, column: str) -> str:
    """The number in a column of the reader's first event."""
    reader.run(f"events filter --limit 1 --columns {column} --format tsv")
    return reader.dispatcher.output.out.getvalue().split()[1]


def _page(reader: Reader, psql: Psql, line: str) -> Page:
    taken = seconds(lambda: reader.run(line))
    statements, page = len(reader.statements), f"{reader.page()};"
    other = statistics.median(seconds(lambda: psql.send(page)))
    return Page(line, statistics.median(taken), max(taken), statements, other)


def _completion(crowd: Crowd, mode: str, who: str) -> Row:
    reader = crowd.reader(who)
    context = Context(reader.account, reader.dispatcher.terminal, Memory(on=False))
    taken: dict[str, float] = {}
    with context.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        for model, needs in zip((Client, Contract, Event), NEEDS[who], strict=True):
            for prefix in PREFIXES:
                ask = partial(BY_ENTITY[model].candidates, prefix, context, needs)
                taken[f"{model.noun} {prefix!r}"] = statistics.median(seconds(ask, 3))
    slowest = max(taken, key=taken.__getitem__)
    measured = f"median {ms(statistics.median(taken.values()))}, slowest {ms(taken[slowest])} ({slowest})"
    return Row(f"{len(taken)} completions of a record, {who}, {mode}", measured, "beside the typing", "–")
