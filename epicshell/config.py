"""What the installation is told: environment, configuration file, folders."""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from epicshell.errors import NotUnderstood, Unavailable

_OTHER_HOME = "Set EPICSHELL_HOME to a folder of your own."
_KEYS = ("database_url", "owner_url", "sentry_dsn", "log_level")


@dataclass(frozen=True)
class Folders:
    """Where epicshell writes: data (the private server), state (sessions, history, log), configuration."""

    data: Path
    state: Path
    configuration: Path


@dataclass(frozen=True)
class Config:
    """The values of EPICSHELL_… variables; without one, of the configuration file's key of that name."""

    folders: Folders
    database_url: str = ""
    owner_url: str = ""
    sentry_dsn: str = ""
    log_level: str = "INFO"


def load() -> Config:
    """Read the environment and `epicshell.toml`. Raises NotUnderstood for a file that can't be read."""
    folders = _folders()
    values = _file(folders.configuration / "epicshell.toml")
    values |= {key: value for key in _KEYS if (value := os.environ.get(f"EPICSHELL_{key.upper()}"))}
    return Config(folders, **values)


def _folders() -> Folders:
    if home := os.environ.get("EPICSHELL_HOME"):
        try:
            root = Path(home).expanduser().absolute()
        except RuntimeError:
            raise NotUnderstood(f"EPICSHELL_HOME={home} names an account that isn't there.") from None
        return Folders(root / "data", root / "state", root / "config")
    from platformdirs import user_config_path, user_data_path, user_state_path

    return Folders(user_data_path("epicshell"), user_state_path("epicshell"), user_config_path("epicshell"))


def _file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    import tomllib

    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise NotUnderstood(f"{path} is not a file.")
    if facts.st_uid not in (0, os.geteuid()) or facts.st_mode & 0o022:
        raise NotUnderstood(f"{path} can be changed by others; it was not used.", f"Run: chmod go-w {path}")
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotUnderstood(f"{path} can't be read: {error}.") from None
    for key, value in values.items():
        if key not in _KEYS or not isinstance(value, str):
            raise NotUnderstood(f"{path}: {key!r} is not a setting.", f"Settings are texts named {', '.join(_KEYS)}.")
    return values


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, and give it back. Raises Unavailable for one that isn't ours."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        facts = path.lstat()
        if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid():
            if facts.st_mode & 0o077:
                path.chmod(0o700)
            return path
    except OSError as error:
        raise Unavailable(f"The folder {path} can't be made: {error.strerror}.", _OTHER_HOME) from None
    raise Unavailable(f"The folder {path} is a link or belongs to someone else.", _OTHER_HOME)


def read_private(path: Path, *, anywhere: bool = False) -> str:
    """The text of a file that only we can read or change, in a folder that only we can, or anywhere.

    Raises PermissionError for a link, another owner or an open mode; FileNotFoundError; UnicodeDecodeError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        facts = os.fstat(descriptor)
        guards = [facts] if anywhere else [facts, path.parent.stat()]
        ours = all(one.st_uid == os.geteuid() and not one.st_mode & 0o077 for one in guards)
        if not ours or not stat.S_ISREG(facts.st_mode):
            raise PermissionError(f"{path} can be read or changed by others")
        return file.read()


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file atomically: a reader sees the old file or the new one, whole. The draft is ours alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
