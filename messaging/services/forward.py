"""Passing messages on to another customer."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from contacts.models import Contact
from messaging.exceptions import NoConnection, NotForwardable
from messaging.media import StoredMedia, copy_stored, discard
from messaging.models import Message
from messaging.services.send import Draft, send_message
from tickets.exceptions import TicketTaken
from tickets.models import Ticket
from tickets.services import accept_ticket, open_ticket_for, sight_of

_CARRIED = ("contacts", "location")
_STAYS = {
    Message.Kind.REACTION,
    Message.Kind.CALL,
    Message.Kind.SYSTEM,
    Message.Kind.UNSUPPORTED,
    Message.Kind.LIVE_LOCATION,
}


@transaction.atomic
def forward_messages(messages: Sequence[Message], *, to: Contact, by: User) -> list[Message]:
    """Send messages again to another contact, in their order and on their connection.

    The contact's live ticket is used when the agent sees it (and is taken when it waits), else one
    is opened. What came from a customer is marked as forwarded (behaviour 62). Raises
    NotForwardable, NoConnection, TicketTaken, and whatever sending raises; then nothing was sent.
    """
    for message in messages:
        is_there = not message.media_name or message.media_state == Message.MediaState.READY
        if message.is_private or message.deleted_at or message.kind in _STAYS or not is_there:
            raise NotForwardable(id=message.pk)
    tickets: dict[int | None, Ticket] = {}
    sent = []
    copies: list[StoredMedia] = []
    try:
        for message in messages:
            connection_id = message.connection_id
            if connection_id not in tickets:
                tickets[connection_id] = _ticket_for(to, connection_id, by)
            draft = _draft(message)
            if draft.media is not None:
                copies.append(draft.media)
            sent.append(send_message(tickets[connection_id], draft, by=by))
    except Exception:
        for copy in copies:
            discard(copy)
        raise
    return sent


def _ticket_for(contact: Contact, connection_id: int | None, by: User) -> Ticket:
    if connection_id is None:
        raise NoConnection
    live = Ticket.objects.live().filter(contact=contact, connection_id=connection_id).first()
    if live is None:
        return open_ticket_for(contact, by=by, connection_id=connection_id)
    if not Ticket.objects.visible_to(sight_of(by)).filter(pk=live.pk).exists():
        # Somebody else talks to this customer; two agents at once would confuse them.
        raise TicketTaken
    if live.status in {Ticket.Status.PENDING, Ticket.Status.LGPD}:
        return accept_ticket(live, by=by)
    return live


def _draft(message: Message) -> Draft:
    media: StoredMedia | None = None
    if message.media_path:
        # A copy, so that removing one of the two messages leaves the other whole.
        media = copy_stored(message.media_path, message.thumbnail_path)
        media = StoredMedia(
            path=media.path,
            name=message.media_name,
            mimetype=message.media_type,
            size=message.media_size or media.size,
            kind=message.kind,
            sha256=media.sha256,
            thumbnail_path=media.thumbnail_path,
        )
    return Draft(
        kind=message.kind,
        body=message.body,
        data={key: message.data[key] for key in _CARRIED if key in message.data},
        media=media,
        is_forwarded=not message.from_me,
    )
