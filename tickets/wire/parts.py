"""Pieces of JSON that several shapes of a ticket share. `t` is the ticket's alias in a statement.

Columns that belong to flows, bots and integrations have their documented defaults here until the
rooms that own them exist.
"""

from contacts.wire import time_sql

QUEUE3 = (
    "CASE WHEN q.id IS NOT NULL THEN"
    " json_build_object('id', q.id, 'name', q.name, 'color', q.color) END"
)
USER2 = "CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END"
TAGS3 = """coalesce((SELECT json_agg(json_build_object('id', tg.id, 'name', tg.name,
    'color', tg.color) ORDER BY tg.id) FROM tickets_ticket_tags tt
    JOIN contacts_tag tg ON tg.id = tt.tag_id WHERE tt.ticket_id = t.id), '[]'::json)"""
AS_TICKET = "CASE WHEN n.groups_as_tickets THEN 'enabled' ELSE 'disabled' END"

# Who and what a ticket belongs to; `c`, `q`, `u` and `n` are its contact, queue, agent, connection.
JOINS = """JOIN contacts_contact c ON c.id = t.contact_id
    LEFT JOIN tickets_queue q ON q.id = t.queue_id
    LEFT JOIN public.accounts_user u ON u.id = t.agent_id
    LEFT JOIN whatsapp_connection n ON n.id = t.connection_id"""


def columns_sql(company_id: int) -> str:
    """Write all Ticket columns as arguments of json_build_object (models.md, Ticket)."""
    return f"""'id', t.id, 'status', t.status, 'lastMessage', t.last_message,
        'contactId', t.contact_id, 'userId', t.agent_id, 'whatsappId', t.connection_id,
        'isGroup', t.is_group, 'unreadMessages', t.unread_count, 'queueId', t.queue_id,
        'companyId', {company_id}, 'uuid', t.uuid, 'isBot', t.is_bot, 'channel', t.channel,
        'amountUsedBotQueues', t.bot_menu_count, 'fromMe', t.last_message_from_me,
        'sendInactiveMessage', t.is_warned_inactive,
        'amountUsedBotQueuesNPS', t.rating_retry_count,
        'lgpdAcceptedAt', {time_sql("t.consented_at")},
        'lgpdSendMessageAt', {time_sql("t.consent_asked_at")},
        'imported', {time_sql("t.imported_at")},
        'flowWebhook', false, 'lastFlowId', NULL, 'dataWebhook', NULL, 'hashFlowId', NULL,
        'useIntegration', false, 'integrationId', NULL, 'isOutOfHour', t.is_out_of_hours,
        'flowStopped', NULL, 'isActiveDemand', t.is_opened_by_agent,
        'typebotSessionId', NULL, 'typebotStatus', false, 'typebotSessionTime', NULL,
        'createdAt', {time_sql("t.created_at")}, 'updatedAt', {time_sql("t.updated_at")}"""
