"""What a list shows: conditions, order, columns, pages."""

from epicshell.filters.page import Page, listed, listing, record

__all__ = ["Page", "listed", "listing", "record"]
