"""The grammar of expressions, as a recursive descent: tokens in, predicates with and, or, not between them out.

    expr  := and {"or" and}          and := not {"and" not}
    not   := "not" not | "(" expr ")" | pred
    pred  := field op value | field ["not"] "in" ("(" value {"," value} ")" | value ".." value)
           | field "is" ["not"] "empty" | boolean-field

Which fields there are, and what their values mean, is not its business (`typed`). While it reads, it notes what could
stand at the end of the text: that is all that completion needs to know.
"""

from dataclasses import dataclass
from typing import NoReturn

from epicshell.errors import Invalid
from epicshell.filters.where import hints
from epicshell.filters.where.lexer import KEYWORDS, Kind, Token, tokens
from epicshell.text import display, quote

MOST_CHARACTERS, MOST_CONDITIONS, DEEPEST = 1000, 50, 20
_AMONG = "Write in a..b, or in (a, b)."
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "~", "!~")


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition as it was typed. operator: lower case, "" for a field alone. ranged: its two values are a range."""

    field: Token
    operator: str = ""
    operator_span: tuple[int, int] = (0, 0)
    values: tuple[Token, ...] = ()
    ranged: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Parts with `and` or `or` between them, or one part with `not` before it."""

    word: str
    parts: "tuple[Syntax, ...]"


Syntax = Predicate | Group


@dataclass(frozen=True)
class Expected:
    """What may be typed at the end of a text.

    start: where the piece begins that is being typed. kinds: of field, operator, value, empty, and the words and marks
    and, or, not, in, is, `(`, `)`, `,`, `..`; empty where the text is wrong before. field, operator: those that the
    value, the operator or the word stands behind, in lower case. quoted: the piece is a text in quotes.
    """

    start: int
    kinds: frozenset[str] = frozenset()
    field: str = ""
    operator: str = ""
    quoted: bool = False


