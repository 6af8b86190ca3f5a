"""Generated data, by SQL: N clients with two contracts and two events each, for training and for benchmarks."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

EMPLOYEES = 500
TABLES = ("employees", "clients", "client_words", "contracts", "payments", "events", "event_words")
_FIRST = "Léa,Hugo,Zoé,Noël,Inès,Jürgen,María,Søren,Anaïs,Théo,Chloé,Paul,Yuki,Fatou,Hélène,Marc,Élise,Igor,Nadia,Oscar"
_LAST = (
    "Martin,Bernard,Dubois,Garnier,Fontaine,Weiß,Núñez,Holm,Moreau,Caron,Girard,O'Connor,Tanaka,Diallo,Royer,Besson,"
    "Colin,Petrov,Benali,Lindqvist,Renaud,Hubert,Conti,Perrin,Marchand,Cohen,Picard,Vasseur,Leclerc,Blin,Haddad"
)
_FIRMS = (
    "Robotics,Cloud,Labs,Studio,Énergies,Analytics,Bio,Mobilité,Games,Fintech,Vins,Drones,Santé,Media,Textile,Voile"
)

# Triggers are off while the rows come in (session_replication_role): what they would fill is written here instead.
_STATEMENTS = (
    "SET LOCAL session_replication_role = replica",
    """INSERT INTO crm.employees (username, full_name, email, department)
       SELECT 'generated.n' || n, 'Generated ' || n, 'generated.n' || n || '@epicevents.example',
              CASE WHEN n %% 20 = 0 THEN 'management' WHEN n %% 2 = 0 THEN 'sales' ELSE 'support' END
       FROM generate_series(1, %(employees)s) n""",
    """CREATE TEMP TABLE people ON COMMIT DROP AS
       SELECT department, array_agg(id ORDER BY id) AS ids FROM crm.employees
       WHERE active AND department IN ('sales', 'support') GROUP BY department""",
    """INSERT INTO crm.clients (full_name, email, phone, company, sales_id, first_contact_on, created_at,
                                updated_at, prospect, contractless)
       SELECT f[1 + n %% cardinality(f)] || ' ' || l[1 + (n / 7) %% cardinality(l)], 'client' || n || '@client.example',
              '+33 1 ' || lpad((n %% 100000000)::text, 8, '0'),
              l[1 + (n / 3) %% cardinality(l)] || ' ' || k[1 + (n / 11) %% cardinality(k)] || ' ' || n %% 1000,
              p.ids[1 + n * 7919::bigint %% 1000003 %% cardinality(p.ids)], current_date - 30 - n %% 1500,
              now() - (30 + n %% 1500) * interval '1 day', now() - n %% 30 * interval '1 day', n %% 20 = 0, false
       FROM generate_series(1, %(clients)s) n, people p,
            string_to_array(%(first)s, ',') f, string_to_array(%(last)s, ',') l, string_to_array(%(firms)s, ',') k
       WHERE p.department = 'sales'""",
    # two contracts a client: one in ten unsigned, one in five unpaid; a payment raised the revision of the others
    """INSERT INTO crm.contracts (client_id, sales_id, total, paid, signed_at, eventless, created_at, updated_at,
                                  revision)
       SELECT c.id, c.sales_id, total, CASE WHEN unpaid THEN 0 ELSE total END,
              CASE WHEN signed THEN c.created_at + interval '20 days' END, NOT signed OR (c.id + part) %% 10 = 3,
              c.created_at + interval '10 days', c.created_at + interval '20 days', CASE WHEN unpaid THEN 1 ELSE 2 END
       FROM crm.clients c, generate_series(1, 2) part, LATERAL (
         SELECT 100000 + (c.id * 7919::bigint + part) %% 900 * 10000, (c.id + part) %% 5 = 0,
                NOT c.prospect AND (c.id + part) %% 20 <> 10) made (total, unpaid, signed)
       WHERE c.id > %(clients_before)s""",
    """INSERT INTO crm.payments (contract_id, amount, paid_on)
       SELECT id, paid, created_at::date FROM crm.contracts WHERE id > %(contracts_before)s AND paid > 0""",
    # an event on nine in ten signed contracts, a second one on one in five; one in twenty without support
    """INSERT INTO crm.events (contract_id, client_id, sales_id, name, support_id, starts_at, ends_at, location,
                               attendees)
       SELECT k.id, k.client_id, k.sales_id, 'Event ' || k.id || ' ' || f[1 + k.id %% cardinality(f)],
              CASE WHEN (k.id * 7919::bigint %% 1000003 + part) %% 20 <> 0
                   THEN p.ids[1 + (k.id / 3) %% cardinality(p.ids)] END,
              starts_at, starts_at + (2 + k.id %% 9) * interval '1 hour', k.id %% 200 || ' Rue de Rivoli, Paris',
              k.id %% 400
       FROM crm.contracts k, generate_series(1, 2) part, people p, string_to_array(%(firms)s, ',') f, LATERAL (
         SELECT date_trunc('hour', now()) + ((k.id * 31::bigint + part * 17) %% 17520 - 12960) * interval '1 hour'
         ) made (starts_at)
       WHERE k.id > %(contracts_before)s AND NOT k.eventless AND p.department = 'support'
         AND (part = 1 OR k.id %% 5 = 1)""",
    """INSERT INTO crm.client_words (word, client_id, sales_id)
       SELECT w, c.id, c.sales_id
       FROM crm.clients c, LATERAL (SELECT crm.words(c.full_name || ' ' || c.company)
                                    UNION ALL SELECT crm.contact_words(c.email, c.phone)) words (w)
       WHERE c.id > %(clients_before)s""",
    """INSERT INTO crm.event_words (word, event_id)
       SELECT w, v.id FROM crm.events v, LATERAL crm.words(v.name) w WHERE v.contract_id > %(contracts_before)s""",
    "SET LOCAL session_replication_role = DEFAULT",
)


def fill(cursor: "cursor", *, clients: int, employees: int = EMPLOYEES) -> None:
    """Add generated rows, as a superuser inside a transaction. Constraints that aren't triggers still hold."""
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM crm.clients), (SELECT coalesce(max(id), 0) FROM crm.contracts)"
    )
    before = cursor.fetchone() or (0, 0)
    values = {
        "employees": employees, "clients": clients, "first": _FIRST, "last": _LAST, "firms": _FIRMS,
        "clients_before": before[0], "contracts_before": before[1],
    }  # fmt: skip
    for statement in _STATEMENTS:
        cursor.execute(statement, values)
    for table in TABLES:
        cursor.execute(f"ANALYZE crm.{table}")
