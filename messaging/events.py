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
