"""The statements behind `find`: which records have all words, the exact ones first, then the newest.

Where a reader sees everything, the search starts at the words: at the rarest, or, where all are common, at the newest
records that have one. Under need-to-know it starts at the reader's own records, so that neither its answer nor its
time depends on what is hidden. Row security holds in any case.
"""

# ruff: noqa: S608 - the names in these statements are constants of this module, and all that was typed is bound

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from epicshell.context import Context
from epicshell.filters.wanted import Term

FEW = 3000  #: records that are all looked at
SEVERAL = 1000  #: newest records with a common word that are looked at before all are
SPREAD = 100  #: words that begin alike, of each of which the newest records are taken


@dataclass(frozen=True)
class Words:
    """A table of words.

    own: by department, the records that are the reader's under need-to-know (takes their id); empty where the words
    themselves say whose they are.
    """

    table: str
    key: str
    own: dict[str, str]


CLIENT_WORDS = Words(
    "crm.client_words",
    "client_id",
    {
        "sales": "",
        "support": "SELECT DISTINCT client_id FROM crm.events WHERE support_id = %s AND deleted_at IS NULL",
    },
)
EVENT_WORDS = Words(
    "crm.event_words",
    "event_id",
    {
        "sales": "SELECT id FROM crm.events WHERE sales_id = %s AND deleted_at IS NULL",
        "support": "SELECT id FROM crm.events WHERE support_id = %s AND deleted_at IS NULL",
    },
)

Sql = tuple[str, list[Any]]  #: a piece of a statement, and its parameters


def matches(context: Context, among: Words, terms: Sequence[Term], most: int | None) -> list[tuple[int, bool]]:
    """(id, whether each word is exactly one of its words) of the records with all words, the best first.

    most: how many are enough; None: all.
    """
    actor = context.actor
    own = among.own.get(actor.department) if actor.need_to_know else None
    search = _Search(context, among, terms, most, actor.employee_id if own == "" else None)
    if own is not None:
        return search.of(own, [actor.employee_id], terms) if own else search.all()
    rarest, count = search.rarest()
    if most is None or count <= FEW:
        drive, parameters = search.having(terms[rarest])
        return search.of(f"SELECT DISTINCT id FROM ({drive}) found", parameters, _but(terms, rarest))
    return search.newest(rarest)


def _but(terms: Sequence[Term], place: int) -> list[Term]:
    return [term for number, term in enumerate(terms) if number != place]


