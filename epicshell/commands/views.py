"""Views: commands that are kept under a name."""
