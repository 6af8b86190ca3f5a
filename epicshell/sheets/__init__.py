"""Tables in files that others made: what a row of a sheet is, however it was stored, and reading it without trust."""

from epicshell.sheets.limits import Limits
from epicshell.sheets.reader import read
from epicshell.sheets.rows import Row, Value, letters

__all__ = ["Limits", "Row", "Value", "letters", "read"]
