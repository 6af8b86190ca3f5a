"""Colours, for dark and light screens: SGR parameters (ECMA-48) of the sixteen ANSI colours, or none."""

import os

#: By the preference `colours`. Black on a bright ground, and plain red, read on any screen.
_ANY = {"header": "1", "status": "7", "match": "30;43", "changed": "30;42", "error": "31"}
THEMES: dict[str, dict[str, str]] = {
    "auto": _ANY,
    "light": _ANY,
    "dark": {**_ANY, "error": "91"},
    "off": {"header": "", "status": "7", "match": "7", "changed": "7", "error": ""},
}


def theme(preferred: str) -> str:
    """The theme to use: NO_COLOR (no-color.org) wins over what is preferred."""
    return "off" if os.environ.get("NO_COLOR") else preferred


def sgr(name: str, style: str) -> str:
    """The escape sequence that begins a style of a theme; empty for plain text."""
    parameters = THEMES[name].get(style, "")
    return f"\x1b[{parameters}m" if parameters else ""
