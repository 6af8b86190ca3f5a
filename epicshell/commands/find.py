"""Search everything at once."""
