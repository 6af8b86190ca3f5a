"""The labels of an event sheet, in English and French, however they are spelled, and what stands behind them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from epicshell.text import fold

LONGEST = 40  #: characters of a label


class Part(StrEnum):
    """What a label announces; the value is how messages name it."""

    EVENT = "Event ID"
    NAME = "Event name"
    CONTRACT = "Contract ID"
    CLIENT = "Client name"
    CONTACT = "Client contact"
    START = "Event date start"
    END = "Event date end"
    SUPPORT = "Support contact"
    LOCATION = "Location"
    ATTENDEES = "Attendees"
    NOTES = "Notes"


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it stands in a cell.

    part: None if it is none that is known. name: as it is written. value: what follows in the same cell, if anything.
    marked: a colon or a line break stands between the two.
    """

    part: Part | None
    name: str
    value: str
    marked: bool


#: Words that a label means the same without.
_SMALL = frozenset(
    ("a", "au", "aux", "and", "d", "de", "des", "du", "et", "l", "la", "le", "les", "of", "the", "time", "heure",
     "heures")
)  # fmt: skip
_MEANT = {
    word: meaning
    for meaning, words in {
        "event": "event evenement evt",
        "contract": "contract contrat",
        "id": "id # n no nr num numero number identifiant identifier",
        "title": "title titre",
        "client": "client customer",
        "name": "name nom",
        "contact": "contact contacts coordonnees",
        "start": "start starts begin beginning debut",
        "end": "end ends fin",
        "date": "date dates",
        "support": "support",
        "location": "location lieu adresse address venue place endroit",
        "attendees": "attendees attendee participants participant invites guests",
        "count": "nombre nb nbr count",
        "notes": "notes note remarques remarque remarks comments commentaires observations",
        "email": "email mail courriel",
        "phone": "phone tel telephone",
    }.items()
    for word in words.split()
}
_KNOWN = {
    frozenset(meanings.split()): part
    for part, spellings in {
        Part.EVENT: ("event id",),
        Part.NAME: ("event name", "event title", "title"),
        Part.CONTRACT: ("contract id",),
        Part.CLIENT: ("client name", "client"),
        Part.CONTACT: ("client contact", "contact", "client email", "client phone", "email", "phone"),
        Part.START: ("event date start", "date start", "event start", "start"),
        Part.END: ("event date end", "date end", "event end", "end"),
        Part.SUPPORT: ("support contact", "support name", "support"),
        Part.LOCATION: ("location", "event location"),
        Part.ATTENDEES: ("attendees", "attendees id", "attendees count"),
        Part.NOTES: ("notes", "event notes"),
    }.items()
    for meanings in spellings
}
_WORD = re.compile(r"[^\W_]+|#")
_MARK = re.compile(r"[:：\n]")
_NUMBER = r"(?i)(?:n°|nº|no\.?|#)? ?[0-9]+(?:\.0+)?"
#: What must follow a label that nothing separates from its value: "Event ID 109", but not "Event ID changed".
_FOLLOWS = {
    Part.EVENT: _NUMBER,
    Part.CONTRACT: _NUMBER,
    Part.ATTENDEES: r"(?is)\D{0,12}[0-9].*",
    Part.START: r"(?s).*[0-9]{4}.*",
    Part.END: r"(?s).*[0-9]{4}.*",
}


def label(text: str) -> Label | None:
    """The known label that a cell is, or begins with.

    Without a colon a value follows only a label that can't well begin a sentence: of two words, or before a number.
    """
    name, mark, value = _divided(text)
    if part := _part(_meanings(name)):
        return Label(part, name.strip(), value.strip(), bool(mark))
    return _unmarked(text)


def unknown(text: str) -> Label | None:
    """The label of "Photographer: Paul", if a cell has that form. A time or an address of the web has not."""
    name, mark, value = _divided(text)
    words = _WORD.findall(name)
    if mark != ":" or value.startswith("//") or len(name) > LONGEST or name[-1:].isdigit():
        return None
    return Label(None, name.strip(), value.strip(), True) if 1 <= len(words) <= 4 and name[:1].isalpha() else None


def _divided(text: str) -> tuple[str, str, str]:
    """What stands before the first colon or line break, the two as one mark, and the rest."""
    found = _MARK.search(text)
    if not found:
        return text, "", ""
    mark = "\n" if found[0] == "\n" else ":"
    value = text[found.end() :]
    return text[: found.start()], mark, value.strip().removeprefix(":")


def _unmarked(text: str) -> Label | None:
    """The longest label of at least two words, or one that wants a number, and a value that fits it."""
    line = text.split("\n", 1)[0][: LONGEST + 20]
    ends = [found.end() for found in _WORD.finditer(line)][:8]
    for end in reversed(ends):
        name, value = text[:end], text[end:].lstrip(" .#-–—°º")
        part = _part(_meanings(name))
        if part and value and _can_follow(part, name, value):
            return Label(part, name, value, False)
    return None


def _can_follow(part: Part, name: str, value: str) -> bool:
    if part in _FOLLOWS:
        return bool(re.fullmatch(_FOLLOWS[part], value))
    return part in (Part.LOCATION, Part.NOTES) or len(_meanings(name)) > 1


def _meanings(name: str) -> Sequence[str]:
    if len(name) > LONGEST:
        return ()
    plain = re.sub(r"\([^()]*\)", " ", re.sub("(?i)e-mail", "email", name))
    words = [fold(word) for word in _WORD.findall(plain)]
    meanings = [_MEANT.get(word, word) for word in words if word not in _SMALL]
    return [one for place, one in enumerate(meanings) if one != "id" or "id" not in meanings[:place]]  # "Event ID N°"


def _part(meanings: Sequence[str]) -> Part | None:
    """What the words mean together, in any order; a word that is there twice belongs to the value."""
    return _KNOWN.get(frozenset(meanings)) if len(set(meanings)) == len(meanings) else None
