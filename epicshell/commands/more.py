"""The next page of the last list."""
