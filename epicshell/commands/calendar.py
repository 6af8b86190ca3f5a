"""Events as a calendar of other programs."""
