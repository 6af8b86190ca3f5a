"""find against a plain search in Python over all rows that the reader may see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.people import People, Person
from support.server import Server
from support.world import ONE_OF, World, opened

from epicshell.filters import matching
from epicshell.migrations import migrations
from epicshell.text import words

MODES = ("company", "need-to-know")


@pytest.fixture(scope="module", params=MODES)
def company(
    server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    with opened(server) as world:
        world.read_mode(request.param)
        people = People(world, tmp_path_factory.mktemp("people"))
        yield people
        people.close()


@dataclass
class Plain:
    """What a reader may see, searched word by word."""

    rows: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, reader: Person) -> "Plain":
        nouns = ["employees"] if reader.account.actor.department == "admin" else list(_NOUNS)
        rows = {noun: reader.json(f"{noun} list --all") for noun in nouns}
        rows["employees"] += reader.json("employees list --inactive --all")
        return cls(rows)

    def find(self, sought: str) -> list[tuple[str, int, str]]:
        clients = [
            (row["id"], why) for row in self.rows.get("clients", []) if (why := self._why("clients", row, sought))
        ]
        clients.sort(key=lambda one: (_ORDER.index(one[1]), -one[0]))
        found = [("clients", *one) for one in clients]
        by_words = [number for number, why in sorted(clients, key=lambda one: (one[1] == "begins so", -one[0]))
                    if why != "id" or self._by_words("clients", number, sought)]  # fmt: skip
        for noun in ("contracts", "events"):
            group: dict[int, str] = {}
            for row in sorted(self.rows.get(noun, []), key=lambda row: -row["id"]):
                if why := self._why(noun, row, sought):
                    group[row["id"]] = why
            ordered = sorted(group.items(), key=lambda one: (_ORDER.index(one[1]), -one[0]))
            theirs = [row for row in self.rows.get(noun, []) if row["client_id"] in by_words and row["id"] not in group]
            theirs.sort(key=lambda row: (by_words.index(row["client_id"]), -row["id"]))
            found += [(noun, *one) for one in ordered] + [(noun, row["id"], "client") for row in theirs]
        people = [(_ORDER.index(why), not row["active"], -row["id"], why) for row in self.rows["employees"]
                  if (why := self._why("employees", row, sought))]  # fmt: skip
        return found + [("employees", -number, why) for _, _, number, why in sorted(people)]

    def _by_words(self, noun: str, number: int, sought: str) -> bool:
        row = next(row for row in self.rows[noun] if row["id"] == number)
        return bool(self._why(noun, {**row, "id": 0}, sought))

    @staticmethod
    def _why(noun: str, row: dict[str, Any], sought: str) -> str:
        if re.fullmatch("#?[0-9]+", sought) and row["id"] == int(sought.lstrip("#")):
            return "id"
        known = [word for name in _NOUNS[noun] for word in words(row[name])]
        looked_for = words(sought)
        if known and all(any(word.startswith(one) for word in known) for one in looked_for):
            return "words" if set(looked_for) <= set(known) else "begins so"
        return ""


_ORDER = ("id", "words", "begins so")
_NOUNS = {
    "clients": ("full_name", "company", "email"),
    "contracts": (),
    "events": ("name",),
    "employees": ("username", "full_name", "email"),
}


def found(reader: Person, sought: str, flags: str = "") -> list[tuple[str, int, str]]:
    return [(row["noun"], row["id"], row["matched"]) for row in reader.json(f'find "{sought}" {flags}')]


def sought_for(plain: Plain) -> Iterator[str]:
    """Words of what there is (whole, begun, two at once, in capitals) and of what there is not."""
    known = sorted({word for noun, rows in plain.rows.items() for row in rows
                    for name in _NOUNS[noun] for word in words(row[name])})  # fmt: skip
    yield from known[::2]
    yield from {word[:length].upper() for word in known[::3] for length in (1, 3)}
    yield from (f"{one} {other[:2]}" for one, other in zip(known[::2], known[::3], strict=False))
    yield from (f"{one[:3]} {one}" for one in known[::4])
    yield from ("101", "#302", "109", "kevin casey", "noël", "NOEL fils", "cas laun", "o'neil", "zzz", "101 casey", "5")


@pytest.mark.parametrize("few", [matching.FEW, 0], ids=["rare words", "common words"])
@pytest.mark.parametrize("username", ONE_OF.values())
def test_find_agrees_with_a_plain_search(
    company: People, username: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "FEW", few)
    reader, everything = company[username], Plain.of(company["mia.manager"])
    plain = Plain.of(reader)
    for sought in dict.fromkeys(sought_for(everything)):
        assert found(reader, sought) == plain.find(sought), sought


@pytest.mark.parametrize("few", [matching.FEW, 0], ids=["rare words", "common words"])
def test_the_best_are_the_first_of_all(everyone: People, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "FEW", few)
    bill = everyone["bill.boquet"]
    for sought in ("c", "bouzin", "example", "casey su", "startup casey", "1"):
        every = found(bill, sought)
        for limit in (1, 2, 5):
            few_of_each = [row for noun in ("clients", "contracts", "events", "employees")
                           for row in [row for row in every if row[0] == noun][:limit]]  # fmt: skip
            assert found(bill, sought, f"--limit {limit}") == few_of_each


@pytest.mark.parametrize(
    ("sought", "clients"),
    [
        ("+33 1 23 45 67 89", [102]),
        ("0033123456789", [102]),
        ("01 23 45 67 89", [102]),
        ("0123456789", [102]),
        ("01 23 45", [102]),
        ("+331234", [102]),
        ("45 67 89", [102]),
        ("456789", [102]),
        ("6789", [102]),
        ("789", []),
        ("2345", [103]),
        ("+44 20 7946", [104]),
        ("987654321", []),
    ],
)
def test_phone_numbers_are_found_from_either_end(everyone: People, sought: str, clients: list[int]) -> None:
    rows = found(everyone["mia.manager"], sought)
    assert [number for noun, number, _ in rows if noun == "clients"] == clients


def test_what_changes_is_found_as_it_is_now(people: People) -> None:
    bill, mia, kate = (people(name) for name in ("bill.boquet", "mia.manager", "kate.hastroff"))
    bill("clients update 102 --email zoe@elsewhere.example --phone '+33 6 00 00 11 11'")
    assert found(mia, "elsewhere")[0] == ("clients", 102, "words")
    assert found(mia, "600001111")[0] == ("clients", 102, "begins so")
    assert found(mia, "zoe noel")[0][1] == 102
    assert [row for row in found(mia, "456789") if row[0] == "clients"] == []
    kate("events update 302 --name 'Winter Ball'")
    assert found(mia, "winter") == [("events", 302, "words")]
    assert found(mia, "summer") == []
    mia("events delete 302 --yes")
    assert found(mia, "winter") == []
    mia("events restore 302")
    assert found(mia, "winter") == [("events", 302, "words")]


def test_what_was_there_before_the_words_were_is_found(world: World) -> None:
    """The migration's own statements, on rows that came in while triggers were off."""
    kept = "SELECT md5(string_agg(w::text, ',' ORDER BY w::text)) FROM crm.{} w"
    before = [world.ask(kept.format(table)) for table in ("client_words", "event_words")]
    world.run("DELETE FROM crm.event_words")
    world.run("DELETE FROM crm.client_words WHERE word ~ '^[@+-]'")
    sql = next(one.sql for one in migrations() if one.version == 13)
    filling = sql.partition("SET LOCAL session_replication_role = replica;")[2]
    world.run(filling.partition("SET LOCAL session_replication_role = DEFAULT;")[0])
    assert [world.ask(kept.format(table)) for table in ("client_words", "event_words")] == before


