"""Start and end of the program: its exit code, its streams, and what is told of a fault."""

import errno
import gc
import os
import sys
from contextlib import suppress

from epicshell import config as configuration
from epicshell import errors, telemetry
from epicshell.text import display

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run epicshell and exit with its code; no traceback reaches the user."""
    gc.set_threshold(50_000)  # what is imported stays: looking for garbage in it would take 15 ms of a start
    _fill_gaps()
    loaded = None
    try:
        loaded = configuration.load()
        telemetry.start(loaded.folders.state / "epicshell.log", loaded.log_level)
        code = _run(loaded)
    except errors.EpicError as error:
        _tell(str(error))
        code = error.exit_code
    except KeyboardInterrupt:
        code = errors.Interrupted.exit_code
    except BrokenPipeError:
        code = 0  # whoever read our output has gone
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _tell(f"Writing failed: {error.strerror}.")
            code = errors.Refused.exit_code
        else:
            reference = telemetry.fault(error, loaded.sentry_dsn if loaded else "")
            _tell(f"an unexpected fault; the log has it as {reference}.")
            code = errors.Fault.exit_code
    _drop_rest()
    gc.freeze()  # nor is there anything to collect at the end: 20 ms
    sys.exit(code)


def _run(loaded: configuration.Config) -> int:
    from epicshell.program import run

    try:
        code = run(sys.argv[1:], loaded)
    except SystemExit:  # --help, --version
        code = 0
    if sys.stdout:
        sys.stdout.flush()
    return code


def _tell(sentence: str) -> None:
    with suppress(OSError):
        print(f"epicshell: {display(sentence, multiline=True)}", file=sys.stderr)  # noqa: T201


def _fill_gaps() -> None:
    """No file of ours may get the number of a stream that the caller closed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 — open to the end


def _drop_rest() -> None:
    """Output that can't be written leads nowhere, or Python would complain of it at its end."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
