"""What a list shows: conditions, order, columns, pages."""

from epicshell.filters.page import Page, listed, listing
from epicshell.filters.records import record, records

__all__ = ["Page", "listed", "listing", "record", "records"]
