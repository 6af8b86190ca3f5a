"""What can go wrong, as people are told it: one class per exit code."""


class EpicError(Exception):
    """A problem with one sentence for the user.

    exit_code: what the program exits with (sysexits.h for 70, the shell's habit for 130).
    hint: an optional second sentence that says what to do about it.
    place: the line of a script that it is about, if that is not the one that was being run.
    picture: lines of their own below that show what is wrong, such as an expression with carets under the place.
    """

    exit_code = 70
    place: int | None = None
    picture = ""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".rstrip() + (f"\n{self.picture}" if self.picture else "")


class Refused(EpicError):
    """The data refuses: an invalid value, something not found, a conflict."""

    exit_code = 1


class Invalid(Refused):
    """A value that is not accepted; the sentence says what is wrong, where, and what is accepted.

    span: where in the value it is wrong, from and to; None for all of it.
    """

    span: tuple[int, int] | None = None


class NotFound(Refused):
    """No such record, or one that the reader may not see: the same answer."""


class Conflict(Refused):
    """Someone else changed the record, or a guard of the database holds against the change."""


class NotUnderstood(EpicError):
    """The line is not a command, or misses a part."""

    exit_code = 2


class NotLoggedIn(EpicError):
    """There is no session, or it has ended."""

    exit_code = 3


class SessionEnded(NotLoggedIn):
    """There was a session, and it is over: logging in again goes on."""


class NotAllowed(EpicError):
    """The actor lacks a right; the sentence says which, and who has it.

    recorded: the audit has it already, by the command that was refused.
    """

    exit_code = 4
    recorded = False


class Unavailable(EpicError):
    """The database can't be reached, or its schema is not ours."""

    exit_code = 5


class Fault(EpicError):
    """A mistake of epicshell itself; the log has the details under the id that is shown."""


class Interrupted(EpicError):
    """The user pressed Ctrl-C."""

    exit_code = 130


class Late(Interrupted):
    """The user pressed Ctrl-C, but what was asked for was done already."""


class Leave(EpicError):
    """Not an error: `exit` was typed."""

    exit_code = 0
