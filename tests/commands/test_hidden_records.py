"""Under need-to-know no command is an oracle: whether a hidden record is there changes nothing that anyone is told."""

from pathlib import Path

import pytest
from support.people import People
from support.world import World

#: A client with a contract, a payment and an event in every place that a command could look at; eve's and alienor's.
HIDDEN = """
    INSERT INTO crm.clients (id, full_name, email, phone, company, sales_id)
    SELECT 1990 + n, 'Hidden Secret', 'hidden@secret.example', '+33 1 98 76 54 32', 'Secret Corp', 6
    FROM generate_series(0, 30) n;
    INSERT INTO crm.contracts (id, client_id, sales_id, total, signed_at)
    VALUES (2990, 1990, 6, 777700, now()), (2991, 1990, 6, 5500, NULL);
    INSERT INTO crm.payments (contract_id, amount) VALUES (2990, 100);
    INSERT INTO crm.events (id, name, contract_id, client_id, sales_id, support_id, starts_at, ends_at, location)
    VALUES (3990, 'Secret Gala', 2990, 1990, 6, 8, now() + interval '2 days', now() + interval '3 days', 'Secret Hall'),
           (3991, 'Secret Ball', 2990, 1990, 6, NULL, now() + interval '2 days', now() + interval '3 days', 'Hall');
    ANALYZE crm.clients; ANALYZE crm.contracts; ANALYZE crm.events; ANALYZE crm.client_words; ANALYZE crm.event_words
"""
LOOKS = """
clients filter where company = "Secret Corp" or email = hidden@secret.example
clients filter --explain where company = "Secret Corp"
clients filter where contracts > 0 and owed > 0
clients filter where support = alienor.vichum or support is empty
clients list --columns id,contracts,events,owed,support --sort -owed
clients list --limit 1
clients list --group-by company
contracts filter where not paid or events = 0
contracts list --columns id,events,support --sort -events
contracts list --group-by sales
contracts list --explain
events filter where sales = eve.martin or total > 10 or client ~ hidden
events filter --explain where support is empty
events list --group-by support
events list --limit 1 --sort -starts_at
employees list --columns username,clients,events
employees filter where events > 0 and clients >= 0
clients show 1990
contracts show 2990
contracts payments 2990
events show 3990
history clients 1990
history events 3990
find secret
find hidden@secret.example
find 98765432
find 2990
find gala
report revenue
report ageing
report calendar
report workload
report unassigned
report sales
report clients
clients update 1990 --company X
clients update --where 'company = "Secret Corp"' --company X --yes
clients update --where 'id > 0' --company X --yes
contracts pay 2990 1
contracts sign 2991
events update --where 'location ~ secret' --location X --yes
events create --contract 2990 --name X --starts-at "2030-01-01 10:00" --ends-at "2030-01-01 11:00" --location X
clients import {file}
"""


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff"])
def test_hidden_records_change_nothing_that_is_told(people: People, world: World, who: str, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text(
        "id,full_name,email,phone,company\n1990,Hidden Secret,hidden@secret.example,+33 1 98 76 54 32,Secret Corp\n"
    )
    world.read_mode("need-to-know")
    lines = LOOKS.format(file=tmp_path / "clients.csv").strip().splitlines()
    person = people(who, width=100)
    before = {line: person.attempt(line) for line in lines}
    world.run(HIDDEN)
    assert {line: person.attempt(line) for line in lines} == before
    assert "Secret Gala" in people("eve.martin")("find gala").out
