"""Records that a cell names: by their number here, by address, or by the number that they had where they came from."""

from typing import Any

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import Invalid, Refused
from epicshell.text import quote

_HIGHEST = 9  #: digits of a number of ours
LEGACY = "legacy"  #: the source of the old event sheets' numbers, which management alone brings in


def number_of(context: Context, model: Any, field: str, text: str, source: str) -> str:
    """The number of the record that a cell names, as text. Raises Refused if no such was imported, Invalid.

    source: what plain numbers are of; empty: epicshell's own. `#12` is always epicshell's own, `oldcrm:12` what was
    imported as that; a client also goes by address.
    """
    if text.startswith("#"):
        return _number(model, field, text, text[1:].strip())
    if "@" in text and hasattr(model, "email"):
        missing = f"{field}: no {model.noun} has the address {quote(text)}."
        return _one(context, model, field, model.email == text, missing)
    if ":" in text or source:
        reference = text if ":" in text else f"{source}:{text}"
        missing = f"{field}: no {model.noun} {quote(reference)} was imported."
        return _one(context, model, field, model.legacy_ref == reference, missing)
    return _number(model, field, text, text)


def _number(model: Any, field: str, text: str, digits: str) -> str:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _HIGHEST):
        address = ", its e-mail address" if hasattr(model, "email") else ""
        raise Invalid(
            f"{field}: {quote(text)} is no {model.noun} number.",
            f"Accepted: the number of a {model.noun}, #NUMBER{address}, or NAME:NUMBER of an earlier import.",
        )
    return digits


def _one(context: Context, model: Any, field: str, which: Any, missing: str) -> str:
    readable = policy.readable(context.actor, model) & model.live()
    found = [row.id for row in model.select(model.id).where(which & readable).limit(2)]
    if not found:
        raise Refused(missing, f"Write #NUMBER for epicshell's own {model.noun} number.")
    if len(found) > 1:
        raise Refused(f"{field}: several {model.plural()} have that address.", "Write #NUMBER.")
    return str(found[0])
