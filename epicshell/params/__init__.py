"""Parameter types: one object per type of argument that parses, completes and explains."""

from epicshell.params.base import Candidate, Param
from epicshell.params.entities import BY_ENTITY
from epicshell.params.scalars import BY_TYPE

__all__ = ["BY_ENTITY", "BY_TYPE", "Candidate", "Param"]