def test_on_a_terminal_there_are_a_few_of_each_and_the_footer_says_so(people: People) -> None:
    bill = people("bill.boquet", width=120, remember=True)
    result = bill("find casey --limit 2")
    assert result.out.endswith("1 client · 2 of more contracts · 2 of more events (--limit N or --all shows them)\n")
    assert bill("last --format json").ids[:2] == [101, 204]
    assert bill("find zzz").out.endswith("phones; places: events filter where location ~ WORD.\n")
    assert people("ada.admin")("find zzz").out == "Nothing found.\n"


def test_a_single_record_that_is_found_is_last(people: People) -> None:
    bill = people("bill.boquet", remember=True)
    assert bill("find sam").code == 0
    assert bill("clients show @last --format json").json["id"] == 104
    bill("find ball")
    assert bill("events show @last --format json").json["id"] == 302


@pytest.mark.parametrize(
    ("sought", "sentence"),
    [
        ("find '...'", '"..." has no word to look for.'),
        ("find a b c d e f g h i", "9 words are too many."),
        ("find", "find needs WORDS."),
        ("find x --limit 2 --all", "--limit and --all exclude each other."),
    ],
)
def test_what_can_not_be_looked_for_is_told(everyone: People, sought: str, sentence: str) -> None:
    result = everyone["bill.boquet"](sought)
    assert result.code in (1, 2)
    assert sentence in result.err


def test_words_of_completion_by_name_are_names_only(shared_world: World) -> None:
    marked = "SELECT count(*) FILTER (WHERE word ~ '^[@+-]') > 0, bool_or(word >= 'k' AND word < 'k~' AND word ~ '@')"
    assert shared_world.ask(f"{marked} FROM crm.client_words WHERE client_id = 101") == (True, False)
