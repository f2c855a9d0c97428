"""What clients read of messages and of what the team keeps (rest.md §§1.1, 8, 18 and 20)."""

from messaging.wire.library import (
    file_list_names,
    file_list_page,
    file_lists_json,
    quick_message_list,
    quick_message_page,
    quick_messages_with_readers,
)
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
from messaging.wire.team import (
    ChatParts,
    team_chat_json,
    team_chat_page,
    team_chats_with_members,
    team_messages,
    team_messages_json,
)

__all__ = [
    "PAGE",
    "ChatParts",
    "MessageParts",
    "Part",
    "conversation",
    "facts_of",
    "file_list_names",
    "file_list_page",
    "file_lists_json",
    "find_ticket",
    "message_columns_sql",
    "messages_json",
    "messages_with_parts",
    "quick_message_list",
    "quick_message_page",
    "quick_messages_with_readers",
    "team_chat_json",
    "team_chat_page",
    "team_chats_with_members",
    "team_messages",
    "team_messages_json",
    "ticket_parts",
]
