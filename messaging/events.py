"""What happens to messages."""

from dataclasses import dataclass

from events.bus import Event


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """A message arrived: from the customer, or typed on the company's phone (`from_me`)."""

    name = "message.received"
    message_id: int
    ticket_id: int
    from_me: bool = False


@dataclass(frozen=True, slots=True)
class MessageQueued(Event):
    """A message or private note was written here; unless private it is on its way."""

    name = "message.queued"
    message_id: int
    ticket_id: int
    connection_id: int | None
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageStatusChanged(Event):
    name = "message.status_changed"
    message_id: int
    ticket_id: int
    status: str


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    name = "message.edited"
    message_id: int
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageDeleted(Event):
    name = "message.deleted"
    message_id: int
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageChangeRefused(Event):
    """The network refused an edit or a deletion; the message is again what the customer sees."""

    name = "message.change_refused"
    message_id: int
    ticket_id: int
    change: str


@dataclass(frozen=True, slots=True)
class NoteRemoved(Event):
    name = "message.note_removed"
    message_id: int
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MediaReady(Event):
    """The file of a message can be shown, or has turned out to be unobtainable."""

    name = "message.media_ready"
    message_id: int
    ticket_id: int


@dataclass(frozen=True, slots=True)
class QuickMessageCreated(Event):
    name = "quick_message.created"
    quick_message_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuickMessageUpdated(Event):
    """A quick message, its file or its readers changed; `was_shared` says who saw it before."""

    name = "quick_message.updated"
    quick_message_id: int
    was_shared: bool = True
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuickMessageDeleted(Event):
    """A quick message is no more; who saw it hears so."""

    name = "quick_message.deleted"
    quick_message_id: int
    owner_id: int
    was_shared: bool = True
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class FileListCreated(Event):
    name = "file_list.created"
    file_list_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class FileListUpdated(Event):
    """A list of files changed, or a file came into one of its places."""

    name = "file_list.updated"
    file_list_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class FileListDeleted(Event):
    name = "file_list.deleted"
    file_list_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TeamChatCreated(Event):
    name = "team_chat.created"
    chat_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TeamChatUpdated(Event):
    """A room has another title or other people in it."""

    name = "team_chat.updated"
    chat_id: int
    joined_ids: tuple[int, ...] = ()
    left_ids: tuple[int, ...] = ()
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TeamChatDeleted(Event):
    name = "team_chat.deleted"
    chat_id: int
    member_ids: tuple[int, ...] = ()
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TeamChatWritten(Event):
    """A colleague said something in a room."""

    name = "team_chat.written"
    chat_id: int
    chat_message_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TeamChatRead(Event):
    """A person has read a room."""

    name = "team_chat.read"
    chat_id: int
    by_id: int | None = None
