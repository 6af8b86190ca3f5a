"""What the installation is told: environment, configuration file, folders."""

import os
from dataclasses import dataclass
from pathlib import Path

from epicshell.errors import NotUnderstood

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
        root = Path(home).expanduser().absolute()
        return Folders(root / "data", root / "state", root / "config")
    from platformdirs import user_config_path, user_data_path, user_state_path

    return Folders(user_data_path("epicshell"), user_state_path("epicshell"), user_config_path("epicshell"))


def _file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    import tomllib

    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotUnderstood(f"{path} can't be read: {error}.") from None
    for key, value in values.items():
        if key not in _KEYS or not isinstance(value, str):
            raise NotUnderstood(f"{path}: {key!r} is not a setting.", f"Settings are texts named {', '.join(_KEYS)}.")
    return values


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, and give it back."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path
