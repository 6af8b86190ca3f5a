"""epicshell: the CRM of Epic Events, a shell over PostgreSQL."""

__version__ = "0.1.0"
