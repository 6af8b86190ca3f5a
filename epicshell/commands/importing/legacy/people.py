"""Who a sheet means by a support contact: a full name, a username or an address, without accents."""

from difflib import get_close_matches
from functools import cached_property

from epicshell.errors import NotFound, Refused
from epicshell.models import Employee
from epicshell.text import fold, quote, words

_NOBODY = {"", "-", "–", "—", "?", "tbd", "none", "nobody", "aucun", "aucune", "personne", "n/a", "a definir"}


class Directory:
    """Everybody, by what sheets may call them."""

    @cached_property
    def _everybody(self) -> list[Employee]:
        return list(Employee.select().order_by(Employee.id))

    def find(self, name: str) -> Employee | None:
        """The employee of a name; None where the sheet says that it is nobody. Raises NotFound, Refused."""
        if fold(name) in _NOBODY:
            return None
        found = [one for one in self._everybody if sorted(words(name)) in _keys(one)]
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
        named = {}
        for one in filter(is_support, self._everybody):
            named[fold(one.full_name)] = named[fold(one.username)] = one
        near = get_close_matches(fold(name), named, n=1)
        if not near:
            return "employees list --department support shows who there is."
        return f"Did you mean {named[near[0]].full_name} ({named[near[0]].username})?"


def is_support(employee: Employee) -> bool:
    """Whether events can be assigned to them now."""
    return bool(employee.active and employee.department == "support")


def _keys(employee: Employee) -> list[list[str]]:
    return [sorted(words(text)) for text in (employee.full_name, employee.username, employee.email)]
