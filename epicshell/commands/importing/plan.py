"""How the rows of a file become wishes: read by the commands' own parameters, compared with what is there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from epicshell import policy
from epicshell.command import Command, Parameter, load
from epicshell.commands.importing.cells import place_of
from epicshell.commands.importing.entries import Entry, Reader
from epicshell.commands.importing.headers import ID, REVISION, Columns
from epicshell.commands.importing.references import References
from epicshell.commands.importing.wishes import OF_ONE, Wish
from epicshell.context import Context
from epicshell.errors import Conflict, Invalid
from epicshell.models import Draft, Entity, Trashable
from epicshell.params import BY_ENTITY
from epicshell.policy import Permission
from epicshell.sheets import Row
from epicshell.text import quote

LONGEST_REFERENCE = 200  #: characters of `source:id`, as the database has it


class Plan:
    """The plan for one noun; a subclass for each.

    noun: the plural. update: the right that changing a record takes. related: fields that name another record.
    title: the field that people call a row by. numbered: whether it is known by its number in the file.
    twins_decide: whether a record that is as good as a row keeps it out even if the row has a number of its own.
    """

    noun: ClassVar[str]
    model: ClassVar[Any]
    update: ClassVar[Permission]
    related: ClassVar[Mapping[str, Any]] = {}
    title: ClassVar[str] = "full_name"
    numbered: ClassVar[bool] = True
    twins_decide: ClassVar[bool] = False

    def __init__(self, context: Context, columns: Columns, source: str, *, foreign: bool) -> None:
        """source: what the file's numbers are of. foreign: so are the numbers by which it names other records."""
        self.context = context
        self.columns = columns
        self.source = source
        self.references = References(context, source if foreign and not columns.own else "")
        self._seen: set[int] = set()
        self._reader = Reader(context, columns, self.parameters(), self.right(), frozenset(self.related))

    @classmethod
    def creating(cls) -> Command:
        return load(cls.noun)[f"{cls.noun} create"]

    @classmethod
    def right(cls) -> Permission:
        """What it takes to create one."""
        needs = cls.creating().needs
        assert needs is not None
        return needs

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        """What a row may bring, by the fields' names: what the command that creates one takes."""
        return {one.name: one for one in cls.creating().parameters if one.flag and one.name != "format"}

    @classmethod
    def required(cls) -> list[str]:
        return [name for name, parameter in cls.parameters().items() if parameter.required]

    def wishes(self, rows: Sequence[Row]) -> list[Wish]:
        """What some rows want; what is there already is looked up for all of them at once."""
        entries = [self._reader.entry(row, self.key) for row in rows]
        for name, model in self.related.items():
            self.references.gather(model, {entry.texts[name] for entry in entries if name in entry.texts})
        known = self._known([entry.key for entry in entries if entry.key is not None])
        twins = self.twins([entry for entry in entries if not entry.errors and known.get(entry.key) is None])
        return [self._wish(entry, known.get(entry.key), twins) for entry in entries]

    def key(self, texts: Mapping[str, str]) -> Any:
        """What the record is known by here: its own number, or `source:id`; None without one. Raises Invalid."""
        number = texts.get(ID)
        if number is None:
            return None
        if self.columns.own:
            if not number.isdecimal() or len(number) > 9:
                raise Invalid(f"id: {quote(number)} is not a number.")
            return self.once(int(number))
        reference = f"{self.source}:{number}"
        if len(reference) > LONGEST_REFERENCE or not number.isprintable():
            raise Invalid(f"id: {quote(number)} is too long, or no number.", "Accepted: a number, or a short word.")
        return self.once(reference)

    def once(self, key: Any) -> Any:
        """The key, which no earlier row may have had. (Only its hash is kept: there may be very many.)"""
        if hash(key) in self._seen:
            raise Conflict(f"{quote(str(key))} stands in an earlier row, too.", "One of them must go.")
        self._seen.add(hash(key))
        return key

    def _known(self, keys: Sequence[Any]) -> Mapping[Any, Entity]:
        """The records that the actor may read, by these keys."""
        by = self.by()
        found = self.model.select().where(by.in_(keys) & policy.readable(self.context.actor, self.model))
        if issubclass(self.model, Trashable):
            found = found.where(self.model.live())
        return {getattr(one, by.name): one for one in found} if keys else {}

    def by(self) -> Any:
        """The column that keys are of."""
        return self.model.id if self.columns.own else self.model.legacy_ref

    # What it wants

    def _wish(self, entry: Entry, known: Any, twins: Mapping[int, tuple[int | None, str]]) -> Wish:
        place, title = place_of(entry.row), entry.texts.get(self.title, "")
        wrong = [name for name in entry.errors if not _is_same(entry.texts.get(name), getattr(known, name, None))]
        if wrong:
            place = place_of(entry.row, self.columns.of.get(wrong[0], 0))
        try:
            if wrong:
                raise entry.errors[wrong[0]]
            if known is None and self.columns.own and ID in entry.texts:
                raise Conflict(
                    f"There is no {self.model.noun} {quote(entry.texts[ID])}.",
                    "A new one has no number: empty that cell.",
                )
            if known is not None:
                return self._changed(entry, known, place, title)
            if id(entry) in twins:
                number, why = twins[id(entry)]
                entry.remarks = (why, *entry.remarks)
                if entry.key is None or self.twins_decide:
                    return Wish(place, title, number, remarks=entry.remarks)
            return self._new(entry, place, title)
        except OF_ONE as error:
            return Wish(place, title, known.id if known is not None else None, error=error, remarks=entry.remarks)

    def _new(self, entry: Entry, place: str, title: str) -> Wish:
        missing = [name for name in self.required() if name not in entry.texts]
        if missing:
            raise Invalid(f"{', '.join(missing)} is missing.")
        values = dict(entry.values)
        for name, model in self.related.items():
            values[name] = self._reader.value(name, self.references.number_of(model, name, entry.texts[name]))
        made = self.made(values, None if self.columns.own else entry.key)
        if isinstance(made, Draft):
            return Wish(place, title, draft=made, remarks=entry.remarks)
        return Wish(place, title, work=made, remarks=entry.remarks)

    def made(self, values: Mapping[str, Any], reference: str | None) -> Draft | Callable[[], Entity]:
        """The row to be made, or what makes it. Raises EpicError."""
        draft: Draft = self.creating().handler(self.context, **values)
        return Draft(draft.model, {**draft.values, "legacy_ref": reference})

    def _changed(self, entry: Entry, known: Any, place: str, title: str) -> Wish:
        changed = self.differing(entry, known)
        if not changed:
            return Wish(place, title, known.id)
        if self.columns.own and entry.texts.get(REVISION) != str(known.revision):
            raise Conflict(
                f"{known.noun.capitalize()} {known.id} was changed after this file was written.", "Export it again."
            )

        def work() -> Entity:
            record = BY_ENTITY[self.model].parse(self.named(known), self.context, self.update)
            self.change(record, changed)
            return record  # type: ignore[no-any-return]

        return Wish(place, title, known.id, work=work, changes=tuple(changed), remarks=entry.remarks)

    def differing(self, entry: Entry, known: Any) -> dict[str, Any]:
        """The values that are others than the record has. Raises Conflict for what can't be changed."""
        for name, model in self.related.items():
            named = self.references.number_of(model, name, entry.texts[name]) if name in entry.texts else ""
            if named and named != str(getattr(known, f"{name}_id")):
                raise Conflict(f"{name}: {known.noun} {known.id} is of another {name}, which can't be changed.")
        return {name: value for name, value in entry.values.items() if getattr(known, name) != value}

    def change(self, record: Any, changed: Mapping[str, Any]) -> None:
        """Change a record as the command does. Raises EpicError."""
        load(self.noun)[f"{self.noun} update"].handler(self.context, record, **changed)

    def named(self, record: Any) -> str:
        """How a command names the record."""
        return str(record.id)

    def twins(self, entries: Sequence[Entry]) -> Mapping[int, tuple[int | None, str]]:
        """Records that are as good as these rows: (number, remark) by the identity of the entry."""
        return {}

    def like(
        self, entries: Sequence[Entry], columns: Sequence[Any], alike: Callable[[Entry], tuple[tuple[Any, ...], str]]
    ) -> Mapping[int, tuple[int | None, str]]:
        """The twins of rows. alike: the values of the columns that make a record the same as a row, and in words."""
        wanted: list[tuple[Entry, tuple[Any, ...], str]] = []
        for entry in entries:
            if all(name in entry.texts for name in self.required()):
                try:
                    wanted.append((entry, *alike(entry)))
                except OF_ONE:
                    continue  # whoever makes the record tells what is wrong
        there = self._with(columns, [values for _, values, _ in wanted])
        twins: dict[int, tuple[int | None, str]] = {}
        for entry, values, words in wanted:
            key = hash((self.noun, *values))
            if number := there.get(values):
                twins[id(entry)] = (number, f"There is {words} already: {self.model.noun} {number}.")
            elif key in self._seen:
                twins[id(entry)] = (None, f"An earlier row has {words} already.")
            self._seen.add(key)
        return twins

    def _with(self, columns: Sequence[Any], wanted: Sequence[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], int]:
        """The lowest id of the readable records with these values of some columns (and of some more), by the values."""
        if not wanted:
            return {}
        found = policy.readable(self.context.actor, self.model) & self.model.live()
        for column, values in zip(columns, zip(*wanted, strict=True), strict=True):
            found &= column.in_(list(dict.fromkeys(values)))
        rows = self.model.select(self.model.id, *columns).where(found).order_by(-self.model.id).tuples()
        return {tuple(values): number for number, *values in rows}


def _is_same(text: str | None, stored: Any) -> bool:
    """Whether a text that is not accepted is what the record has all the same, and so no news."""
    return stored is not None and text == str(stored)
