"""What a list asks for, as one command, and how the database will find it. Nothing of it is run.

The digest tells which index leads to the rows or which table is read as a whole, how many rows the database expects,
and what it drops on the way; what row security adds is left out. All of it rests on statistics of whole tables, so who
reads a part of them under need-to-know is told the command alone.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from epicshell.context import Context
from epicshell.filters.where.tree import Tree
from epicshell.results import Text
from epicshell.text import counted

_PRIVATE = re.compile(r"InitPlan|SubPlan|api\.|deleted_at|contract_standing")
_UNTOLD = (
    "How the database finds them is told where everybody reads everything: it counts on what you may not read, too."
)
#: What the planner makes of crm.fold, whose body it puts in line.
_FOLD = re.compile(r"CASE WHEN \(octet_length\((\w+)\) = length\(\1\)\) THEN .*? 'th'\) END")
_CAST = re.compile(r"::(?:text|bigint|integer|date|timestamp with(?:out)? time zone|\"[a-z]+\")(?:\[\])?")


@dataclass(frozen=True)
class Asked:
    """What a list was asked for. flags: those of the page, as they are typed. where: None for all rows."""

    plural: str
    flags: str
    where: Tree | None

    def __str__(self) -> str:
        words = [self.plural, "filter", self.flags, f"where {self.where}" if self.where else ""]
        return " ".join(word for word in words if word)


def explained(context: Context, asked: Asked | None, query: Any) -> Text:
    """A list as a command that can be pasted, and how the database will run its query. None: of a list of records that
    the database keeps for itself, nothing but how many there may be."""
    if context.actor.need_to_know and context.actor.department in ("sales", "support"):
        return Text("\n\n".join([str(asked or "This list takes no expression."), _UNTOLD]))
    statement, parameters = context.database.get_sql_context().sql(query).query()
    found = context.database.one(f"EXPLAIN (FORMAT JSON) {statement}", tuple(parameters))
    plan = found if isinstance(found, list) else json.loads(found)
    if asked is None:
        return Text(f"This list takes no expression. The database expects {_rows(plan[0]['Plan'])}.")
    return Text("\n".join([str(asked), "", "The database will:", *digest(plan[0]["Plan"])]))


def digest(plan: dict[str, Any]) -> list[str]:
    """A plan (EXPLAIN's JSON) in a few lines: the innermost first, since that is where it starts."""
    steps = [f"  {step}" for step in _steps(plan)]
    return [*steps, f"  expect {_rows(plan)}"]


def _rows(node: dict[str, Any]) -> str:
    return f"about {counted(node['Plan Rows'], 'row')}"


def _steps(node: dict[str, Any]) -> Iterator[str]:
    for inner in node.get("Plans", ()):
        if inner.get("Parent Relationship") != "InitPlan" and node["Node Type"] != "BitmapOr":
            yield from _steps(inner)
    kind, table = node["Node Type"], node.get("Relation Name")
    if table:
        yield _scan(kind, table, node)
    elif kind in ("Sort", "Incremental Sort"):
        yield f"sort them by {', '.join(_plain(key) for key in node['Sort Key'])}"


def _scan(kind: str, table: str, node: dict[str, Any]) -> str:
    rows = _rows(node)
    if kind == "Seq Scan":
        how = f"read all {table}"
    elif kind == "Bitmap Heap Scan":
        how = f"find {table} by {_conditions(node.get('Recheck Cond', '')) or 'an index'}"
    else:
        by = _conditions(node.get("Index Cond", ""))
        how = f"walk {table} by index {node['Index Name']}" + (f" where {by}" if by else "")
    dropped = _conditions(node.get("Filter", ""))
    return f"{how}, {f'keep those with {dropped}, ' if dropped else ''}{rows}"


def _conditions(text: str) -> str:
    """A condition of a plan without what row security put there."""
    return " and ".join(_plain(part) for part in _parts(text) if not _PRIVATE.search(part))


def _plain(text: str) -> str:
    text = re.sub(r"\bt\d+(?:_\d+)?\.", "", _CAST.sub("", text)).replace("folded(", "fold(")
    return _bare(_FOLD.sub(r"fold(\1)", text))


def _parts(text: str) -> list[str]:
    """What stands between the outermost ANDs: `((a = 1) AND (b = 2))` is `a = 1` and `b = 2`."""
    text = _bare(text)
    parts, depth, start = [], 0, 0
    quoted = False
    for place, character in enumerate(text):
        quoted ^= character == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if not depth and not quoted and text.startswith(" AND ", place):
            parts.append(text[start:place])
            start = place + len(" AND ")
    return [_bare(part) for part in [*parts, text[start:]] if part]


def _bare(text: str) -> str:
    """A text without the parentheses around the whole of it."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth and place < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text
