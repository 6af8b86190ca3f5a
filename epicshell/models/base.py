"""What the entities share: fields as they are shown, the live rows, a change that notices another's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from peewee import JOIN, SQL, DateTimeField, Expression, Function, IntegerField, Model, ModelSelect
from playhouse.shortcuts import ThreadSafeDatabaseMetadata

from epicshell.errors import Conflict
from epicshell.results import Column, Kind
from epicshell.text import display, plural


@dataclass(frozen=True, slots=True)
class Join:
    """A neighbour that a field is read from; joined only when such a field is asked for.

    optional: there may be none. (Of the others the planner may start from the neighbour, which sorts by it quickly.)
    """

    to: Any
    on: Callable[[], Expression]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field(Column):
    """A column of an entity's view: how it is computed, over which neighbour.

    order: what sorts it, if not itself. only: the departments that may read it; None: who reads the entity.
    zero, more: what holds just where it is 0 or no, and where it is not, if an index knows that by another name.
    having: of a field that stands for many people: what holds of a model where one of some employees is among them,
    (False) where none of them is; None: anybody.
    """

    expression: Any = None
    join: Join | None = None
    order: Any = None
    only: tuple[str, ...] | None = None
    zero: Any = None
    more: Any = None
    having: "Callable[[Any, Sequence[int] | None, bool], Expression] | None" = None


def TextField(name: str, expression: Any, join: Join | None = None) -> Field:  # noqa: N802
    """A text, sorted as people expect: accents and case ignored."""
    return Field(name, Kind.TEXT, expression, join, call("crm.folded", expression))


def call(function: str, *arguments: Any) -> Function:
    """A call of a database function, by its qualified name."""
    return Function(function, arguments, coerce=False)


def noon(day: Any) -> Any:
    """A day as a moment, the same in every zone of a session."""
    return call("timezone", "UTC", day.cast("timestamp") + SQL("%s::interval", ("12 hours",)))


class Entity(Model):
    """A table of schema crm. Bound to a database by whoever runs a command, in its own thread (`Database.bind_ctx`).

    noun: its name for people, in the singular. summary: the fields that a table shows without --columns.
    """

    noun: ClassVar[str]
    summary: ClassVar[tuple[str, ...]] = ()
    id = IntegerField(primary_key=True)
    revision = IntegerField()

    class Meta:
        schema = "crm"
        legacy_table_names = False
        model_metadata_class = ThreadSafeDatabaseMetadata  # completion asks in a thread of its own

    def __str__(self) -> str:
        """How it is named in a question: `client 12 (Kevin Casey)`."""
        name = next((getattr(self, field) for field in ("full_name", "name") if hasattr(self, field)), "")
        return f"{self.noun} {self.id}" + (f" ({display(name)})" if name else "")

    @classmethod
    def fields(cls) -> Sequence[Field]:
        """The fields of the view in their order; named as everywhere."""
        raise TypeError(f"{cls.__name__} has no view")

    @classmethod
    def neighbours(cls) -> Sequence[Field]:
        """What lists may show, sort and filter by besides: of related records, or counted over them."""
        return ()

    @classmethod
    def known(cls, department: str) -> Sequence[Field]:
        """All fields that lists of a department may name: the view's own first."""
        return [*cls.fields(), *[field for field in cls.neighbours() if field.only is None or department in field.only]]

    @classmethod
    def plural(cls) -> str:
        """Its name for people, for many."""
        return plural(cls.noun)

    @classmethod
    def field(cls, name: str) -> Field | None:
        return next((field for field in cls.fields() if field.name == name), None)

    @classmethod
    def view(cls, fields: Sequence[Field]) -> ModelSelect:
        """SELECT the given fields, with just the joins that they need."""
        query = cls.select(*[field.expression.alias(field.name) for field in fields])
        return cls.join_for(query, fields)

    @classmethod
    def join_for(cls, query: ModelSelect, fields: Sequence[Field]) -> ModelSelect:
        for join in dict.fromkeys(field.join for field in fields if field.join):
            query = query.join_from(cls, join.to, JOIN.LEFT_OUTER if join.optional else JOIN.INNER, on=join.on())
        return query

    def change(self, **values: Any) -> None:
        """Write the values that differ, unless someone else changed the record meanwhile (Conflict)."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return
        model = type(self)
        unchanged = (model._meta.primary_key == self._pk) & (model.revision == self.revision)
        query = model.update(**changed).where(unchanged)
        self._take(query.returning(model).execute())

    def _take(self, rows: Any) -> None:
        row = next(iter(rows), None)
        if row is None:
            raise Conflict(
                f"{self.noun.capitalize()} {self._pk} was changed by someone else just now; nothing was done.",
                "Look at it again, then repeat the command.",
            )
        self.__data__.update(row.__data__)

    @classmethod
    def add(cls, **values: Any) -> Self:
        """Insert a row and return it as the database made it."""
        added: Self = next(iter(cls.insert(**values).returning(cls).execute()))
        return added

    @classmethod
    def add_all(cls, rows: Sequence[dict[str, Any]]) -> list[Self]:
        """Insert rows that name the same columns, with one statement; returns them in the same order."""
        return list(cls.insert_many(rows).returning(cls).execute())


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that a command wants to be made. Whoever runs the command makes it, perhaps with others."""

    model: type[Entity]
    values: dict[str, Any]

    def make(self) -> Entity:
        return self.model.add(**self.values)


class Trashable(Entity):
    """An entity that is deleted to the trash and restored from it; nothing cascades."""

    created_at = DateTimeField()
    updated_at = DateTimeField()
    deleted_at = DateTimeField(null=True)

    @classmethod
    def live(cls) -> Expression:
        return cls.deleted_at.is_null()

    @classmethod
    def trashed(cls) -> Expression:
        return cls.deleted_at.is_null(False)

    def children(self) -> str:
        """The live records that keep this one from the trash, as words; empty if there are none."""
        return ""

    def delete_to_trash(self) -> None:
        """Move to the trash. Raises Conflict naming the live children."""
        if children := self.children():
            raise Conflict(
                f"{self.noun.capitalize()} {self.id} still has {children}; nothing was deleted.", "Delete these first."
            )
        self.change(deleted_at=call("now"))

    def restore(self) -> None:
        """Bring back from the trash. Raises Conflict naming a parent that is there too."""
        self.change(deleted_at=None)

    def hold_up(self, child: "Trashable") -> None:
        """Raise Conflict if a child can't be restored, because this parent of it is in the trash."""
        if self.deleted_at is not None:
            raise Conflict(
                f"{child.noun.capitalize()} {child.id} needs {self}, which is in the trash; nothing was restored.",
                f"First: {self.plural()} restore {self.id}",
            )


def listed(noun: str, ids: Sequence[int]) -> str:
    """`contract 5`, `contracts 5, 7, 9`; from the 11th on `…`. Empty without ids."""
    shown = ", ".join(str(number) for number in ids[:10]) + (", …" if len(ids) > 10 else "")
    return f"{noun}{'s' if len(ids) > 1 else ''} {shown}" if ids else ""
