"""The support team's old event sheets: forms for people, one per event, laid out as whoever made them liked."""

from epicshell.sheets.legacy.reading import EventSheet, Finding, event_sheets

__all__ = ["EventSheet", "Finding", "event_sheets"]
