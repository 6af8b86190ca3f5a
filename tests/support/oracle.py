"""What expressions of the filter language mean, a second time: random ones with their answer over rows in Python.

Nothing of epicshell is used: dates, folding and the two-valued logic are written anew, from the documentation.
"""

import calendar
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from support.world import World

ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  #: half an hour before the day on which an hour is missing
TODAY = date(2026, 3, 28)
ME = "mia.manager"

Row = dict[str, Any]
Holds = Callable[[Row], bool]

TYPES = {
    "clients": {
        "id": "number", "full_name": "text", "email": "text", "phone": "text", "company": "text", "sales": "person",
        "first_contact_on": "day", "created_at": "time", "updated_at": "time", "revision": "number",
        "support": "people", "prospect": "yes", "contracts": "number", "events": "number", "owed": "money",
        "last_signed_at": "time", "last_event_at": "time", "last_activity_at": "time",
    },
    "contracts": {
        "id": "number", "client_id": "number", "client": "text", "sales": "person", "total": "money", "due": "money",
        "signed": "yes", "signed_at": "time", "created_at": "time", "updated_at": "time", "revision": "number",
        "company": "text", "client_email": "text", "client_phone": "text", "support": "people", "paid": "yes",
        "events": "number",
    },
    "events": {
        "id": "number", "name": "text", "contract_id": "number", "client_id": "number", "client": "text",
        "client_email": "text", "client_phone": "text", "sales": "person", "support": "person", "starts_at": "time",
        "ends_at": "time", "location": "text", "attendees": "number", "notes": "text", "created_at": "time",
        "updated_at": "time", "revision": "number", "company": "text", "total": "money", "due": "money", "paid": "yes",
        "signed": "yes", "signed_at": "time",
    },
    "employees": {
        "id": "number", "username": "person", "full_name": "text", "email": "text", "active": "yes",
        "created_at": "time", "last_login_at": "time", "revision": "number", "clients": "number", "events": "number",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """text: as somebody types it. holds: whether it does, for a row."""

    text: str
    holds: Holds


class Maker:
    """Makes expressions over some rows. people: usernames that there are."""

    def __init__(self, noun: str, rows: list[Row], people: list[str], seed: int) -> None:
        self.noun, self.rows, self.people = noun, rows, people
        self.random = random.Random(seed)

    def expression(self, depth: int = 3) -> Expression:
        kind = self.random.choice(["one", "one", "not", "and", "or"]) if depth else "one"
        if kind == "one":
            return self.condition()
        if kind == "not":
            inner = self.expression(depth - 1)
            return Expression(f"{self.cased('not')} ({inner.text})", lambda row: not inner.holds(row))
        parts = [self.expression(depth - 1) for _ in range(self.random.randint(2, 3))]
        text = f" {self.cased(kind)} ".join(f"({part.text})" for part in parts)
        every = all if kind == "and" else any
        return Expression(text, lambda row: every(part.holds(row) for part in parts))

    def cased(self, word: str) -> str:
        return self.random.choice([word, word.upper(), word.title()])

    def condition(self) -> Expression:
        name, kind = self.random.choice(list(TYPES[self.noun].items()))
        if kind == "yes":
            return self._yes(name)
        if self.random.random() < 0.1:
            negated = self.random.random() < 0.5
            empty = self.cased("is not empty" if negated else "is empty")
            return Expression(f"{name} {empty}", lambda row: bool(row[name] in (None, set())) != negated)
        return {"text": self._text, "person": self._person, "people": self._person}.get(kind, self._ordered)(name, kind)

    def _yes(self, name: str) -> Expression:
        asked = self.random.random() < 0.5
        text = self.random.choice([f"{name} = {'yes' if asked else 'no'}", f"{name} != {'no' if asked else 'yes'}"])
        if self.random.random() < 0.3:
            text = name if asked else f"not {name}"
        return Expression(text, lambda row: row[name] == asked)

    def _text(self, name: str, _kind: str) -> Expression:
        seen = self.random.choice([row[name] for row in self.rows if row[name]] or ["x"])
        if self.random.random() < 0.5:
            start = self.random.randrange(len(seen))
            part = seen[start : start + self.random.randint(1, 6)]
            part = self.random.choice([part, part.upper(), folded(part), part + "%", "_" + part]).strip() or "a"
            return self._either("~", "!~", name, quoted(part), lambda one: folded(part) in folded(one))
        return self._equal(name, [seen, seen.upper(), "nothing"])

    def _equal(self, name: str, values: list[str]) -> Expression:
        if self.random.random() < 0.5:
            value = self.random.choice(values)
            return self._either("=", "!=", name, quoted(value), lambda one: one == value)
        listed = ", ".join(map(quoted, values))
        return self._either("in", "not in", name, f"({listed})", lambda one: one in values)

    def _person(self, name: str, kind: str) -> Expression:
        who = self.random.choice(self.people)
        if self.random.random() < 0.3:
            part = who[1:5]
            return self._among("~", "!~", name, part, kind, lambda one: part in one)
        if self.random.random() < 0.2:
            return self._among("=", "!=", name, self.cased("me"), kind, lambda one: one == ME)
        if self.random.random() < 0.5:
            return self._among("=", "!=", name, who, kind, lambda one: one == who)
        two = [who, self.random.choice(self.people)]
        return self._among("in", "not in", name, f"({', '.join(two)})", kind, lambda one: one in two)

    def _among(self, op: str, other: str, name: str, value: str, kind: str, fits: Callable[[str], bool]) -> Expression:
        if kind == "people":
            return self._either(op, other, name, value, lambda many: any(map(fits, many)))
        return self._either(op, other, name, value, fits)

    def _either(self, op: str, other: str, name: str, value: str, fits: Callable[[Any], bool]) -> Expression:
        """A comparison, or its exact negation."""
        negated = self.random.random() < 0.4
        text = f"{name} {self.cased(other if negated else op)} {value}"
        return Expression(text, lambda row: (row[name] is not None and fits(row[name])) != negated)

    def _ordered(self, name: str, kind: str) -> Expression:
        (first, low, high), (second, low2, high2) = self._span(name, kind), self._span(name, kind)
        shape = self.random.choice(["=", "!=", "<", "<=", ">", ">=", "list", "range"])
        if shape == "list":
            inside = lambda one: low <= one < high or low2 <= one < high2  # noqa: E731
            return self._either("in", "not in", name, f"({first},{second})", inside)
        if shape == "range" and low < high2:
            dots = self.random.choice(["..", " .. "])
            return self._either("in", "not in", name, f"{first}{dots}{second}", lambda one: low <= one < high2)
        fits: dict[str, Callable[[Any], bool]] = {
            "<": lambda one: one < low, "<=": lambda one: one < high, ">": lambda one: one >= high,
            ">=": lambda one: one >= low, "=": lambda one: low <= one < high,
        }  # fmt: skip
        if shape in ("!=", "range"):
            return self._either("=", "!=", name, first, fits["="])
        return Expression(f"{name}{shape}{first}", lambda row: row[name] is not None and fits[shape](row[name]))

    def _span(self, name: str, kind: str) -> tuple[str, Any, Any]:
        """(text, from, up to) of a value."""
        if kind in ("time", "day"):
            text, start, end = self.random.choice(PERIODS)
            if kind == "day":
                return self._span(name, kind) if isinstance(start, datetime) else (text, start, end)
            return text, moment(start), moment(end)
        seen = [row[name] for row in self.rows if row[name] is not None] or [1]
        number = max(0, self.random.choice(seen) + self.random.choice([-1, 0, 0, 0, 1]))
        if kind == "money":
            units, cents = divmod(number, 100)
            texts = [f"{units}.{cents:02}"] + ([f"{units // 1000}k"] if number % 100_000 == 0 else [])
            return self.random.choice(texts), number, number + 1
        return str(number), number, number + 1


def folded(text: str) -> str:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not 0x300 <= ord(one) <= 0x36F).lower()
    for letter, plainer in zip("øłđıðςßæœþ", ["o", "l", "d", "i", "d", "σ", "ss", "ae", "oe", "th"], strict=True):
        plain = plain.replace(letter, plainer)
    return plain


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def moment(edge: date | datetime) -> datetime:
    return edge if isinstance(edge, datetime) else datetime.combine(edge, time(), ZONE).astimezone(UTC)


def _months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def _periods() -> list[tuple[str, Any, Any]]:
    """(text, start, end) of dates in every form, around NOW."""
    day = timedelta(days=1)
    found: list[tuple[str, Any, Any]] = [
        ("now", NOW, NOW + timedelta(microseconds=1)),
        ("-2h", NOW - timedelta(hours=2), NOW - timedelta(hours=2) + timedelta(microseconds=1)),
        ("+90min", NOW + timedelta(minutes=90), NOW + timedelta(minutes=90, microseconds=1)),
        ('"2026-03-28 23:30"', NOW, NOW + timedelta(minutes=1)),
        ("2026-03-29T03:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 31, tzinfo=UTC)),
        ("2024-w01", date(2024, 1, 1), date(2024, 1, 8)),
        ("2026-w53", date(2026, 12, 28), date(2027, 1, 4)),
        ('"15 Jan 2026"', date(2026, 1, 15), date(2026, 1, 16)),
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("2025-Q4", date(2025, 10, 1), date(2026, 1, 1)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("2026-03-29", date(2026, 3, 29), date(2026, 3, 30)),
    ]
    for number, name in ((0, "today"), (1, "tomorrow"), (-1, "yesterday"), (9, "+9d"), (-60, "-60d"), (-21, "-3w")):
        found.append((name, TODAY + number * day, TODAY + (number + 1) * day))
    for months in (-1, 11, -12):
        start = _months(TODAY, months)
        found.append((f"{months:+}mo", start, start + day))
    found.append(("-1y", date(2025, 3, 28), date(2025, 3, 29)))
    for step, which in ((-1, "last"), (0, "this"), (1, "next")):
        monday = TODAY - timedelta(days=TODAY.weekday()) + step * 7 * day
        found.append((f"{which}-week", monday, monday + 7 * day))
        for unit, length in (("month", 1), ("quarter", 3), ("year", 12)):
            first = date(2026, (TODAY.month - 1) // length * length + 1, 1)
            start = _months(first, step * length)
            found.append((f"{which}-{unit}".title(), start, _months(start, length)))
    return found


PERIODS = _periods()


def gathered(world: World) -> dict[str, list[Row]]:
    """All live records by their noun, each with what is known of its neighbours."""
    tables: dict[str, list[Row]] = {}
    with world.owner().cursor() as cursor:
        for noun in TYPES:
            cursor.execute(f"SELECT * FROM crm.{noun}")
            names = [column.name for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            tables[noun] = [row for row in found if row.get("deleted_at") is None]
    paid = world.rows("SELECT contract_id, paid_on FROM crm.payments")
    people = {one["id"]: one for one in tables["employees"]}
    for noun in ("clients", "contracts", "events"):
        for row in tables[noun]:
            row["sales"] = people[row["sales_id"]]["username"]
    for event in tables["events"]:
        event["support"] = people[event["support_id"]]["username"] if event["support_id"] else None
        event["notes"] = event["notes"] or None
    for name, children, key in (("clients", "contracts", "client_id"), ("contracts", "events", "contract_id")):
        for row in tables[name]:
            row[children] = [child for child in tables[children] if child[key] == row["id"]]
    for client in tables["clients"]:
        client["events"] = [event for event in tables["events"] if event["client_id"] == client["id"]]
        client["support"] = {event["support"] for event in client["events"] if event["support"]}
        signed = [one for one in client["contracts"] if one["signed_at"]]
        client["prospect"], client["owed"] = not signed, sum(one["due"] for one in signed)
        client["last_signed_at"] = max((one["signed_at"] for one in signed), default=None)
        client["last_event_at"] = max((one["starts_at"] for one in client["events"]), default=None)
        client["last_activity_at"] = _last_activity(client, paid)
    for contract in tables["contracts"]:
        contract["support"] = {event["support"] for event in contract["events"] if event["support"]}
        contract["paid"], contract["signed"] = contract["due"] == 0, contract["signed_at"] is not None
    _from_parents(tables)
    for one in tables["employees"]:
        one["clients"] = sum(client["sales_id"] == one["id"] for client in tables["clients"])
        one["events"] = sum(event["support_id"] == one["id"] for event in tables["events"])
    for client in tables["clients"]:
        client["contracts"], client["events"] = len(client["contracts"]), len(client["events"])
    for contract in tables["contracts"]:
        contract["events"] = len(contract["events"])
    return tables


def _last_activity(client: Row, paid: list[tuple[int, date]]) -> datetime:
    """The last first contact, contract, signature, payment (days at noon in UTC) or end of an event."""
    drawn = {one["id"]: max(filter(None, (one["created_at"], one["signed_at"]))) for one in client["contracts"]}
    days = [client["first_contact_on"], *(day for contract, day in paid if contract in drawn)]
    moments = [datetime.combine(day, time(12), UTC) for day in days]
    return max(*moments, *drawn.values(), *(one["ends_at"] for one in client["events"]), moments[0])


def _from_parents(tables: dict[str, list[Row]]) -> None:
    clients, contracts = ({row["id"]: row for row in tables[noun]} for noun in ("clients", "contracts"))
    for row in (*tables["contracts"], *tables["events"]):
        client = clients[row["client_id"]]
        row |= {"client": client["full_name"], "company": client["company"]}
        row |= {"client_email": client["email"], "client_phone": client["phone"]}
    for event in tables["events"]:
        contract = contracts[event["contract_id"]]
        event |= {name: contract[name] for name in ("total", "due", "paid", "signed", "signed_at")}
