"""Fill a company with the sample data of the benchmarks, in sets, by SQL.

    python -m bench.seed                      20,000 tickets, 400,000 messages, 20,000 contacts
    python -m bench.seed --times 10           ten times the rows
    python -m bench.seed --name "Other"       another company

Prints the company's id and an agent's and an administrator's e-mail as JSON. Seeding a company
that exists is refused; drop it first.
"""

import argparse
import json
import os
import re
import sys
from types import SimpleNamespace
from typing import Any

PASSWORD = "benchmark sample"
QUEUES = 8
AGENTS = 20
CONNECTIONS = 4

FIRST = [
    "Ana",
    "Bruno",
    "Carla",
    "Davi",
    "Elisa",
    "Fábio",
    "Gabriela",
    "Heitor",
    "Inês",
    "João",
    "Karina",
    "Lucas",
    "Márcia",
    "Natália",
    "Otávio",
    "Patrícia",
    "Quésia",
    "Rafael",
    "Sônia",
    "Tiago",
    "Úrsula",
    "Vitória",
    "Wagner",
    "Ximena",
    "Yasmin",
    "Zélia",
    "André",
    "Beatriz",
    "Cauã",
    "Débora",
    "Emília",
    "Flávio",
    "Graça",
    "Hugo",
    "Ivone",
    "José",
]
LAST = [
    "Silva",
    "Souza",
    "Oliveira",
    "Santos",
    "Lima",
    "Pereira",
    "Ferreira",
    "Alves",
    "Ribeiro",
    "Gomes",
    "Martins",
    "Araújo",
    "Rocha",
    "Barbosa",
    "Cardoso",
    "Teixeira",
    "Correia",
    "Mendes",
    "Moreira",
    "Nunes",
    "Pinto",
    "Ramos",
    "Vieira",
    "Freitas",
    "Peixoto",
    "Assunção",
    "Conceição",
    "Magalhães",
    "Guimarães",
    "Leão",
]
REAL_WORDS = [
    "boleto",
    "pedido",
    "entrega",
    "prazo",
    "obrigada",
    "endereço",
    "pagamento",
    "cartão",
    "garantia",
    "troca",
    "nota",
    "fiscal",
    "horário",
    "loja",
    "produto",
    "estoque",
    "cor",
    "tamanho",
    "desconto",
    "frete",
]
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ja",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "xa",
    "zé",
]


