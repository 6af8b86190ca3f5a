"""Sample data: the two events of the company's own brief, and enough around them that every filter shows something."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

_ZONE = ZoneInfo("Europe/Paris")
_EMPLOYEES = [
    ("ada.morel", "Ada Morel", "admin"),
    ("otto.klein", "Otto Klein", "admin"),
    ("mia.laurent", "Mia Laurent", "management"),
    ("max.durand", "Max Durand", "management"),
    ("bill.boquet", "Bill Boquet", "sales"),
    ("eve.martin", "Ève Martin", "sales"),
    ("hugo.petit", "Hugo Petit", "sales"),
    ("kate.hastroff", "Kate Hastroff", "support"),
    ("alienor.vichum", "Aliénor Vichum", "support"),
    ("tom.roux", "Tom Roux", "support"),
    ("rose.faure", "Rose Faure", "support"),
]
_PEOPLE = [
    ("Zoé Lefèvre", "Atelier Zéphyr"), ("Łukasz Nowak", "Nowak Robotics"), ("Chloé Dubois", "Dubois & Filles"),
    ("Noël Garnier", "Garnier Énergies"), ("Inès Fontaine", "Fontaine Cloud"), ("Jürgen Weiß", "Weiß Labs"),
    ("María Núñez", "Núñez Diseño"), ("Søren Holm", "Holm Analytics"), ("Anaïs Moreau", "Moreau Bio"),
    ("Théo Caron", "Caron Mobilité"), ("Léa Girard", "Girard Studio"), ("Paul O'Connor", "O'Connor Games"),
    ("Yuki Tanaka", "東京イベント"), ("Fatou Diallo", "Diallo Fintech"), ("Hélène Royer", "Royer Vins"),
    ("Marc Besson", "Besson Drones"), ("Élise Colin", "Colin Santé"), ("Igor Petrov", "Petrov Media"),
    ("Nadia Benali", "Benali Textile"), ("Oscar Lindqvist", "Lindqvist AB"), ("Camille Renaud", "Renaud Édition"),
    ("Victor Hubert", "Hubert Voile"), ("Sara Conti", "Conti Moda"), ("Émile Perrin", "Perrin Cycles"),
    ("Julie Marchand", "Marchand Café"), ("Ruben Cohen", "Cohen Optics"), ("Agnès Picard", "Picard Froid"),
    ("Denis Vasseur", "Vasseur Data"), ("Olga Ivanova", "Ivanova Dance"), ("Simon Leclerc", "Leclerc Bois"),
    ("Margaux Blin", "Blin Parfums"), ("Karim Haddad", "Haddad Food"), ("Lucie Tessier", "Tessier Légal"),
    ("Adam Novák", "Novák Piano"), ("Rose Delmas", "Delmas Fleurs"), ("Ivan Horvat", "Horvat Marine"),
]  # fmt: skip
_KINDS = ("launch party", "general assembly", "seminar", "hackathon", "gala dinner", "product demo", "summer party")
_PLACES = (
    "12 Rue de Rivoli, 75004 Paris, France",
    "Halle Tony-Garnier, 69007 Lyon, France",
    "Château de Cheverny, 41700 Cheverny, France",
    "Les Docks, 13002 Marseille, France",
    "Salle des fêtes de Mufflins",
    "Quai des Chartrons, 33000 Bordeaux, France",
)


_GONE = (  # who left, and what is in the trash
    "UPDATE crm.employees SET active = false WHERE username = 'rose.faure'",
    "UPDATE crm.clients SET deleted_at = now() WHERE full_name = 'Ivan Horvat'",
    "UPDATE crm.contracts SET deleted_at = now() WHERE id = (SELECT min(k.id) FROM crm.contracts k"
    " JOIN crm.employees e ON e.id = k.sales_id WHERE e.username = 'eve.martin' AND k.signed_at IS NULL)",
    "UPDATE crm.events SET deleted_at = now() WHERE id = (SELECT max(v.id) FROM crm.events v"
    " JOIN crm.employees e ON e.id = v.sales_id WHERE e.username = 'eve.martin' AND v.id < 109)",
)

_TOLD = (  # what kate.hastroff finds in her inbox
    "INSERT INTO crm.notifications (recipient_id, kind, noun, row_id, actor_id, created_at)"
    " SELECT v.support_id, 'assigned', 'events', v.id, mia.id, now() - interval '1 day'"
    " FROM crm.events v JOIN crm.employees e ON e.id = v.support_id, crm.employees mia"
    " WHERE e.username = 'kate.hastroff' AND mia.username = 'mia.laurent' AND v.ends_at > now()"
    " ORDER BY v.starts_at LIMIT 2"
)


def fill(cursor: "cursor", now: datetime | None = None) -> None:
    """Insert everything, as the owner; the ids that the brief quotes are kept. Dates are relative to today.

    now: an aware datetime, at which it is as if it were made; None for this moment.
    """
    cursor.executemany(
        "INSERT INTO crm.employees (username, full_name, email, department) VALUES (%s, %s, %s, %s)",
        [(name, full, f"{name}@epicevents.example", department) for name, full, department in _EMPLOYEES],
    )
    cursor.execute("SELECT username, id FROM crm.employees")
    staff: dict[str, int] = dict(cursor.fetchall())
    _brief(cursor, staff)
    _more(cursor, staff, (now or datetime.now(UTC)).astimezone(_ZONE))
    for statement in (*_GONE, _TOLD):
        cursor.execute(statement)
    for table in ("clients", "contracts", "payments", "events"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('crm.{table}', 'id'), max(id)) FROM crm.{table}")  # noqa: S608


def _client(cursor: "cursor", sales: int, name: str, email: str, phone: str, company: str, when: datetime) -> int:
    cursor.execute(
        "INSERT INTO crm.clients (full_name, email, phone, company, sales_id, first_contact_on, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (name, email, phone, company, sales, when.date(), when, when),
    )
    return _id(cursor)


def _contract(
    cursor: "cursor", client: int, total: int, paid: int, signed: datetime | None, when: datetime, number: int | None
) -> int:
    cursor.execute(
        "INSERT INTO crm.contracts (id, client_id, total, signed_at, created_at, updated_at) VALUES"
        " (coalesce(%s, nextval(pg_get_serial_sequence('crm.contracts', 'id'))), %s, %s, %s, %s, %s) RETURNING id",
        (number, client, total, signed, when, when),
    )
    contract = _id(cursor)
    if paid:
        cursor.execute(
            "INSERT INTO crm.payments (contract_id, amount, paid_on) VALUES (%s, %s, %s)",
            (contract, paid, (signed or when).date()),
        )
    return contract


def _event(cursor: "cursor", values: tuple[object, ...], number: int | None = None) -> None:
    cursor.execute(
        "INSERT INTO crm.events (id, contract_id, name, support_id, starts_at, ends_at, location, attendees, notes)"
        " VALUES (coalesce(%s, nextval(pg_get_serial_sequence('crm.events', 'id'))), %s, %s, %s, %s, %s, %s, %s, %s)",
        (number, *values),
    )


def _id(cursor: "cursor") -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """A moment in the company's zone."""
    return datetime(year, month, day, hour, tzinfo=_ZONE)


