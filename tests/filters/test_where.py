"""The filter language as people meet it: what it understands, what it refuses, and how it points."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from support.people import People
from support.world import Ids

from epicshell.command import load
from epicshell.errors import Invalid
from epicshell.filters.where import read
from epicshell.filters.where.grammar import expected
from epicshell.filters.where.lexer import unwrapped
from epicshell.filters.where.periods import period
from epicshell.models import Client, Contract, Event

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)
IDS = Ids()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", date(2026, 11, 21), date(2026, 11, 22)),
        ("LAST-QUARTER", date(2026, 7, 1), date(2026, 10, 1)),
        ("next-month", date(2026, 12, 1), date(2027, 1, 1)),
        ("this-week", date(2026, 11, 16), date(2026, 11, 23)),
        ("-1mo", date(2026, 10, 21), date(2026, 10, 22)),
        ("+3mo", date(2027, 2, 21), date(2027, 2, 22)),
        ("-1y", date(2025, 11, 21), date(2025, 11, 22)),
        ("2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2024-q4", date(2024, 10, 1), date(2025, 1, 1)),
        ("2024-W24", date(2024, 6, 10), date(2024, 6, 17)),
        ("2020-w53", date(2020, 12, 28), date(2021, 1, 4)),
        ("15 juin 2024", date(2024, 6, 15), date(2024, 6, 16)),
    ],
)
def test_a_date_is_a_span_of_days(text: str, start: date, end: date) -> None:
    assert period(text, NOW, PARIS).days(PARIS) == (start, end)


def test_a_minute_is_a_span_of_time_and_now_a_moment() -> None:
    start, end = period("2024-06-15 10:30", NOW, PARIS).in_zone(PARIS)
    assert (start, (end - start).seconds) == (datetime(2024, 6, 15, 8, 30, tzinfo=UTC), 60)
    assert period("-2h", NOW, PARIS).in_zone(PARIS)[0] == datetime(2026, 11, 21, 7, 15, tzinfo=UTC)
    assert period("now", NOW, PARIS).start == NOW


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    start, end = (edge.astimezone(UTC) for edge in period(day, NOW, PARIS).in_zone(PARIS))
    assert (end - start).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("+3m", "minutes or months? Write +3min or +3mo."),
        ("7d", "is not a date. Write +7d or -7d."),
        ("-90 days", "is not a date. Write -90d."),
        ("04/06/2023", "is the day first, or the month?"),
        ("2024-13", "there is no month 13"),
        ("2024-q5", "there is no quarter 5"),
        ("2023-w53", "2023 has no week 53"),
        ("2024-02-30", "has 29 days"),
        ("+999999y", "out of range"),
        ("1024", "out of range"),
        ("2026-03-29 02:30", "does not exist in Europe/Paris"),
        ("2026-10-25 02:30", "happens twice in Europe/Paris"),
        ("Next week", "is not a date. Write next-week."),
        ("nextweek", "is not a date. Write next-week."),
        ("soon", "is not a date. Accepted: today, next-week"),
    ],
)
def test_a_date_that_is_none_or_two_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        period(text, NOW, PARIS)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("model", "text", "column", "says"),
    [
        (Event, "locatoin = Paris", 1, "Did you mean location?"),
        (Event, "zzz = 1", 1, "Accepted: id, name,"),
        (Client, "company = New York", 15, 'Quote values that contain spaces: "New York"'),
        (Event, "starts_at > 15 Jun 2024", 16, 'Quote values that contain spaces: "15 Jun 2024"'),
        (Event, "support", 1, "support needs an operator and a value. Such as: support = me"),
        (Event, "support kate.hastroff", 9, "An operator is missing: support = kate.hastroff"),
        (Event, "support > me", 9, "Accepted: =, !=, ~, !~, in, not in, is empty, is not empty."),
        (Event, "attendees ~ 3", 11, "Accepted: =, !=, <"),
        (Event, "attendees = many", 13, "is not a number. Accepted: 12, 10k, 1M."),
        (Event, "attendees = 1.234", 13, "is not a whole number"),
        (Event, "total > 12,000", 9, "is ambiguous: thousands or decimals?"),
        (Contract, "signed = last-quarter", 10, "Did you mean signed_at?"),
        (Contract, "signed < 3", 8, "Did you mean signed_at?"),
        (Contract, "total >", 8, "A value is missing behind >."),
        (Contract, "total == 3", 8, "Write = for ==."),
        (Contract, "total <> 3", 8, "Write != for <>."),
        (Contract, "signed && paid", 8, "Between conditions stand and, or."),
        (Contract, "(signed or paid", 1, 'Close it with ")".'),
        (Contract, "signed)", 7, 'There is a ")" too many.'),
        (Contract, "signed and", 11, "A condition is missing at the end."),
        (Contract, "support = empty", 11, "Write support is empty."),
        (Contract, "support != empty", 12, "Write support is not empty."),
        (Contract, "support is null", 12, "Behind is stands empty, or not empty. Write support is empty."),
        (Contract, "support is not null", 16, "Write support is not empty."),
        (Contract, "support is eve.martin", 12, "Write support = eve.martin, or support is empty."),
        (Contract, "paid is not true", 13, "Write paid != true."),
        (Contract, "support empty", 9, "Write support is empty."),
        (Event, 'location = ""', 12, 'location: "" is no text. Write location is empty.'),
        (Event, 'location != " "', 13, "Write location is not empty."),
        (Event, "location in (null, b)", 14, 'Write location is empty. As a text it is quoted: "null".'),
        (Event, "attendees > 100 starts_at > today", 17, "Between conditions stand and, or."),
        (Event, "location ~ paris support is empty", 18, "Between conditions stand and, or."),
        (Event, "location ~ paris and --limit 3", 22, "Flags stand before where: … --limit … where …"),
        (Client, "owed > 0 order by owed", 10, "Flags stand before where: … --sort FIELD … where …"),
        (Event, "starts_at = next week", 18, "Write next-week."),
        (Event, "starts_at > 3 days ago", 15, "Write -3d."),
        (Event, "starts_at < 2 weeks", 15, "Write +2w or -2w."),
        (Event, "id in (1 2)", 10, "Between values stands a comma."),
        (Event, "id = 109;", 9, "Write nothing there"),
        (Event, "not unpaid", 5, "Write not paid."),
        (Event, "unassigned", 1, "Write support is empty."),
        (Contract, "due = total", 7, "A field is compared with a value, not with another field."),
        (Contract, "10k < total", 1, "A condition is FIELD OPERATOR VALUE, such as: id = 109."),
        (Contract, "paid or count(events) > 0", 9, '"count" is no function. A condition is FIELD OPERATOR VALUE.'),
        (Event, "Ville ~ paris", 1, "Did you mean location?"),
        (Client, "name ~ casey", 1, "Did you mean full_name?"),
        (Contract, "id in 3", 8, "A range has two ends"),
        (Contract, "support not empty", 9, "Write support is not empty, or support not in (a, b)."),
        (Contract, "signed --limit 5", 8, "Flags stand before where: … --limit … where …"),
        (Event, "location ~ paris --format json", 18, "Flags stand before where: … --format … where …"),
        (Event, "starts_at between 2023 and 2024", 11, "Write starts_at in a..b."),
        (Event, "location like paris", 10, "Write location ~ TEXT."),
        (Event, "location ~ “rue du”", 12, 'Quote values with straight marks: "New York".'),
        (Event, '"client" = "John Ouick"', 1, "Fields stand without quotes: client"),
        (Event, "not 'client' is empty", 5, "Fields stand without quotes: client"),
        (Event, "location ~ 'rue du", 12, "The quotation does not end. Close it with '."),
        (Event, 'support = ""', 11, "Write support is empty."),
        (Event, "attendees != null", 14, "Write attendees is not empty."),
        (Contract, "company in a..b", 12, "has no ranges"),
        (Contract, 'company = "New York', 11, "The quotation does not end."),
        (Contract, "password = x", 1, "contracts have no field"),
        (Contract, "not " * 30 + "paid", 85, "nested too deeply"),
        (Contract, "(" * 500 + "paid", 22, "nested too deeply"),
        (Contract, " or ".join(["paid"] * 51), 401, "more than 50 conditions"),
        (Contract, "paid or " * 200, 1, "characters are too many. Accepted: up to 1000."),
    ],
)
def test_a_mistake_is_pointed_at_with_a_hint(model: type, text: str, column: int, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text, model, "management")
    assert refused.value.span
    assert (refused.value.span[0] + 1, says in str(refused.value)) == (column, True), str(refused.value)


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (Event, 'location ~ "" and name !~ "null" and location in ("null", b)'),
        (Event, 'support is empty and not (starts_at in today..+7d or company ~ "a b")'),
        (Contract, "not paid and total > 10k and signed_at < -90d"),
        (Client, 'owed > "12 000,50" or sales in (me, bill.boquet) or company = "and"'),
        (Client, "not (not prospect and contracts >= 2)"),
    ],
)
def test_a_tree_prints_the_expression_that_it_was_read_from(model: type, text: str) -> None:
    assert str(read(text, model, "management")) == text


def test_keywords_may_be_written_in_capitals_and_fields_as_flags_are() -> None:
    assert str(read("Not FIRST-CONTACT-ON Is Not EMPTY", Client, "sales")) == "not first_contact_on is not empty"


def test_quotes_around_the_whole_are_optional_and_leave_places_as_typed() -> None:
    inner, places = unwrapped(r'  "name = \"x\" and" ')
    assert inner == 'name = "x" and'
    assert [places[inner.index(one)] for one in ("n", '"', "a")] == [3, 11, 4]
    assert unwrapped("'paid'")[0] == "paid"
    assert unwrapped("'client' = x'")[0] == "'client' = x'"  # a mistake of its own


@pytest.mark.parametrize(
    ("text", "start", "kinds"),
    [
        ("", 0, {"field", "not", "("}),
        ("not sup", 4, {"field", "not", "("}),
        ("support ", 8, {"operator", "in", "is", "not", "and", "or"}),
        ("support = ka", 10, {"value"}),
        ("(support = kate ", 16, {"and", "or", ")"}),
        ("sales in (a, ", 13, {"value"}),
        ("sales in (a ", 12, {",", ")"}),
        ("starts_at in today ", 19, {".."}),
        ("support is ", 11, {"not", "empty"}),
        ("support = = ", 12, set()),
    ],
)
def test_what_may_follow_is_known_at_every_place(text: str, start: int, kinds: set[str]) -> None:
    found = expected(text)
    assert (found.start, set(found.kinds)) == (start, kinds)


def test_a_list_draws_where_its_expression_is_wrong(everyone: People) -> None:
    refused = everyone["mia.manager"]("events filter where support = me and locatoin ~ paris")
    assert refused.code == 1
    assert refused.err.split("\n") == [
        'where: column 18: events have no field "locatoin". Did you mean location?',
        "  support = me and locatoin ~ paris",
        "                   ^^^^^^^^",
    ]


def test_a_long_expression_is_cut_around_the_place(everyone: People) -> None:
    parts = ["attendees > 3"] * 20 + ["x = 1"] + ["paid"] * 9
    refused = everyone["mia.manager"](f"events filter where {' and '.join(parts)}")
    _sentence, shown, carets = refused.err.split("\n")
    assert len(shown) <= 80
    assert shown[carets.index("^")] == "x"


def test_a_script_tells_its_line_and_the_drawing(everyone: People) -> None:
    mia = everyone["mia.manager"]
    for mode in ({}, {"atomic": True}):
        refused = mia.script("whoami\nevents filter where paid and", name="night.epic", **mode).err.split("\n")
        assert refused[0].startswith("night.epic:2: where: column 9: A condition is missing at the end.")
        assert refused[1:] == ["  paid and", "          ^"]


def test_a_name_that_nobody_has_is_pointed_at(everyone: People) -> None:
    refused = everyone["mia.manager"]("events filter where paid or support in (me, kate.hastrof)")
    assert "column 25: support: there is no employee kate.hastrof. Did you mean kate.hastroff?" in refused.err
    first_name = everyone["mia.manager"]("events filter where support = kate")
    assert "there is no employee kate. Did you mean kate.hastroff?" in first_name.err


def test_where_with_nothing_behind_it_says_what_is_missing(everyone: People) -> None:
    refused = everyone["mia.manager"]("clients filter where")
    assert refused.err == "where: an expression is missing. Such as: where contracts = 0 and sales = me"


def test_flags_and_expression_hold_together(everyone: People) -> None:
    mia = everyone["mia.manager"]
    assert mia("events filter --no-support --format json where attendees is empty").ids == [IDS.open_event]
    assert mia("contracts list --signed --format json where company ~ COOL and not paid").ids == [202, 201]


def test_a_negation_has_what_is_empty(everyone: People) -> None:
    mia = everyone["mia.manager"]
    everything = set(mia("events list --format json").ids)
    kates = set(mia("events list --format json where support = kate.hastroff").ids)
    others = set(mia("events list --format json where support != kate.hastroff").ids)
    assert others == everything - kates
    assert {IDS.open_event, IDS.eves_open_event} <= others
    assert kates


def test_me_is_whoever_asks(everyone: People) -> None:
    assert set(everyone["bill.boquet"]("clients list --format json where sales = me").ids) == {101, 102}
    assert everyone["ada.admin"]("employees list --format json where username = me").ids == [IDS.ada]


def test_an_expression_that_speaks_of_active_has_the_inactive_too(everyone: People) -> None:
    mia = everyone["mia.manager"]
    assert mia("employees list --format json where not active").ids == [IDS.gil]
    assert mia("employees list --format json where full_name ~ gone").ids == []


def test_an_admin_has_no_field_of_business(everyone: People) -> None:
    ada = everyone["ada.admin"]
    refused = ada("employees filter where clients = 0")
    assert 'employees have no field "clients". Accepted: id, username,' in refused.err
    assert "events" not in refused.err
    assert ada("employees filter --format json where full_name ~ ALIENOR").ids == [IDS.alienor]


def test_no_secret_is_ever_a_field() -> None:
    for model in (Client, Contract, Event):
        for department in ("management", "sales", "support"):
            names = " ".join(field.name for field in model.known(department))
            assert not any(word in names for word in ("password", "key", "salt", "code", "session", "token"))


def test_explain_tells_a_command_that_lists_the_same(everyone: People) -> None:
    kate = everyone["kate.hastroff"]
    line = "events filter --mine --upcoming --sort=-name where company ~ casey or attendees > 10"
    told = kate(line.replace("filter", "filter --explain")).out.split("\n")
    assert told[0] == (
        "events filter --sort=-name where support = me and ends_at > now and (company ~ casey or attendees > 10)"
    )
    same = [kate(one.replace("filter", "filter --format json")).json for one in (line, told[0])]
    assert same[0] == same[1] != []
    assert "The database will:" in told
    for flag, became in (("upcoming", "ends_at where ends_at > now"), ("past", "-starts_at where starts_at < now")):
        assert kate(f"events filter --{flag} --explain").out.startswith(f"events filter --sort={became}")
    assert not any(word in " ".join(told) for word in ("api.", "InitPlan", "SubPlan"))


#: What the flags of lists are given, that take a value.
GIVEN = {
    "support": "kate.hastroff", "sales": "bill.boquet", "from_": "2020-01-01", "to": "2030-01-01", "client": "101",
    "contract": "203", "department": "sales",
}  # fmt: skip


@pytest.mark.parametrize("noun", ["events", "clients", "contracts", "employees"])
def test_each_flag_is_sugar_for_the_expression_that_explain_prints(everyone: People, noun: str) -> None:
    for parameter in load(noun)[f"{noun} filter"].parameters:
        if not parameter.flag or parameter.group or parameter.name in ("trash", "export", "yes", "format"):
            continue
        asks = everyone["bill.boquet" if parameter.name == "mine_" else "mia.manager"]
        flag = f"{parameter.flag} {'' if parameter.switch else GIVEN[parameter.name]}"
        told = asks(f"{noun} filter {flag} --explain").out.split("\n")[0]
        assert f"{parameter.flag} " not in told
        assert " where " in told
        line = f"{noun} filter {flag} where id > 0"
        assert (
            asks(f"{told} and id > 0".replace("filter", "filter --format json")).out
            == asks(line.replace("filter", "filter --format json")).out
        )


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff"])
def test_explain_tells_nothing_of_what_is_hidden(people: People, who: str) -> None:
    """The planner knows how often a company stands in the whole table, and what its rows make it choose."""
    people.world.read_mode("need-to-know")
    person = people(who)
    line = 'clients filter --explain where company = "Lou Bouzin"'
    before = [person(one).out for one in (line, "sessions list --explain")]
    people.world.run(
        "INSERT INTO crm.clients (full_name, email, phone, company, sales_id)"
        " SELECT 'H', 'h@h.example', '1', 'Lou Bouzin', 6 FROM generate_series(1, 500)"
    )
    people.world.run("ANALYZE crm.clients")
    assert [person(one).out for one in (line, "sessions list --explain")] == before
    assert before[0].startswith('clients filter where company = "Lou Bouzin"\n\nHow the database finds them is told')
    assert "keep those with company = 'Lou Bouzin'" in people("mia.manager")(line).out


def test_an_expression_that_takes_too_long_ends_with_advice(everyone: People, monkeypatch: pytest.MonkeyPatch) -> None:
    mia = everyone["mia.manager"]
    for place in ("param", "limits"):
        monkeypatch.setattr(f"epicshell.filters.where.{place}.LIMIT", "SET LOCAL statement_timeout = '1ms'")
    with mia.account.database.connection_context() if mia.account.database.is_closed() else mia.undone():
        refused = mia("events filter where " + " or ".join(["name ~ a and location !~ q and notes ~ x"] * 16))
    assert refused.code == 1, refused.out
    assert "name ~ a looks into every event." in refused.err
    assert "Narrow it down" in refused.err
