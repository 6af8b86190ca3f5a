"""Bringing records in from files: what each wants to become, done or rehearsed in one transaction, and reported."""
