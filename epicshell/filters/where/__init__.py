"""The filter language: `where EXPRESSION`.

param.Where      the parameter: `where …` at the end of a line, or `--where '…'`
read             from text to a checked tree; `str(tree)` is an expression again
condition        from a tree to a Peewee expression, all values bound
grammar.expected what may be typed at the end of a text

lexer → grammar → reader (with fields, periods) → tree → condition (with people)
"""

from epicshell.filters.where.condition import condition
from epicshell.filters.where.param import Where
from epicshell.filters.where.reader import read
from epicshell.filters.where.tree import Tree

__all__ = ["Tree", "Where", "condition", "read"]
