"""What the team says to customers, keeps for it, and says to each other (tenant schema)."""

from messaging.models.library import FileList, FileListItem, QuickMessage
from messaging.models.messages import InboundEvent, Message
from messaging.models.team import TeamChat, TeamChatMember, TeamChatMessage, Todo

__all__ = [
    "FileList",
    "FileListItem",
    "InboundEvent",
    "Message",
    "QuickMessage",
    "TeamChat",
    "TeamChatMember",
    "TeamChatMessage",
    "Todo",
]
