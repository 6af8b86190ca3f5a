"""The filter language: `where EXPRESSION`."""
