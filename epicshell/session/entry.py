"""Coming in: ask for the password, or take an enrolment code and ask for a new one."""

from epicshell import values
from epicshell.errors import NotLoggedIn
from epicshell.session import passwords
from epicshell.session.account import Account
from epicshell.session.attachment import Actor
from epicshell.session.keys import is_code
from epicshell.session.terminal import Terminal, new_password


def enter(account: Account, terminal: Terminal, username: str) -> Actor:
    """Log in as an employee. Raises NotLoggedIn, the same for every reason; Invalid for what can't be a username."""
    username = values.username(username)
    typed = terminal.secret(f"Password of {username} (or enrolment code)")
    if not is_code(typed):
        return account.login(username, passwords.normal(typed.reveal()))
    if not account.gate.code_is_good(username, typed):
        raise NotLoggedIn("That username and enrolment code don't go together, or the code is used up.")
    terminal.tell("The code is good. Choose a password of 15 to 128 characters; a few random words are best.")
    password = new_password(terminal, lambda secret: passwords.check(secret, username))
    account.gate.enrol(username, typed, password)
    return account.login(username, password)


def change_password(account: Account, terminal: Terminal) -> None:
    """Ask for the old and the new password; every other session of the employee ends. Raises NotLoggedIn."""
    actor = account.actor
    old = passwords.normal(terminal.secret("Current password").reveal())
    personal = (actor.username, actor.full_name, actor.email)
    new = new_password(terminal, lambda secret: passwords.check(secret, *personal))
    account.gate.change_password(actor.username, old, new, keep=actor.session_id)
