"""The house: imports point down the floors, and prose keeps its promises."""

import ast
import re
from pathlib import Path

import pytest

import epicshell

ROOT = Path(epicshell.__file__).parent
FLOORS = [
    {"errors", "results", "sheets", "text", "fuzzy", "telemetry", "config", "values", "moments", "urls", "names"}
    | {"newfile"},
    {"migrations", "database", "connecting", "embedded", "waiting"},
    {"models"},
    {"session", "preferences"},
    {"policy"},
    {"context"},
    {"params", "render"},
    {"filters"},
    {"signature"},
    {"command"},
    {"commands"},
    {"shell"},
    {"setup"},
    {"accounts", "batch"},
    {"program"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MAP = (ROOT.parent / "docs/rooms.md").read_text("utf-8")
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("epicshell"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("epicshell.")}
    return found - {"__version__", "schema"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    for other in imported_rooms(path) - {here}:
        beside = LEVEL[other] == LEVEL[here] == 0 or (here, other) == ("database", "migrations")
        assert LEVEL[other] < LEVEL[here] or beside or {here, other} <= FLOORS[1], f"{here} imports {other}"


def test_every_room_has_a_floor() -> None:
    assert {room(path) for path in MODULES} <= set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_no_module_outgrows_its_room() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 330} == {}


def section(title: str) -> str:
    return MAP.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_map_has_the_floors_as_they_are() -> None:
    rows = [line.split("|")[1] for line in section("The floors").splitlines() if line.startswith("| `")]
    assert [set(re.findall(r"`(\w+)`", rooms)) for rooms in rows] == FLOORS[::-1]


def test_map_names_each_module_of_the_crowded_room_once() -> None:
    rows = [line for line in section("The crowded room: `commands`").splitlines() if "importing/" not in line]
    named = re.findall(r"`(\w+)`", "\n".join(rows))
    assert sorted(named) == sorted(path.stem for path in (ROOT / "commands").glob("*.py") if path.stem != "__init__")


def test_map_leads_to_what_is_there() -> None:
    named = {name for name in re.findall(r"`([\w/]+(?:\.py|\.sql|/))`", MAP) if "/" in name.rstrip("/")}
    tops = (ROOT, ROOT / "commands", ROOT / "filters", ROOT.parent)
    assert [name for name in sorted(named) if not any((top / name).exists() for top in tops)] == []
