"""Scripts that are under way: how far each has come, one row per employee and file, written with each line's work."""

import json
from collections.abc import Sequence
from typing import Any

from peewee import CharField, CompositeKey, DateTimeField, IntegerField, Model

from epicshell.database import Database
from epicshell.models.records import Json

# With each line of a script these run as they are: building them anew would cost more than running them.
_WRITE = """UPDATE crm.script_runs
            SET step = step + 1, line = %s, inside = %s, begun = %s, names = %s, updated_at = now()
            WHERE source = %s AND run = %s AND step = %s RETURNING step"""
_BEGIN = """INSERT INTO crm.script_runs (source, run, digest, line, inside, names)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (employee_id, source) DO UPDATE
            SET (run, step, digest, line, inside, begun, names, updated_at)
              = (excluded.run, 1, excluded.digest, excluded.line, excluded.inside, NULL, excluded.names, now())
            RETURNING step"""


class ScriptRun(Model):
    """A run of a script that has not come to its end. Own ones only: the database shows no others."""

    employee_id = IntegerField()
    source = CharField()
    run = CharField()
    step = IntegerField()
    digest = CharField()
    line = IntegerField()
    inside = Json()
    begun = IntegerField(null=True)
    names = Json()
    updated_at = DateTimeField()

    class Meta:
        schema = "crm"
        table_name = "script_runs"
        primary_key = CompositeKey("employee_id", "source")

    @classmethod
    def of(cls, source: str) -> "ScriptRun | None":
        """The run of a file that has not ended, if there is one."""
        found: ScriptRun | None = cls.select().where(cls.source == source).first()
        return found

    def take_over(self, run: str) -> "ScriptRun | None":
        """Go on with it as another run, from wherever it is by now; None if somebody else was quicker."""
        model = ScriptRun
        mine = (model.source == self.source) & (model.run == self.run) & (model.digest == self.digest)
        query = model.update(run=run, step=model.step + 1).where(mine).returning(model)
        found: ScriptRun | None = next(iter(query.execute()), None)
        return found


def begin(database: Database, source: str, run: str, digest: str, place: "Place", names: Any) -> int | None:
    """Write the row of a run that begins; an older one of the same file is replaced. Returns its first step."""
    values = (source, run, digest, place[0], json.dumps(place[1]), json.dumps(names))
    step: int | None = database.one(_BEGIN, values)
    return step


def write(
    database: Database, source: str, run: str, step: int, place: "Place", begun: int | None, names: Any
) -> int | None:
    """Write where a run stands. Returns the next step; None if this is no longer the run, or not its last step."""
    values = (place[0], json.dumps(place[1]), begun, json.dumps(names), source, run, step)
    written: int | None = database.one(_WRITE, values)
    return written


def end(database: Database, source: str, run: str) -> None:
    """The script has come to its end."""
    database.one("SELECT api.end_script_run(%s, %s)", (source, run))


Place = tuple[int, Sequence[tuple[str, str, int]]]  #: the line, and (source, digest, line) of the scripts inside it
