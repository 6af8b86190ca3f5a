"""Backups of the private server, and bringing them back."""
