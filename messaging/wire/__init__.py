"""What clients read of messages and of what the team keeps (rest.md §§1.1, 8, 18 and 20)."""

from messaging.wire.messages import (
    PAGE,
    MessageParts,
    Part,
    conversation,
    facts_of,
    find_ticket,
    message_columns_sql,
    messages_json,
    messages_with_parts,
    ticket_parts,
)

__all__ = [
    "PAGE",
    "MessageParts",
    "Part",
    "conversation",
    "facts_of",
    "find_ticket",
    "message_columns_sql",
    "messages_json",
    "messages_with_parts",
    "ticket_parts",
]
