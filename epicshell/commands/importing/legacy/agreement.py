"""Whether the client that a sheet names is the one that a contract is of: a name, a company or a contact confirms."""

import re
from difflib import SequenceMatcher
from enum import Enum

from epicshell.models import Client
from epicshell.sheets.legacy import EventSheet
from epicshell.text import fold, words

NEAR = 0.8  #: how much of two names must be the same for one to be a misspelling of the other
_DIGITS = 9  #: the last digits of a phone number, which stay the same with and without its country


class Agreement(Enum):
    """exact: accents, case and the order of words ignored. near: a person should look at it."""

    EXACT = "exact"
    NEAR = "near"
    NONE = "none"


def agreement(sheet: EventSheet, client: Client) -> Agreement:
    """How well a sheet and a client agree. A sheet that names nobody agrees with none."""
    ours = (client.full_name, client.company)
    told = [sheet.client] if sheet.client else list(sheet.contact)
    if any(_key(name) == _key(other) for name in told for other in ours if _key(name)):
        return Agreement.EXACT
    given = [sheet.client, *sheet.contact]
    if any(_is_near(name, other) for name in given for other in ours) or has_address_of(sheet, client):
        return Agreement.NEAR
    return Agreement.NEAR if any(_same_number(line, client.phone) for line in sheet.contact) else Agreement.NONE


def addresses(sheet: EventSheet) -> list[str]:
    """The e-mail addresses among the contact lines, in lower case."""
    return [word.strip("<>(),;").lower() for line in sheet.contact for word in line.split() if "@" in word]


def has_address_of(sheet: EventSheet, client: Client) -> bool:
    return client.email.lower() in addresses(sheet)


def _key(name: str) -> list[str]:
    return sorted(words(name))


def _is_near(name: str, other: str) -> bool:
    mine, yours = (" ".join(words(text)) for text in (name, other))
    return bool(mine and yours) and SequenceMatcher(None, mine, yours, autojunk=False).ratio() >= NEAR


def _same_number(line: str, phone: str) -> bool:
    mine, yours = (re.sub("[^0-9]", "", text)[-_DIGITS:] for text in (fold(line), phone))
    return len(mine) >= 6 and mine == yours and "@" not in line
