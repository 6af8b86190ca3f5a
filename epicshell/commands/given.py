"""What an update was given."""

from typing import Any

from epicshell.errors import NotUnderstood


def given(**values: Any) -> dict[str, Any]:
    """The values that are not None. Raises NotUnderstood if none is given: then there is nothing to change."""
    found = {name: value for name, value in values.items() if value is not None}
    if not found:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in values)
        raise NotUnderstood(
            "There is nothing to change.", f"Give {'at least one of ' if len(values) > 1 else ''}{flags}."
        )
    return found
