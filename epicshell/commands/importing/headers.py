"""Which column of a file is which field: by the names of the fields, or what people call them, or as they map them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from epicshell.errors import Invalid, Refused
from epicshell.text import closest, display, quote, words

ID = "id"  #: the number that a record has in the file
REVISION = "revision"
#: What people call a field, in English and French; case, accents, signs and spaces don't matter.
SYNONYMS: dict[str, tuple[str, ...]] = {
    ID: ("n", "no", "nr", "number", "numero", "ref", "reference", "identifiant", "id fichier"),
    "full_name": ("name", "nom complet", "nom", "contact", "contact name", "client name", "nom du client",
                  "nom du contact", "customer"),
    "email": ("e mail", "mail", "courriel", "adresse e mail", "adresse mail", "email address", "e mail address"),
    "phone": ("telephone", "tel", "mobile", "portable", "phone number", "telephone number", "numero de telephone"),
    "company": ("societe", "entreprise", "organisation", "organization", "company name", "raison sociale",
                "nom de la societe", "nom de l entreprise"),
    "first_contact_on": ("first contact", "premier contact", "date of first contact", "date de premier contact",
                         "date du premier contact"),
    "client": ("client id", "client number", "numero de client", "numero client", "client email", "email du client"),
    "total": ("amount", "total amount", "montant", "montant total", "prix"),
    "due": ("amount due", "remaining amount", "remaining", "reste a payer", "reste du", "solde", "montant restant"),
    "signed": ("is signed", "signe", "signature"),
    "signed_at": ("signed on", "signature date", "date of signature", "date de signature", "signe le"),
    "name": ("event name", "event", "title", "titre", "nom", "nom de l evenement", "evenement"),
    "contract": ("contract id", "contract number", "contrat", "numero de contrat", "id contrat"),
    "starts_at": ("start", "starts", "event date start", "start date", "debut", "date de debut", "date debut"),
    "ends_at": ("end", "ends", "event date end", "end date", "fin", "date de fin", "date fin"),
    "location": ("place", "address", "lieu", "adresse", "endroit"),
    "attendees": ("guests", "number of attendees", "participants", "invites", "nombre de participants"),
    "notes": ("note", "remarks", "comments", "remarques", "commentaires"),
    "username": ("user", "user name", "login", "utilisateur", "nom d utilisateur"),
    "department": ("team", "departement", "service", "equipe"),
}  # fmt: skip

#: A full name in two columns, which is so only if there is one of each.
_FIRST_NAMES = ("first name", "given name", "prenom")
_LAST_NAMES = ("last name", "family name", "surname", "nom de famille", "nom", "name")


@dataclass(frozen=True)
class Columns:
    """The columns of a file: field to column, from 0. spare: the headers of those that are not imported.

    own: epicshell wrote the file, so that its ids are epicshell's own. first_name: the column of what stands before
    the full name, which is a last name then.
    """

    of: Mapping[str, int]
    spare: Sequence[str]
    own: bool
    first_name: int | None = None


def match(
    headers: Sequence[str], noun: str, fields: Sequence[str], required: Sequence[str], mapped: Mapping[str, str]
) -> Columns:
    """Find the fields among the headers of a file.

    noun: what each row is, in the singular. mapped: header to field, as the user says; it wins.

    Raises Invalid for a mapping that names no header or field, Refused for a required field that no column has.
    """
    keys = [_key(header) for header in headers]
    _check_twice(headers, keys)
    of = _as_mapped(headers, keys, [*fields, ID], mapped)
    unmapped = [key if column not in of.values() else "" for column, key in enumerate(keys)]
    first, last = _in_two_columns(unmapped) if "full_name" in fields and "full_name" not in of else (None, None)
    if last is not None:
        of["full_name"] = last
    for field in [*fields, ID, REVISION]:
        free = [column for column in _called(field, noun, keys) if column not in of.values()]
        if field not in of and free:
            of[field] = free[0]
    missing = [field for field in required if field not in of]
    if missing:
        raise Refused(
            f"No column for {', '.join(missing)}. The headers are {', '.join(map(quote, filter(None, headers)))}.",
            f'--map "HEADER={missing[0]}" tells which it is.',
        )
    taken = {*of.values(), first}
    spare = [display(header) for column, header in enumerate(headers) if header and column not in taken]
    return Columns(of, spare, {ID, REVISION} <= of.keys() and keys[of[ID]] == ID, first)


def _in_two_columns(keys: Sequence[str]) -> tuple[int | None, int | None]:
    """The columns of first and last names, if there are both and none of whole ones."""
    first, last = (
        next((keys.index(_key(name)) for name in names if _key(name) in keys), None)
        for names in (_FIRST_NAMES, _LAST_NAMES)
    )
    whole = {_key("full name"), _key("nom complet")} & {*keys}
    return (None, None) if first is None or last is None or whole else (first, last)


def _called(field: str, noun: str, keys: Sequence[str]) -> list[int]:
    """The columns whose header may mean a field, the best first: a record's number rather than its name."""
    names = [field, f"{noun} id", f"{noun} number"] if field == ID else [f"{field} id", field]
    wanted = [_key(name) for name in (*names, *SYNONYMS.get(field, ()))]
    return [keys.index(key) for key in wanted if key in keys]


def _key(name: str) -> str:
    return "".join(words(name))


def _check_twice(headers: Sequence[str], keys: Sequence[str]) -> None:
    twice = [header for header, key in zip(headers, keys, strict=True) if key and keys.count(key) > 1]
    if twice:
        raise Refused(f"The header {quote(twice[0])} stands twice.", "Give each column a name of its own.")


def _as_mapped(
    headers: Sequence[str], keys: Sequence[str], fields: Iterable[str], mapped: Mapping[str, str]
) -> dict[str, int]:
    known = {_key(field): field for field in fields}
    of: dict[str, int] = {}
    for header, name in mapped.items():
        field = known.get(_key(name))
        if field is None:
            raise Invalid(f"--map: {quote(name)} is no field here.", _meant(name, known.values()))
        if _key(header) not in keys:
            raise Invalid(f"--map: there is no header {quote(header)}.", _meant(header, filter(None, headers)))
        if field in of:
            raise Invalid(f"--map: {field} is given to two columns.")
        of[field] = keys.index(_key(header))
    return of


def _meant(name: str, known: Iterable[str]) -> str:
    choices = list(known)
    near = closest(name, choices)
    return f"{f'Did you mean {quote(near)}? ' if near else ''}Accepted: {', '.join(map(display, choices))}."