class _Search:
    """One search. All names in its statements are constants; what was typed is bound. whose: only this one's words."""

    def __init__(
        self, context: Context, among: Words, terms: Sequence[Term], most: int | None, whose: int | None
    ) -> None:
        self._database = context.database
        self._table, self._key = among.table, among.key
        self._terms = terms
        self._most = most
        self._whose = "" if whose is None else f"sales_id = {whose:d} AND "

    def rarest(self) -> tuple[int, int]:
        """(the place of the term that the fewest words begin with, how many, up to one more than FEW)."""
        counts, parameters = [], []
        for term in self._terms:
            having, bound = self.having(term)
            counts.append(f"(SELECT count(*) FROM ({having} LIMIT {FEW + 1}) few)")
            parameters += bound
        row = self._rows("SELECT " + ", ".join(counts), parameters)[0]
        return min(enumerate(row), key=lambda item: item[1])

    def having(self, term: Term) -> Sql:
        """The ids of records with a word that begins as a term says; one may come several times."""
        one = f"SELECT {self._key} AS id FROM {self._table} WHERE {self._whose}word >= %s AND word < %s"
        ranges = term.ranges()
        return " UNION ALL ".join([one] * len(ranges)), [bound for pair in ranges for bound in pair]

    def of(self, drive: str, parameters: Sequence[Any], terms: Sequence[Term]) -> list[tuple[int, bool]]:
        """Those of the records that a statement gives that also have these terms."""
        sql, bound = self._and(terms)
        exact, bound_exact = self._exact()
        statement = f"""WITH found (id) AS MATERIALIZED ({drive}),
                             good AS MATERIALIZED (SELECT found.id FROM found {sql})
                        SELECT id, {exact} AS exact FROM good found ORDER BY exact DESC, id DESC {self._limit()}"""
        return self._rows(statement, [*parameters, *bound, *bound_exact])

    def newest(self, place: int) -> list[tuple[int, bool]]:
        """Where every word is common: the newest that have them exactly; if these are too few, all are looked at."""
        term, others = self._terms[place], _but(self._terms, place)
        exact = self._newest_of(list(term.exact), [Term((), other.exact) for other in others])
        if self._enough(exact):
            return [(number, True) for number in exact]
        if others:
            return self.all()
        found = dict.fromkeys(exact, True)
        alike = [word for pair in term.ranges() for word in self._alike(*pair)]
        rest = self._newest_of(alike, [])
        if len(alike) >= SPREAD and not self._enough({*found, *rest}):  # there are more such words: any order will do
            drive, parameters = self.having(term)
            some = self._rows(f"SELECT DISTINCT id FROM ({drive} {self._limit(2)}) any_of_them", parameters)
            rest += [row[0] for row in some]
        for number in rest:
            found.setdefault(number, False)
        return list(found.items())[: self._most]

    def all(self) -> list[tuple[int, bool]]:
        """All records that have the terms, however many: how they are found is left to the planner."""
        sets = [self.having(term) for term in self._terms]
        (drive, parameters), *others = sets
        conditions = "".join(f" AND found.id IN ({having})" for having, _ in others)
        bound = [value for _, values in others for value in values]
        return self.of(f"SELECT DISTINCT id FROM ({drive}) found WHERE true{conditions}", [*parameters, *bound], [])

    def _enough(self, found: Any) -> bool:
        return self._most is not None and len(found) >= self._most

    def _newest_of(self, words: Sequence[str], others: Sequence[Term]) -> list[int]:
        """Newest records that have one of some words exactly, and the other terms; for these some are looked at."""
        some, bound = self._and(others)
        looked_at = f"LIMIT {SEVERAL}" if others else self._limit()
        sql = f"""SELECT DISTINCT newest.id FROM unnest(%s::text[]) wanted (word), LATERAL (
                    SELECT found.id FROM (SELECT {self._key} AS id FROM {self._table} w
                                          WHERE w.word = wanted.word COLLATE "C"
                                          ORDER BY {self._key} DESC {looked_at}) found {some}
                    {self._limit()}) newest
                  ORDER BY newest.id DESC {self._limit()}"""
        return [row[0] for row in self._rows(sql, [list(words), *bound])]

    def _alike(self, low: str, high: str) -> list[str]:
        """Different words of a range, from its start: each the next one behind the last."""
        sql = f"""WITH RECURSIVE alike (word) AS (
                    (SELECT word FROM {self._table} WHERE word >= %s AND word < %s ORDER BY word LIMIT 1)
                    UNION ALL
                    SELECT (SELECT word FROM {self._table} w WHERE w.word > alike.word AND w.word < %s
                            ORDER BY w.word LIMIT 1)
                    FROM alike WHERE alike.word IS NOT NULL)
                  SELECT word FROM alike WHERE word IS NOT NULL LIMIT {SPREAD}"""
        return [row[0] for row in self._rows(sql, [low, high, high])]

    def _and(self, terms: Sequence[Term]) -> Sql:
        """Joins that keep of `found` what has a word for each term: looked up record by record."""
        joins: list[str] = []
        parameters: list[Any] = []
        for term in terms:
            condition, bound = _condition(term)
            one = f"SELECT 1 FROM {self._table} w WHERE w.{self._key} = found.id AND {condition} LIMIT 1"
            joins.append(f"CROSS JOIN LATERAL ({one}) has{len(joins)}")
            parameters += bound
        return " ".join(joins), parameters

    def _exact(self) -> Sql:
        """Whether `found` has each term exactly."""
        one = (
            f"EXISTS (SELECT 1 FROM {self._table} w WHERE {self._whose}w.{self._key} = found.id AND w.word = ANY (%s))"
        )
        return " AND ".join([one] * len(self._terms)), [list(term.exact) for term in self._terms]

    def _limit(self, times: int = 1) -> str:
        return "" if self._most is None else f"LIMIT {times * self._most:d}"

    def _rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        rows: list[Any] = self._database.execute_sql(sql, tuple(parameters)).fetchall()
        return rows


def _condition(term: Term) -> Sql:
    """That a word `w` fits a term: begins so, or without starts, is it exactly.

    Several ranges are looked for among the few words of the record: POSIX orders as C does, but an index by C is not
    searched for each of them.
    """
    if not term.starts:
        return "w.word = ANY (%s)", [list(term.exact)]
    ranges = term.ranges()
    word = "w.word" if len(ranges) == 1 else 'w.word COLLATE "POSIX"'
    either = " OR ".join([f"{word} >= %s AND {word} < %s"] * len(ranges))
    return f"({either})", [bound for pair in ranges for bound in pair]
