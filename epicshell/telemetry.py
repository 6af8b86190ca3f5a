"""What epicshell tells about itself: the log file, and Sentry where it is configured. Never a secret."""

import logging
import os
from pathlib import Path
from typing import Any
from weakref import WeakSet

from epicshell import __version__
from epicshell.text import display

log = logging.getLogger("epicshell")
log.addHandler(logging.NullHandler())  # until it is started, nothing goes to stderr
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Secret:
    """A password, code or key on its way: it doesn't print, and what is sent out is scrubbed of it."""

    __slots__ = ("__weakref__", "_value")
    _alive: "WeakSet[Secret]" = WeakSet()

    def __init__(self, value: str) -> None:
        self._value = value
        Secret._alive.add(self)

    def reveal(self) -> str:
        """The value itself, for the one place that derives a key from it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    @classmethod
    def scrub(cls, text: str) -> str:
        """The text without any secret that is still alive."""
        for secret in list(cls._alive):
            for form in (secret._value, repr(secret._value)[1:-1]):
                if len(form) >= 4:
                    text = text.replace(form, "[secret]")
        return text


class _RotatingFile(logging.Handler):
    """A rotating file, 0600, opened with the first record: most runs write none, and its import takes 8 ms.

    Where none can be written, nothing is logged: a full disk or a strange folder must not stop the work.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._file is None:
            try:
                self._file = self._open()
            except OSError:
                self._file = logging.NullHandler()
        self._file.emit(record)

    def _open(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_private(str(self._path))
        opened = RotatingFileHandler(self._path, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
        opened.rotator = _rotate
        opened.handleError = _ignore  # type: ignore[method-assign,assignment]
        opened.setFormatter(_Formatter("%(asctime)s %(levelname)s %(process)d %(message)s"))
        return opened


def _ignore(_record: logging.LogRecord) -> None:
    """What can't be written is not told on the terminal: a full disk is no reason for a traceback."""


def _make_private(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def _rotate(full: str, kept: str) -> None:
    """Put the full file aside; the next one is made before the logger would, with its own mode."""
    os.replace(full, kept)
    _make_private(full)


class _Formatter(logging.Formatter):
    """One record per line whatever the message holds, and scrubbed; a traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = Secret.scrub(super().format(record)).split("\n")
        return "\n".join([display(first), *("    " + display(line) for line in rest)])


def start(path: Path, level: str) -> None:
    """Send the log to a file. level: one of DEBUG, INFO, WARNING, ERROR; anything else counts as INFO."""
    log.setLevel(level.upper() if level.upper() in _LEVELS else "INFO")
    log.propagate = False
    log.handlers = [_RotatingFile(path)]
    logging.getLogger("peewee").setLevel(logging.WARNING)  # at DEBUG it would write every bound value


def fault(error: BaseException, sentry_dsn: str = "") -> str:
    """Record an unexpected error in the log and in Sentry; returns the id under which it is found in both."""
    reference = os.urandom(4).hex()
    log.error("fault %s", reference, exc_info=error)
    if sentry_dsn:
        _send(error, sentry_dsn, reference)
    return reference


def _send(error: BaseException, dsn: str, reference: str) -> None:
    try:
        import sentry_sdk

        sentry_sdk.init(
            dsn=dsn,
            release=f"epicshell@{__version__}",  # else it would ask git, in whatever folder we are
            before_send=_scrub_event,
            default_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            send_default_pii=False,
            server_name="",
            traces_sample_rate=0,
            shutdown_timeout=2,
        )
        sentry_sdk.set_tag("reference", reference)
        sentry_sdk.capture_exception(error)
        sentry_sdk.flush(timeout=2)
    except Exception:  # reporting a fault must never be one
        log.warning("Sentry could not be told of fault %s", reference)


def _scrub_event(event: Any, _hint: Any) -> Any:
    """Drop what a message could carry of the data, and where people keep their files; then scrub what is left."""
    for entry in event.get("exception", {}).get("values", []):
        entry["value"] = ""
        for frame in entry.get("stacktrace", {}).get("frames", []):
            frame.pop("abs_path", None)
    event.pop("server_name", None)
    return _scrubbed(event)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return Secret.scrub(value)
    if isinstance(value, dict):
        return {key: _scrubbed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value
