"""One ticket with all that belongs to it: TicketShow and TicketUuid (rest.md §1.1)."""

import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from contacts.wire import fields_sql, jid_sql, picture_sql, tag_sql, tags_sql, time_sql, wallets_sql
from tickets.sight import Sight, TicketFacts
from tickets.wire.compiled import seen
from tickets.wire.parts import AS_TICKET, JOINS, TAGS3, USER2
from whaticket.database import read_rows
from whaticket.tenancy import current_company_id


def _contact(company_id: int, *, full: bool) -> str:
    extra = (
        f"""'remoteJid', {jid_sql("c")}, 'lgpdAcceptedAt', {time_sql("c.consented_at")},"""
        if full
        else ""
    )
    return f"""json_build_object('id', c.id, 'companyId', {company_id}, 'name', c.name,
        'number', c.address, 'email', c.email, 'profilePicUrl', nullif(c.picture_url, ''),
        'acceptAudioMessage', c.accepts_audio, 'active', c.is_active,
        'disableBot', c.bot_disabled, {extra}
        'urlPicture', {picture_sql("c", company_id)}, 'extraInfo', {fields_sql("c")},
        'tags', {tags_sql("c", tag_sql("g", company_id))}, 'wallets', {wallets_sql("c")})"""


def _shared(company_id: int) -> str:
    return f"""'id', t.id, 'uuid', t.uuid, 'queueId', t.queue_id, 'isGroup', t.is_group,
        'channel', t.channel, 'status', t.status, 'contactId', t.contact_id,
        'useIntegration', false, 'lastMessage', t.last_message,
        'updatedAt', {time_sql("t.updated_at")}, 'unreadMessages', t.unread_count,
        'companyId', {company_id}, 'whatsappId', t.connection_id,
        'imported', {time_sql("t.imported_at")}, 'lgpdAcceptedAt', {time_sql("t.consented_at")},
        'amountUsedBotQueues', t.bot_menu_count, 'integrationId', NULL, 'userId', t.agent_id,
        'amountUsedBotQueuesNPS', t.rating_retry_count,
        'lgpdSendMessageAt', {time_sql("t.consent_asked_at")}, 'isBot', t.is_bot,
        'queue', CASE WHEN q.id IS NOT NULL THEN json_build_object('id', q.id, 'name', q.name,
            'color', q.color, 'chatbots', '[]'::json) END,
        'user', {USER2}, 'tags', {TAGS3},
        'whatsapp', CASE WHEN n.id IS NOT NULL THEN json_build_object('id', n.id, 'name', n.name,
            'groupAsTicket', {AS_TICKET},
            'greetingMediaAttachment', nullif(n.greeting_media, ''), 'facebookUserToken', NULL,
            'facebookUserId', NULL, 'status', n.status) END,
        'queueIntegration', NULL"""


@lru_cache(maxsize=4096)
def show_sql(company_id: int) -> str:
    """TicketShow of the aliases of JOINS."""
    return f"""json_build_object({_shared(company_id)},
        'lastFlowId', NULL, 'flowStopped', NULL, 'dataWebhook', NULL, 'flowWebhook', false,
        'typebotSessionId', NULL, 'typebotStatus', false, 'typebotSessionTime', NULL,
        'sendInactiveMessage', t.is_warned_inactive, 'fromMe', t.last_message_from_me,
        'isOutOfHour', t.is_out_of_hours, 'isActiveDemand', t.is_opened_by_agent,
        'contact', {_contact(company_id, full=True)},
        'company', (SELECT json_build_object('id', o.id, 'name', o.name, 'plan',
            CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'name', p.name,
                'useKanban', p.use_kanban) END)
            FROM public.companies_company o
            LEFT JOIN public.billing_subscription s ON s.company_id = o.id
            LEFT JOIN public.billing_plan p ON p.id = s.plan_id WHERE o.id = {company_id}),
        'ticketTags', coalesce((SELECT json_agg(json_build_object('tagId', tt.tag_id)
            ORDER BY tt.tag_id) FROM tickets_ticket_tags tt WHERE tt.ticket_id = t.id),
            '[]'::json))"""


@lru_cache(maxsize=4096)
def uuid_sql(company_id: int) -> str:
    """TicketUuid of the aliases of JOINS."""
    return f"""json_build_object({_shared(company_id)},
        'contact', {_contact(company_id, full=False)},
        'company', (SELECT json_build_object('id', o.id, 'name', o.name)
            FROM public.companies_company o WHERE o.id = {company_id}))"""


def _read(shape: str, limits: str, params: Iterable[Any]) -> bytes | None:
    sql = f"""WITH one AS MATERIALIZED (SELECT * FROM tickets_ticket WHERE {limits})
        SELECT {shape}::text FROM one t {JOINS}"""
    rows = read_rows(sql, list(params))
    return rows[0][0].encode() if rows else None


def ticket_show(ticket_id: int, sight: Sight | None = None) -> bytes | None:
    """Give TicketShow, or None where it is missing or out of the person's sight; one statement."""
    allowed, params = seen(sight) if sight is not None else ("true", ())
    shape = show_sql(current_company_id())
    return _read(shape, f"id = %s AND ({allowed})", [ticket_id, *params])


def ticket_by_uuid(ticket_uuid: uuid.UUID, sight: Sight) -> bytes | None:
    """Give TicketUuid, or None where it is missing or out of the person's sight; one statement."""
    allowed, params = seen(sight)
    shape = uuid_sql(current_company_id())
    return _read(shape, f"uuid = %s AND ({allowed})", [ticket_uuid, *params])


def tickets_with_facts(ticket_ids: Iterable[int]) -> dict[int, tuple[TicketFacts, bytes]]:
    """Give TicketShow of many tickets, each with what decides who may hear of it; one statement."""
    ids = sorted(set(ticket_ids))
    if not ids:
        return {}
    sql = f"""SELECT t.id, t.status, t.queue_id, t.agent_id, t.is_group, t.connection_id,
        {show_sql(current_company_id())}::text
        FROM tickets_ticket t {JOINS} WHERE t.id = ANY(%s)"""
    return {row[0]: (TicketFacts(*row[1:6]), row[6].encode()) for row in read_rows(sql, [ids])}


def tickets_json(ticket_ids: Iterable[int]) -> dict[int, bytes]:
    """Give TicketShow of many tickets by id, for realtime; one statement, nobody's sight."""
    return {pk: text for pk, (_facts, text) in tickets_with_facts(ticket_ids).items()}