def vocabulary() -> list[str]:
    """A thousand words: some real, the rest made of syllables, so that a search has its usual few
    hits among many."""
    made = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]
    return REAL_WORDS + made[:: len(made) // 980][:980]


def seed(*, name: str = "Benchmark", times: int = 1) -> SimpleNamespace:
    """Make the company and its data; give the ids that a load driver needs."""
    from django.db import connection, transaction

    from accounts.services import create_user
    from companies.services import create_company
    from tickets.models import Queue, QueueMember
    from whaticket import tenancy
    from whatsapp.models import Connection

    company = create_company(name=name)
    tenancy.enter_company(company.pk)
    queues = [
        Queue.objects.create(name=f"Queue {n + 1}", color=f"#00{n:02x}ff") for n in range(QUEUES)
    ]
    numbers = [
        Connection.objects.create(
            name=f"Number {n + 1}",
            status="CONNECTED",
            number=f"55119000000{n:02d}",
            is_default=n == 0,
        )
        for n in range(CONNECTIONS)
    ]
    for number in numbers:
        number.queues.set(queues)

    def person(number: int, **fields: Any) -> Any:
        return create_user(
            company_id=company.pk,
            email=f"agent{number}@company{company.pk}.example",
            password=PASSWORD,
            name=f"Agent {number}",
            **fields,
        )

    admin = person(0, profile="admin", sees_all_history=True, sees_unqueued=True, sees_groups=True)
    agents = [person(n + 1) for n in range(AGENTS)]
    for index, agent in enumerate(agents):
        for step in range(3):
            QueueMember.objects.create(queue=queues[(index + step) % QUEUES], user=agent)
    values = {
        "times": times,
        "first": FIRST,
        "last": LAST,
        "words": vocabulary(),
        "queues": [queue.pk for queue in queues],
        "agents": [agent.pk for agent in agents],
        "numbers": [number.pk for number in numbers],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys by statement: a table with checks still to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT setseed(0.5)")
        for statement in (CONTACTS, TICKETS, COUNTS):
            cursor.execute(statement, values)
        _messages(cursor, values)
    connection.cursor().execute(
        "VACUUM ANALYZE contacts_contact, contacts_contactidentity, tickets_ticket,"
        " tickets_ticketcount, tickets_episode, messaging_message, contacts_contact_tags,"
        " contacts_contactfield, tickets_ticket_tags"
    )
    return SimpleNamespace(
        company_id=company.pk, admin=admin, agent=agents[0], queues=queues, numbers=numbers
    )


CONTACTS = """
INSERT INTO contacts_contact (name, address, email, is_group, channel, is_active, accepts_audio,
    bot_disabled, picture_url, picture_path, connection_id, created_at, updated_at)
SELECT (%(first)s::text[])[1 + (random() * (cardinality(%(first)s::text[]) - 1))::int]
        || ' ' || (%(last)s::text[])[1 + (random() * (cardinality(%(last)s::text[]) - 1))::int]
        || ' ' || (%(last)s::text[])[1 + (random() * (cardinality(%(last)s::text[]) - 1))::int],
    '55' || (11 + n %% 80) || (900000000 + n), '', false, 'whatsapp', true, true, false, '', '',
    (%(numbers)s::bigint[])[1 + n %% cardinality(%(numbers)s::bigint[])],
    now() - interval '300 days', now() - n * interval '1 second'
FROM generate_series(1, 20000 * %(times)s) n;
INSERT INTO contacts_contactidentity (contact_id, kind, scope, value, match_key, first_seen_at,
    last_seen_at)
SELECT id, 'phone', '', address, address, created_at, updated_at FROM contacts_contact;
INSERT INTO contacts_tag (name, color, is_lane, lane_hours, lane_greeting, created_at, updated_at)
SELECT 'Tag ' || n, '#A4CCCC', n > 8, 0, '', now(), now() FROM generate_series(1, 12) n;
INSERT INTO contacts_contact_tags (contact_id, tag_id)
SELECT c.id, t.id FROM contacts_contact c
JOIN contacts_tag t ON NOT t.is_lane AND (c.id + t.id) %% 16 = 0;
INSERT INTO contacts_contactfield (contact_id, name, value, created_at, updated_at)
SELECT id, 'customer', 'C-' || id, now(), now() FROM contacts_contact WHERE id %% 3 = 0;
"""

# Four in five contacts have one ticket, the rest some older ones, too. The first 500 times `times`
# tickets are open, the next 1,500 wait.
TICKETS = """
ALTER TABLE tickets_ticket DISABLE TRIGGER USER;
WITH people AS (
    SELECT array_agg(id ORDER BY random()) AS ids FROM contacts_contact
), numbered AS (
    SELECT n, ids[1 + n %% (cardinality(ids) * 4 / 5)] AS contact_id,
        CASE WHEN n < 500 * %(times)s THEN 'open' WHEN n < 2000 * %(times)s THEN 'pending'
            ELSE 'closed' END AS status
    FROM people, generate_series(0, 20000 * %(times)s - 1) n
)
INSERT INTO tickets_ticket (uuid, status, contact_id, connection_id, queue_id, agent_id, is_group,
    channel, unread_count, message_count, last_message, last_message_at, last_message_from_me,
    is_bot, is_opened_by_agent, is_newest_closed, is_out_of_hours, is_warned_inactive,
    bot_menu_count, rating_retry_count, automation, created_at, updated_at, closed_at)
SELECT gen_random_uuid(), status, contact_id,
    (SELECT connection_id FROM contacts_contact c WHERE c.id = contact_id),
    (%(queues)s::bigint[])[1 + n %% cardinality(%(queues)s::bigint[])],
    CASE WHEN status <> 'pending'
        THEN (%(agents)s::bigint[])[1 + n * 7 %% cardinality(%(agents)s::bigint[])] END,
    false, 'whatsapp', CASE WHEN status <> 'closed' THEN n %% 4 ELSE 0 END, 20,
    'last words of ' || n, now() - n * interval '7 seconds', n %% 2 = 0, status = 'pending',
    false, false, false, false, 0, 0, '{}', now() - n * interval '60 seconds',
    now() - n * interval '7 seconds',
    CASE WHEN status = 'closed' THEN now() - n * interval '7 seconds' END
FROM numbered ORDER BY n DESC;
UPDATE tickets_ticket t SET is_newest_closed = true WHERE status = 'closed' AND NOT EXISTS (
    SELECT 1 FROM tickets_ticket o WHERE o.contact_id = t.contact_id
        AND o.connection_id = t.connection_id AND o.status = 'closed' AND o.id > t.id);
INSERT INTO tickets_episode (ticket_id, connection_id, queue_id, agent_id, queued_at, started_at,
    closed_at, finished_at, created_at)
SELECT id, connection_id, queue_id, agent_id, created_at, created_at, closed_at, closed_at,
    created_at FROM tickets_ticket;
INSERT INTO tickets_ticket_tags (ticket_id, tag_id)
SELECT t.id, g.id FROM tickets_ticket t JOIN contacts_tag g ON g.is_lane
    AND (t.id + g.id) %% 12 = 0 WHERE t.status <> 'closed';
ALTER TABLE tickets_ticket ENABLE TRIGGER USER;
"""

COUNTS = """
DELETE FROM tickets_ticketcount;
INSERT INTO tickets_ticketcount
    (status, queue_id, agent_id, is_group, connection_id, is_newest_closed, amount)
SELECT status, queue_id, agent_id, is_group, CASE WHEN is_group THEN connection_id END,
    is_newest_closed, count(*) FROM tickets_ticket GROUP BY 1, 2, 3, 4, 5, 6;
"""

MESSAGES = """
INSERT INTO messaging_message (ticket_id, contact_id, connection_id, queue_id, chat, wire_id,
    from_me, origin, kind, body, data, status, failure_class, failure_code, failure_reason,
    is_read, is_private, is_forwarded, media_state, media_path, media_name, media_type,
    thumbnail_path, sent_at, created_at, updated_at)
SELECT t.id, CASE WHEN k %% 2 = 0 THEN t.contact_id END, t.connection_id, t.queue_id,
    'chat' || t.contact_id, 'W' || t.id || '.' || k, k %% 2 = 1,
    CASE WHEN k %% 2 = 0 THEN 'contact' ELSE 'agent' END, 'text',
    (SELECT string_agg((%(words)s::text[])[1 + (random() * 999)::int], ' ')
        FROM generate_series(1, 8) WHERE t.id IS NOT NULL AND k IS NOT NULL),
    '{}', CASE WHEN k %% 2 = 0 THEN 'received' ELSE 'read' END, '', '', '',
    true, false, false, '', '', '', '', '', moment, moment, moment
FROM tickets_ticket t CROSS JOIN generate_series(1, 20) k
CROSS JOIN LATERAL (SELECT t.updated_at - (20 - k) * interval '90 seconds' AS moment) m
"""


def _messages(cursor: Any, values: dict[str, Any]) -> None:
    # Building the text index once takes a tenth of the time of keeping it up to date.
    cursor.execute(
        "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c"
        " ON c.oid = i.indexrelid WHERE i.indrelid = 'messaging_message'::regclass"
        " AND c.relname = 'messaging_body_parts'"
    )
    definition = cursor.fetchone()
    cursor.execute("DROP INDEX IF EXISTS messaging_body_parts")
    cursor.execute(_with_every_column(cursor, MESSAGES), values)
    if definition:
        cursor.execute(definition[0])


def _with_every_column(cursor: Any, statement: str) -> str:
    """Fill the columns of messages that this file does not know and that must have a value."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = 'messaging_message'"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
    )
    blank = {"boolean": "false", "jsonb": "'{}'", "timestamp with time zone": "now()"}
    known = set(re.findall(r"\w+", statement.partition("SELECT")[0]))
    for column, kind in cursor.fetchall():
        if column not in known:
            value = blank.get(kind, "0" if "int" in kind else "''")
            statement = statement.replace("(ticket_id,", f"({column}, ticket_id,", 1)
            statement = statement.replace("SELECT t.id,", f"SELECT {value}, t.id,", 1)
    return statement


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--name", default="Benchmark")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")
    import django

    django.setup()
    made = seed(name=options.name, times=options.times)
    json.dump(
        {
            "company": made.company_id,
            "admin": made.admin.email,
            "agent": made.agent.email,
            "password": PASSWORD,
        },
        sys.stdout,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
