"""Parameter types of settings and preferences: a name, and the value that fits the name before it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from epicshell.context import Context
from epicshell.fuzzy import best
from epicshell.models import Client, Contract, Employee, Event, Setting
from epicshell.params.base import Candidate, Choice, Param, Scalar
from epicshell.params.fields import FieldNames
from epicshell.params.scalars import text_up_to
from epicshell.policy import Permission
from epicshell.preferences import DEFAULT, PREFERENCES, preference_of


class _OfSetting(Scalar):
    """The value of the setting whose name stands before it."""

    def given(self, typed: Mapping[str, str]) -> Param:
        pattern, accepts = Setting.ACCEPTED.get(typed.get("name", "").lower(), ("", self.accepts))
        known = tuple(pattern.split("|")) if re.fullmatch(r"[\w|-]+", pattern) else ()
        return _Value(self.metavar, accepts, self.read, known=known)


@dataclass(frozen=True)
class _Value(Scalar):
    """The value of one setting or preference. known: the words that it accepts, if it accepts only some."""

    known: tuple[str, ...] = ()
    at_once = True

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return [Candidate(word) for word in best(prefix, self.known, str)]


class _Preference(Choice):
    """The name of a preference."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> str:
        return preference_of(text).name

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return [Candidate(one.name, one.meaning) for one in PREFERENCES.values() if one.name.startswith(prefix.lower())]


@dataclass(frozen=True)
class _PreferredColumns(FieldNames):
    """The fields that tables of an entity show."""

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        if text.strip().lower() != DEFAULT:
            super().check(text, context, needs)

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        found = list(super().candidates(prefix, context, needs))
        first = not any(self.taken) and DEFAULT.startswith(prefix.lower())
        return [*found, Candidate(DEFAULT, "back to how it was")] if first else found


_LISTED = {model.plural(): model for model in (Client, Contract, Event, Employee)}


class _OfPreference(Scalar):
    """The value of the preference whose name stands before it."""

    def given(self, typed: Mapping[str, str]) -> Param:
        one = PREFERENCES.get(typed.get("name", "").lower())
        of_columns, _, plural = one.name.partition(".") if one else ("", "", "")
        if of_columns == "columns":
            return _PreferredColumns(self.metavar, self.accepts, model=_LISTED[plural])
        words = (*one.words, DEFAULT) if one else ()
        return _Value(self.metavar, self.accepts, self.read, known=words)


SettingName = Annotated[str, Choice("NAME", lambda _: tuple(Setting.ACCEPTED), "the name of a setting")]
SettingValue = Annotated[str, _OfSetting("VALUE", "its value", text_up_to(64))]
_PREFERENCE = "the name of a preference; set alone lists them"
PreferenceName = Annotated[str, _Preference("NAME", lambda _: tuple(PREFERENCES), _PREFERENCE)]
PreferenceValue = Annotated[str, _OfPreference("VALUE", "a value, or default", lambda typed, _: typed.strip())]
