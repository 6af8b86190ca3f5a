"""The program: options, set-up commands, and putting the rooms together."""

import gc
import sys

from epicshell import errors, telemetry


def main() -> None:
    """Run epicshell and exit with its code; no traceback reaches the user."""
    from epicshell import config as configuration

    gc.set_threshold(50_000)  # what is imported stays: looking for garbage in it would take 15 ms of a start
    loaded = None
    try:
        loaded = configuration.load()
        telemetry.start(loaded.folders.state / "epicshell.log", loaded.log_level)
        from epicshell.program import run

        code = run(sys.argv[1:], loaded)
    except errors.EpicError as error:
        print(f"epicshell: {error}", file=sys.stderr)  # noqa: T201
        code = error.exit_code
    except KeyboardInterrupt:
        code = errors.Interrupted.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone
        code = 0
    except Exception as error:
        reference = telemetry.fault(error, loaded.sentry_dsn if loaded else "")
        print(f"epicshell: an unexpected fault; the log has it as {reference}.", file=sys.stderr)  # noqa: T201
        code = errors.Fault.exit_code
    gc.freeze()  # nor is there anything to collect at the end: 20 ms
    sys.exit(code)


if __name__ == "__main__":
    main()
