"""Pairs as an argument that may be given many times: `--map "Société=company" --map "Tél=phone"`."""

import re
from collections.abc import Mapping
from typing import Annotated

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.params.base import Param
from epicshell.policy import Permission
from epicshell.text import quote
from epicshell.values import integer


class Pairs(Param):
    """Pairs joined by =; several of them with commas between, or the flag given again."""

    many = True

    def __init__(self, metavar: str, accepts: str) -> None:
        self.metavar, self.accepts = metavar, accepts

    def parse(self, text: str, context: Context, needs: Permission | None) -> Mapping[str, str]:
        pairs: dict[str, str] = {}
        for pair in re.split(r"\n|,(?=[^,=\n]*=)", text):
            left, equals, right = (part.strip() for part in pair.rpartition("="))
            if not (equals and left and right):
                raise Invalid(f"{quote(pair)} is no pair.", f"Accepted: {self.accepts}.")
            if left in pairs:
                raise Invalid(f"{quote(left)} is given twice.")
            pairs[left] = right
        return pairs


HeaderMap = Annotated[Mapping[str, str], Pairs("HEADER=FIELD", "a header of the file, = and the field that it is")]


class _Contracts(Pairs):
    """Pairs of contract numbers."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> Mapping[int, int]:  # type: ignore[override]
        pairs = super().parse(text, context, needs)
        return {integer(left, 1, 2_147_483_647): integer(right, 1, 2_147_483_647) for left, right in pairs.items()}


ContractMap = Annotated[
    Mapping[int, int], _Contracts("OLD=ID", "a contract number of the sheets, = and the contract that it is here")
]
