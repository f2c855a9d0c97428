"""Pieces of JSON that several shapes of a ticket share. `t` is the ticket's alias in a statement.

Columns of flows, prompts and integrations, which this product does not have, are written with the
contract's defaults.
"""

from whaticket.shapes import (
    Constant,
    Flag,
    Moment,
    Number,
    Part,
    Rows,
    Shape,
    Text,
    Word,
    arguments,
)

QUEUE = Shape(
    {"id": Number("q.id"), "name": Text("q.name"), "color": Text("q.color")},
    when="q.id IS NOT NULL",
)
USER = Shape({"id": Number("u.id"), "name": Text("u.name")}, when="u.id IS NOT NULL")
TAGS = Rows(
    Shape({"id": Number("tg.id"), "name": Text("tg.name"), "color": Text("tg.color")}),
    """tickets_ticket_tags tt JOIN contacts_tag tg ON tg.id = tt.tag_id
        WHERE tt.ticket_id = t.id""",
    "tg.id",
)
QUEUE3, USER2, TAGS3 = QUEUE.as_json(), USER.as_json(), TAGS.as_json()
AS_TICKET = "CASE WHEN n.groups_as_tickets THEN 'enabled' ELSE 'disabled' END"

# Who and what a ticket belongs to; `c`, `q`, `u` and `n` are its contact, queue, agent, connection.
JOINS = """JOIN contacts_contact c ON c.id = t.contact_id
    LEFT JOIN tickets_queue q ON q.id = t.queue_id
    LEFT JOIN public.accounts_user u ON u.id = t.agent_id
    LEFT JOIN whatsapp_connection n ON n.id = t.connection_id"""


def columns(company_id: int) -> dict[str, Part]:
    """All Ticket columns (models.md, Ticket)."""
    return {
        "id": Number("t.id"),
        "status": Word("t.status"),
        "lastMessage": Text("t.last_message"),
        "contactId": Number("t.contact_id"),
        "userId": Number("t.agent_id", nullable=True),
        "whatsappId": Number("t.connection_id", nullable=True),
        "isGroup": Flag("t.is_group"),
        "unreadMessages": Number("t.unread_count"),
        "queueId": Number("t.queue_id", nullable=True),
        "companyId": Constant(company_id),
        "uuid": Word("t.uuid"),
        # Of chatbots and queue options, which have no engine here.
        "chatbot": Constant(value=False),
        "queueOptionId": Constant(None),
        "isBot": Flag("t.is_bot"),
        "channel": Text("t.channel"),
        "amountUsedBotQueues": Number("t.bot_menu_count"),
        "fromMe": Flag("t.last_message_from_me"),
        "sendInactiveMessage": Flag("t.is_warned_inactive"),
        "amountUsedBotQueuesNPS": Number("t.rating_retry_count"),
        "lgpdAcceptedAt": Moment("t.consented_at"),
        "lgpdSendMessageAt": Moment("t.consent_asked_at"),
        "imported": Moment("t.imported_at"),
        "flowWebhook": Constant(value=False),
        "lastFlowId": Constant(None),
        "dataWebhook": Constant(None),
        "hashFlowId": Constant(None),
        "useIntegration": Constant(value=False),
        "integrationId": Constant(None),
        "isOutOfHour": Flag("t.is_out_of_hours"),
        "flowStopped": Constant(None),
        "isActiveDemand": Flag("t.is_opened_by_agent"),
        "typebotSessionId": Constant(None),
        "typebotStatus": Constant(value=False),
        "typebotSessionTime": Constant(None),
        "createdAt": Moment("t.created_at"),
        "updatedAt": Moment("t.updated_at"),
    }


def columns_sql(company_id: int) -> str:
    """Write all Ticket columns as arguments of json_build_object."""
    return arguments(columns(company_id))
