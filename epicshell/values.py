"""Typed values as people write them: text in, value out, or Invalid with what would be accepted.

The sentences start with the text in question, so that a caller can put the field's name before them.
"""

import re

from epicshell.errors import Invalid
from epicshell.moments import date, timestamp
from epicshell.text import clean, display, fold, one_space, quote, thousands

__all__ = [
    "MOST_CENTS",
    "amount",
    "date",
    "email",
    "integer",
    "is_username",
    "phone",
    "timestamp",
    "username",
    "yes_no",
]

MOST_CENTS = 10**15 - 1

_AMOUNTS = "Accepted: 12000, 12000.50, 12 000,50, 12.5k, 1M."
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
_AMBIGUOUS = r"(?i)([1-9][0-9]{0,2})[.,]([0-9]{3})( ?[km])?"
_AMOUNT = r"""(?xi)
        (?P<whole> [1-9][0-9]{0,2} (?P<group>[ '’_.,]) [0-9]{3} (?:(?P=group)[0-9]{3})* | [0-9]+ )
        (?: (?!(?P=group)) [.,] (?P<decimals>[0-9]+) )?
        [ ]? (?P<scale>[km]?)"""
_INTEGER = r"[+-]?[0-9]{1,18}"
_YES = {"yes", "y", "true", "on", "1", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "off", "0", "non", "faux"}
_PHONE = r"(?i)[0-9+(). /-]+?(?: *(?:extension|ext|poste|x)\.? *[0-9]{1,9})?"
_USERNAME = r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*"


def amount(text: str, currency: str = "EUR") -> int:
    """Cents, up to 9 999 999 999 999.99 EUR. Raises Invalid, also for 12,000: thousands or decimals?"""
    plain = _without_currency(one_space(text), currency)
    if plain.startswith(("-", "−")):
        raise Invalid(f"{quote(text)} is negative.", "Amounts are 0 or more.")
    if found := re.fullmatch(_AMBIGUOUS, plain):
        whole, rest, scale = found.groups("")
        raise Invalid(
            f"{quote(text)} is ambiguous: thousands or decimals?",
            f"Write {whole}{rest}{scale} or {whole}.{rest[:2]}{scale}.",
        )
    found = re.fullmatch(_AMOUNT, plain) if len(plain) <= 40 else None
    if not found:
        raise Invalid(f"{quote(text)} is not an amount.", _AMOUNTS)
    return _cents(text, found)


def _without_currency(text: str, currency: str) -> str:
    for name in (currency, _SIGNS.get(currency, currency)):
        if text.upper().startswith(name):
            return text[len(name) :].lstrip(" ")
        if text.upper().endswith(name):
            return text[: -len(name)].rstrip(" ")
    return text


def _cents(text: str, found: re.Match[str]) -> int:
    decimals = found["decimals"] or ""
    digits = re.sub("[^0-9]", "", found["whole"]) + decimals
    scale = _SCALES[found["scale"].lower()]
    unit: int = 10 ** len(decimals)
    cents, rest = divmod(int(digits) * scale * 100, unit)
    if rest or (scale == 1 and len(decimals) > 2):
        raise Invalid(f"{quote(text)} has fractions of a cent.", _AMOUNTS)
    if cents > MOST_CENTS:
        raise Invalid(f"{quote(text)} is too much.", "Accepted: up to 9 999 999 999 999.99.")
    return cents


def integer(text: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    plain = text.strip(" ")
    if not re.fullmatch(_INTEGER, plain):
        raise Invalid(f"{quote(text)} is not a whole number.", f"Accepted: {low} to {high}.")
    if not low <= int(plain) <= high:
        raise Invalid(f"{quote(text)} is out of range.", f"Accepted: {low} to {high}.")
    return int(plain)


def yes_no(text: str) -> bool:
    """True for yes, y, true, on, 1, oui, o, vrai; False for no, n, false, off, 0, non, faux (as Excel writes them)."""
    plain = text.strip(" ").lower()
    if plain not in _YES | _NO:
        raise Invalid(f"{quote(text)} is neither yes nor no.", "Accepted: yes, no.")
    return plain in _YES


def email(text: str) -> str:
    """An address in NFC with its domain in lower case; the syntax of RFC 5321 and 6531, no look-up."""
    cleaned = clean(text, longest=254)
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(cleaned, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid(
            f"{quote(text)} is not an e-mail address: {display(str(error))}", "Accepted: name@company.com."
        ) from None


def phone(text: str, region: str = "FR") -> tuple[str, str]:
    """The number as written, and a warning, "" unless no such number can be dialled.

    region: where a number without a country code is from (ISO 3166-1).
    """
    cleaned = one_space(clean(text, longest=40))
    if not re.fullmatch(_PHONE, cleaned) or sum(map(str.isdigit, cleaned)) < 3:
        raise Invalid(
            f"{quote(text)} is not a phone number.",
            "Accepted: at least 3 digits with + ( ) . - / and spaces, then an extension such as x12.",
        )
    return cleaned, "" if _can_be_dialled(cleaned, region) else f"{quote(cleaned)} can't be dialled as it is."


def _can_be_dialled(number: str, region: str) -> bool:
    from phonenumbers import NumberParseException, is_valid_number, parse

    try:
        return is_valid_number(parse(re.sub("poste", "x", number, flags=re.IGNORECASE), region))
    except NumberParseException:
        return False


def username(text: str) -> str:
    """The lower-case name that an employee is known by, such as bill.boquet."""
    name = text.strip(" ").lower()
    if is_username(name):
        return name
    suggestion = re.sub("[^a-z0-9]+", ".", fold(name)).strip(".")
    raise Invalid(
        f"{quote(text)} is not a username.",
        "Accepted: 3 to 32 of a-z, 0-9 and single . or - in between, a letter first"
        + (f", such as {suggestion}." if is_username(suggestion) else "."),
    )


def is_username(name: str) -> bool:
    """Whether an employee could have this name."""
    return 3 <= len(name) <= 32 and bool(re.fullmatch(_USERNAME, name))


def decimal(cents: int) -> str:
    """1200050 is "12000.50"."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{rest:02}"


def grouped(cents: int) -> str:
    """1200050 is "12 000.50"."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{thousands(units)}.{rest:02}"
