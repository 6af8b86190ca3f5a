"""What was probably meant by an expression that is none: the habits of other languages, and what to write here."""

from collections.abc import Sequence

from epicshell.filters.where import periods
from epicshell.filters.where.fields import Type, type_of
from epicshell.filters.where.lexer import Kind, Token, written
from epicshell.models import Field
from epicshell.text import cut, did_you_mean, fold

JOINING = "Between conditions stand and, or."
_JOINS = ("&&", "||", "&", "|", "et", "ou")
#: What other languages and people write for an operator, and what to write here.
_OPERATORS = {
    "between": "in a..b",
    "contains": "~ TEXT",
    "like": "~ TEXT",
    "ilike": "~ TEXT",
    "equals": "= VALUE",
    "isnt": "!= VALUE",
    "isn't": "!= VALUE",
    "empty": "is empty",
    "null": "is empty",
    "not": "is not empty, or {} not in (a, b)",
}
#: What SQL writes behind its conditions, and the flag that does it here.
_CLAUSES = {"order": "--sort FIELD", "sort": "--sort FIELD", "limit": "--limit N", "group": "--group-by FIELD"}
_DOUBLE = {"==": "=", "<>": "!=", "=<": "<=", "=>": ">=", "=~": "~"}
_YES_NO = ("yes", "no", "true", "false")
#: What people call a field, and which it may be.
_CALLED = {
    "address": ("location",), "city": ("location",), "lieu": ("location",), "place": ("location",),
    "venue": ("location",), "ville": ("location",), "date": ("starts_at", "created_at"), "start": ("starts_at",),
    "end": ("ends_at",), "guests": ("attendees",), "participants": ("attendees",), "people": ("attendees",),
    "amount": ("total", "owed"), "montant": ("total", "owed"), "price": ("total",), "balance": ("due", "owed"),
    "due": ("owed",), "name": ("full_name", "client"), "title": ("name",), "nom": ("full_name", "name", "client"),
    "customer": ("client", "full_name"), "seller": ("sales",), "contact": ("sales",), "assignee": ("support",),
    "firm": ("company",), "societe": ("company",), "mail": ("email", "client_email"),
    "phone": ("client_phone",), "telephone": ("phone", "client_phone"), "user": ("username",),
}  # fmt: skip


def joined(field: str, before: Token, rest: Sequence[Token]) -> str:
    """What was probably meant by a word that stands behind another without anything between: one value, a field
    without its operator, a flag, the next condition.

    field: of the condition before it, in lower case. rest: the tokens from that word on, with the END.
    """
    now = rest[0].text.lower()
    words = _side_by_side(rest)
    if flag := next((word for word in words if word.startswith("--")), ""):
        return of_flag(flag)
    if now in _JOINS or rest[1].kind is Kind.OPERATOR or rest[1].says("is", "in"):
        return JOINING
    if field != before.text.lower() or before.kind is not Kind.WORD:
        return of_flag(_CLAUSES[now]) if now in _CLAUSES else _value([before.text, *words])
    if now in _OPERATORS:
        return f"Write {before.text} {_OPERATORS[now].format(before.text)}."
    return f"An operator is missing: {before.text} = {_shown(words)}"


def of_flag(flag: str) -> str:
    """Where a flag stands that was written into an expression."""
    return f"Flags stand before where: … {flag} … where …"


def of_is(field: str, token: Token, *, negated: bool) -> str:
    """What was meant by FIELD is WORD, or FIELD is not WORD."""
    empty = f"{field} is {'not ' if negated else ''}empty"
    if token.kind not in (Kind.WORD, Kind.TEXT) or token.says("null", "none", "nil", "and", "or"):
        return f"Write {empty}."
    compared = f"{field} {'!=' if negated else '='} {_shown([token.text])}"
    return f"Write {compared}." if token.says(*_YES_NO) else f"Write {compared}, or {empty}."


def double(operator: str, token: Token) -> str:
    """A hint for the operators of other languages."""
    both = f"{operator}{token.text}"
    return f"Write {_DOUBLE[both]} for {both}." if both in _DOUBLE else ""


def _value(words: list[str]) -> str:
    text = " ".join(words)
    if dates := periods.otherwise(text):
        return f"Write {' or '.join(dates)}."
    return f"Quote values that contain spaces: {_shown(words)}"


def _side_by_side(rest: Sequence[Token]) -> list[str]:
    """The words and quotations up to the next mark or operator, or joining word."""
    words: list[str] = []
    for token in rest:
        if token.kind not in (Kind.WORD, Kind.TEXT) or (words and token.says("and", "or", "not")):
            break
        words.append(token.text)
    return words


def _shown(words: list[str]) -> str:
    """Words as one value, as a hint may repeat it."""
    return written(cut(" ".join(words), 60))


def of_field(fields: Sequence[Field], name: str) -> str:
    """A hint for a name that no field has: what was probably meant, or which there are."""
    names = [field.name for field in fields]
    plain = fold(name).replace("-", "_")
    if plain[:1].isdecimal():
        return "A condition is FIELD OPERATOR VALUE, such as: id = 109."
    if plain == "unassigned" and "support" in names:
        return "Write support is empty."
    if plain[:2] in ("un", "in") and any(one.name == plain[2:] and type_of(one) is Type.BOOLEAN for one in fields):
        return f"Write not {plain[2:]}."
    called = next((one for one in _CALLED.get(plain, ()) if one in names), "")
    return f"Did you mean {called}?" if called else did_you_mean(name, names)
