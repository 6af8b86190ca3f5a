"""Who a sheet means by a support contact: a full name, a username or an address, without accents."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property

from epicshell.errors import NotFound, Refused
from epicshell.models import Employee
from epicshell.text import fold, quote, words

Key = tuple[str, ...]  #: the words of a name, in no order
_NOBODY = {"", "-", "–", "—", "?", "tbd", "none", "nobody", "aucun", "aucune", "personne", "n/a", "a definir"}


class Directory:
    """Everybody, by what sheets may call them."""

    @cached_property
    def _everybody(self) -> list[Employee]:
        return list(Employee.select().order_by(Employee.id))

    @cached_property
    def _named(self) -> Mapping[Key, list[Employee]]:
        """Those of each name, by their ids: sheets are many, and each is looked up."""
        named: dict[Key, list[Employee]] = {}
        for one in self._everybody:
            for key in {_key(text) for text in (one.full_name, one.username, one.email)}:
                named.setdefault(key, []).append(one)
        return named

    def find(self, name: str) -> Employee | None:
        """The employee of a name; None where the sheet says that it is nobody. Raises NotFound, Refused."""
        if fold(name) in _NOBODY:
            return None
        found = self._named.get(_key(name), [])
        found = [one for one in found if is_support(one)] or found
        if not found:
            raise NotFound(f"There is no {quote(name)} among the employees.", self._advice(name))
        if len(found) > 1:
            raise Refused(
                f"{quote(name)} is the name of {len(found)} people.",
                f"Write one of: {', '.join(one.username for one in found)}.",
            )
        return found[0]

    def _advice(self, name: str) -> str:
        """The one of support whose name is near, or of whose name a part is given."""
        team = list(filter(is_support, self._everybody))
        named = {fold(text): one for one in team for text in (one.full_name, one.username)}
        near = [named[text] for text in get_close_matches(fold(name), named, n=1)]
        near = near or [one for one in team if {*_key(name)} <= {*_key(one.full_name)}]
        if len(near) != 1:
            return "employees list --department support shows who there is."
        return f"Did you mean {near[0].full_name} ({near[0].username})?"


def is_support(employee: Employee) -> bool:
    """Whether events can be assigned to them now."""
    return bool(employee.active and employee.department == "support")


def _key(name: str) -> Key:
    return tuple(sorted(words(name)))