def parse(text: str) -> Syntax:
    """The syntax of an expression. Raises Invalid with the span of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise wrong(f"{len(text)} characters are too many.", f"Accepted: up to {MOST_CHARACTERS}.", (0, len(text)))
    return _Parser(tokens(text)).whole()


def expected(text: str) -> Expected:
    """What may be typed at the end of a text; nothing is looked up."""
    try:
        found = tokens(text)
    except Invalid:
        return Expected(len(text))
    last = found[-2] if len(found) > 1 else found[-1]
    typing = last.end == len(text) and (last.kind in (Kind.WORD, Kind.OPERATOR) or last.open)
    start = last.start if typing else len(text)
    before = found[:-2] if typing else found[:-1]
    parser = _Parser([*before, Token(Kind.END, "", start, start)])
    try:
        parser.whole()
    except Invalid:
        if not parser.ended:
            return Expected(start)
    return Expected(start, frozenset(parser.wanted), parser.field, parser.operator, typing and last.kind is Kind.TEXT)


def wrong(sentence: str, hint: str, span: tuple[int, int]) -> Invalid:
    """An error that points; whatever it repeats is harmless on a terminal."""
    error = Invalid(display(sentence), display(hint))
    error.span = span
    return error


class _Parser:
    """wanted: what could stand at the end, once it is reached (ended); field, operator: that it would stand behind."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0
        self._conditions = 0
        self.wanted: set[str] = set()
        self.ended = False
        self.field = self.operator = ""

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        self._place += token.kind is not Kind.END
        return token

    def _offers(self, *kinds: str) -> None:
        """These may stand here."""
        if self._now.kind is Kind.END:
            self.ended = True
            self.wanted.update(kinds)

    def _word(self, *words: str) -> bool:
        """Take a keyword if it stands here."""
        self._offers(*words)
        if self._now.says(*words):
            self._next()
            return True
        return False

    def _mark(self, mark: str) -> bool:
        self._offers(mark)
        if self._now.marks(mark):
            self._next()
            return True
        return False

    def whole(self) -> Syntax:
        found = self._or(0)
        if self._now.kind is not Kind.END:
            self._refuse_rest()
        return found

    def _or(self, depth: int) -> Syntax:
        parts = [self._and(depth)]
        while self._word("or"):
            parts.append(self._and(depth))
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def _and(self, depth: int) -> Syntax:
        parts = [self._not(depth)]
        while self._word("and"):
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _not(self, depth: int) -> Syntax:
        here = self._now
        if depth > DEEPEST:
            raise wrong(f"It is nested too deeply: more than {DEEPEST} levels.", "Use fewer parentheses.", here.span)
        if self._word("not"):
            return Group("not", (self._not(depth + 1),))
        if self._mark("("):
            inner = self._or(depth + 1)
            if not self._mark(")"):
                self._refuse_rest(opened=here)
            return inner
        return self._predicate()

    def _predicate(self) -> Predicate:
        self._offers("field")
        field = self._next()
        if field.kind is not Kind.WORD or field.says(*KEYWORDS) or field.text.startswith("--"):
            self._refuse_field(field)
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise wrong(f"There are more than {MOST_CONDITIONS} conditions.", "Ask in several steps.", field.span)
        self.field, self.operator = field.text.lower(), ""
        try:
            return self._condition(field)
        finally:
            if not self.ended or "value" not in self.wanted:
                self.operator = ""

    def _condition(self, field: Token) -> Predicate:
        operator = self._now
        self._offers("operator")
        if operator.kind is Kind.OPERATOR:
            self._next()
            self.operator = operator.text
            return Predicate(field, operator.text, operator.span, (self._value(),))
        if self._word("is"):
            negated = self._word("not")
            end = self._now.end
            if not self._word("empty"):
                meant = hints.of_is(field.text, self._now, negated=negated)
                raise wrong("Behind is stands empty, or not empty.", meant, self._here())
            return Predicate(field, "is not empty" if negated else "is empty", (operator.start, end))
        negated = self._not_in()
        if not self._word("in"):
            return Predicate(field, "", field.span)
        self.operator = "not in" if negated else "in"
        return self._among(field, operator)

    def _not_in(self) -> bool:
        self._offers("not")
        if self._now.says("not") and self._tokens[self._place + 1].says("in"):
            self._next()
            return True
        if self._now.says("not") and self._tokens[self._place + 1].kind is Kind.END:
            self._next()
            self._offers("in")
            raise wrong("Behind not stands in.", "", self._here())
        return False

    def _among(self, field: Token, operator: Token) -> Predicate:
        span = (operator.start, self._tokens[self._place - 1].end)
        if self._mark("("):
            values = [self._value(listed=True)]
            while self._mark(","):
                values.append(self._value(listed=True))
            if not self._mark(")"):
                between = "Between values stands a comma." if self._now.kind in (Kind.WORD, Kind.TEXT) else _AMONG
                raise wrong('A list of values ends with ")".', between, self._here())
            return Predicate(field, self.operator, span, tuple(values))
        first = self._value()
        if not self._mark(".."):
            raise wrong("A range has two ends, a list stands in parentheses.", _AMONG, self._here())
        return Predicate(field, self.operator, span, (first, self._value()), ranged=True)

    def _value(self, *, listed: bool = False) -> Token:
        self._offers("value")
        token = self._now
        if token.kind is Kind.TEXT and token.open:
            raise wrong("The quotation does not end.", f"Close it with {token.mark}.", token.span)
        if token.kind not in (Kind.WORD, Kind.TEXT):
            missing = "A value is missing" + (f" behind {self.operator}" if self.operator else "") + "."
            raise wrong(missing, hints.double(self.operator, token), self._here())
        if token.says(*KEYWORDS):
            empty = f"Write {self.field} is {'not ' if self.operator in ('!=', 'not in') else ''}empty."
            hint = empty if token.says("empty") else f'As a value it is quoted: "{token.text}".'
            raise wrong(f"{quote(token.text)} is a word of the language.", hint, token.span)
        self._next()
        return token if listed else self._with_decimals(token)

    def _with_decimals(self, token: Token) -> Token:
        """A number with a decimal comma is one value, where no list of values is being read."""
        comma, rest = self._now, self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        joined = comma.marks(",") and comma.start == token.end and rest.kind is Kind.WORD and rest.start == comma.end
        if not (joined and token.text[-1].isdecimal() and rest.text[0].isdecimal()):
            return token
        self._next()
        self._next()
        return Token(Kind.WORD, f"{token.text},{rest.text}", token.start, rest.end)

    def _here(self) -> tuple[int, int]:
        """The span of what stands here; of the end, the place behind it."""
        return self._now.start, max(self._now.end, self._now.start + 1)

    def _refuse_field(self, token: Token) -> NoReturn:
        if token.kind is Kind.END:
            raise wrong("A condition is missing at the end.", "A condition is FIELD OPERATOR VALUE.", self._here())
        hint = "A condition is FIELD OPERATOR VALUE, such as: id = 109."
        if token.kind is Kind.WORD and token.text.startswith("--"):
            hint = hints.of_flag(token.text)
        elif token.kind is Kind.TEXT and token.text.isidentifier():
            hint = f"Fields stand without quotes: {token.text}"
        raise wrong(f"{quote(token.text)} is not a field.", hint, token.span)

    def _refuse_rest(self, opened: Token | None = None) -> NoReturn:
        """Something stands where a condition has ended."""
        token = self._now
        if token.kind is Kind.END and opened:
            raise wrong('A "(" is not closed.', 'Close it with ")".', opened.span)
        if token.marks(")"):
            raise wrong('There is a ")" too many.', "", token.span)
        before = self._tokens[self._place - 1]
        if token.kind in (Kind.WORD, Kind.TEXT):
            meant = hints.joined(self.field, before, self._tokens[self._place :])
            raise wrong(f"{quote(token.text)} is not expected here.", meant, token.span)
        if token.marks("(") and before.kind is Kind.WORD and before.text.lower() == self.field:
            raise wrong(f"{quote(before.text)} is no function.", "A condition is FIELD OPERATOR VALUE.", before.span)
        raise wrong(f"{quote(token.text)} is not expected here.", hints.JOINING, token.span)
