"""What a record of a file wants to become, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from epicshell.errors import EpicError, NotAllowed, Refused
from epicshell.models import Draft, Entity

#: What is wrong with one record, and so no reason to give up; a lost connection is.
OF_ONE = (Refused, NotAllowed)
_LONGEST_NAME = 200  #: characters, as records have; a file may repeat a long one in 100 000 rows


class Action(StrEnum):
    """What becomes of a record of a file."""

    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Wish:
    """A record of a file: exactly one of draft, work and error, or none of them to leave things as they are (skip).

    place: its cell (`Sheet1!B7`) or line. name: what people call it. id: of the record that is there already.
    draft: a row to be made. work: makes or changes the record and returns it; it runs in a savepoint of its own, and
    raises EpicError. changes: the fields that differ, for an update. remarks: what people should know of it.
    number: the id that a record will have that is made; None if one is drawn.
    """

    place: str
    name: str
    id: int | None = None
    draft: Draft | None = None
    work: Callable[[], Entity] | None = None
    error: EpicError | None = None
    changes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish. id: of the record. drawn: it is lost if that is taken back. problem: sentences."""

    place: str
    action: Action
    id: int | None
    name: str
    changes: str = ""
    problem: str = ""
    drawn: bool = False


def outcome(wish: Wish, entity: Entity | None, error: EpicError | None = None) -> Outcome:
    """What became of a wish: it gave or changed a record, failed, or had nothing to do."""
    number = wish.number or entity.id if entity is not None else wish.id
    if error is not None:
        action, sentences = Action.ERROR, (str(error), *wish.remarks)
    else:
        action = Action.SKIP if entity is None else Action.UPDATE if wish.id is not None else Action.CREATE
        sentences = wish.remarks
    drawn = action is Action.CREATE and wish.number is None
    return Outcome(
        wish.place, action, number, wish.name[:_LONGEST_NAME], ", ".join(wish.changes), " ".join(sentences), drawn
    )
