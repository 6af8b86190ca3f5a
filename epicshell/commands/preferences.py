"""What one likes: shown, chosen, given up."""

from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.params.settings import PreferenceName, PreferenceValue
from epicshell.policy import Permission
from epicshell.preferences import DEFAULT, Preferences
from epicshell.results import Column, Listing, Record

LONGEST_DEFAULT = 12
_COLUMNS = [Column(name) for name in ("name", "value", "default", "meaning")]


@command("set", needs=Permission.OWN_ACCOUNT, alone=True)
def set_(
    context: Context, name: PreferenceName | None = None, value: PreferenceValue = "", /
) -> Listing | Record | str:
    """Show your preferences, or change one; they are kept for you, and hold in the shell only.

    name: which
    value: its new value, or default
    """
    preferences = _own(context)
    if name is None:
        rows = [_short(*row) for row in preferences.rows()]
        return Listing(_COLUMNS, rows, lambda _: f"set NAME VALUE changes one, set NAME {DEFAULT} goes back.")
    if not value:
        return Record(_COLUMNS, next(row for row in preferences.rows() if row[0] == name))
    preferences.put(name, value)
    return f"{name} is {preferences[name]}."


def _short(name: str, value: str, default: str, meaning: str) -> tuple[str, ...]:
    """A row of the list: a long default, which nobody chose, would leave no room for the rest."""
    if len(default) <= LONGEST_DEFAULT:
        return name, value, default, meaning
    return name, "standard" if value == default else value, "standard", meaning


def _own(context: Context) -> Preferences:
    """Raises NotUnderstood outside the shell: there, nobody's taste changes what a command means."""
    if context.preferences is None:
        raise NotUnderstood("set works at the shell's prompt only.", "Preferences change nothing elsewhere.")
    return context.preferences