def _brief(cursor: "cursor", staff: dict[str, int]) -> None:
    """The clients, contracts and events that the company's brief names."""
    casey = ("Kevin Casey", "kevin@startup.io", "+678 123 456 78", "Cool Startup LLC", _at(2021, 4, 18))
    kevin = _client(cursor, staff["bill.boquet"], *casey)
    _contract(cursor, kevin, 1_500_000, 0, None, _at(2023, 3, 29), None)
    ouick = ("John Ouick", "john.ouick@gmail.com", "+1 234 567 8901", "John Ouick", _at(2023, 1, 10))
    john = _client(cursor, staff["bill.boquet"], *ouick)
    wedding = _contract(cursor, john, 1_200_000, 1_200_000, _at(2023, 2, 1), _at(2023, 1, 20), 652)
    blangier = ("Jacky Blangier", "jacky@loubouzin.grd", "+ 666 12345", "Lou Bouzin", _at(2023, 1, 16))
    jacky = _client(cursor, staff["eve.martin"], *blangier)
    assembly = _contract(cursor, jacky, 480_000, 480_000, _at(2023, 2, 20), _at(2023, 2, 2), 412)
    _event(
        cursor,
        (wedding, "John Ouick Wedding", staff["kate.hastroff"], _at(2023, 6, 4, 13), _at(2023, 6, 5, 2),
         "53 Rue du Château, 41120 Candé-sur-Beuvron, France", 75,
         "Wedding starts at 3PM, by the river.\nCatering is organized, reception starts at 5PM.\n"
         "Kate needs to book the DJ for after party."),
        109,
    )  # fmt: skip
    _event(
        cursor,
        (assembly, "Lou Bouzin General Assembly", staff["alienor.vichum"], _at(2023, 5, 5, 15), _at(2023, 5, 5, 17),
         "Salle des fêtes de Mufflins", 200, "Assemblée générale des actionnaires (~200 personnes)."),
        1023,
    )  # fmt: skip


def _more(cursor: "cursor", staff: dict[str, int], now: datetime) -> None:
    """Clients of every sales contact with contracts in every state and events in every state, around today."""
    sales = [staff["bill.boquet"], staff["eve.martin"], staff["hugo.petit"]]
    support = [staff["kate.hastroff"], staff["alienor.vichum"], None, staff["tom.roux"], None]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for number, (name, company) in enumerate(_PEOPLE):
        since = today - timedelta(days=400 - 9 * number)
        address = f"contact{number + 1}@client.example"
        phone = f"+33 1 23 45 {number // 10 + 60:02} {number % 10 + 10:02}"
        client = _client(cursor, sales[number % 3], name, address, phone, company, since)
        if number % 6 == 5:
            continue  # a prospect that nothing was drawn up for yet
        for part in range(1 + number % 2):
            total = 150_000 + 37_500 * ((7 * number + part) % 40)
            signed = None if (number + part) % 4 == 3 else since + timedelta(days=20 + part)
            paid = (0, total // 2, total)[(number + 2 * part) % 3] if signed else 0
            contract = _contract(cursor, client, total, paid, signed, since + timedelta(days=10 + part), None)
            if signed and (number + part) % 7 != 6:
                start = today + timedelta(days=5 * number - 60 + 2 * part, hours=9 + number % 10)
                end = start + timedelta(hours=3 + number % 8)
                title = f"{company} {_KINDS[(number + part) % len(_KINDS)]}"
                place = _PLACES[(number + part) % len(_PLACES)]
                attendees = None if number % 8 == 0 else 20 + 15 * (number % 12)
                values = (contract, title, support[number % 5], start, end, place, attendees, "")
                _event(cursor, values)
