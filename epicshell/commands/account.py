"""One's own account: coming and going, the password, the sessions."""

from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import Leave, NotFound
from epicshell.filters import Page, listed
from epicshell.models import Employee, LiveSession
from epicshell.params.people import Owner
from epicshell.params.scalars import LoginName, SessionNumber
from epicshell.policy import Permission
from epicshell.results import Column, Listing, Record, Text
from epicshell.session.entry import change_password, enter
from epicshell.session.terminal import Question


@command("login", needs=None, alone=True)
def login(context: Context, username: LoginName | None = None, /) -> str:
    """Log in, with the password or with a one-time enrolment code.

    username: who you are
    """
    if username is None:
        username = context.terminal.ask(Question("username"))
    before = context.account.session
    actor = enter(context.account, context.terminal, username)
    if before is None or before.employee_id != actor.employee_id:
        context.memory.clear()
    return f"Logged in as {actor.username} ({actor.department})."


@command("logout", needs=None, alone=True)
def logout(context: Context, *, all: bool = False) -> str:
    """End this session.

    all: end every session of yours, on other machines too
    """
    ended = context.account.logout(everywhere=all)
    context.memory.clear()
    return f"Logged out; {ended} sessions ended." if all else "Logged out."


@command("whoami", needs=Permission.OWN_ACCOUNT)
def whoami(context: Context) -> Record:
    """Show who is logged in."""
    actor = context.actor
    names = ("username", "full_name", "email", "department")
    return Record([Column(name) for name in names], [getattr(actor, name) for name in names])


@command("passwd", needs=Permission.OWN_ACCOUNT, alone=True)
def passwd(context: Context) -> str:
    """Change your password; your other sessions end."""
    change_password(context.account, context.terminal)
    return "Your password is changed; your other sessions have ended."


@command("sessions list", needs=Permission.OWN_ACCOUNT, model=LiveSession)
def list_sessions(context: Context, *, user: Owner | None = None, page: Page) -> Listing | Text:
    """List the sessions that are logged in.

    user: someone else's (admin)
    """
    owner = user.id if user else context.actor.employee_id
    return listed(context, LiveSession, LiveSession.select().where(LiveSession.employee_id == owner), page, "-id")


@command("sessions revoke", needs=Permission.OWN_ACCOUNT)
def revoke(context: Context, session: SessionNumber, *, user: Owner | None = None) -> str:
    """End a session by its number.

    session: number, as sessions list shows it
    user: whose it is, if not yours (admin)
    """
    owner = user.id if user else context.actor.employee_id
    found = LiveSession.get_or_none((LiveSession.id == session) & (LiveSession.employee_id == owner))
    if found is None:
        whose = f" of {user.username}" if isinstance(user, Employee) else ""
        raise NotFound(f"There is no session {session}{whose}.", "sessions list shows them.")
    found.revoke()
    return f"Session {session} has ended."


@command("exit", needs=None)
def leave(context: Context) -> None:
    """Leave the shell; the session stays for the next time."""
    raise Leave("Bye.")
