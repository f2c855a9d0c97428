"""What the network says later about messages that exist: edits, deletions, reactions, calls."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.services import settings_of
from contacts.identity import Identity
from contacts.services import Profile, identify_contacts
from events.bus import Event, publish
from messaging.content import body_of
from messaging.events import MessageDeleted, MessageEdited, MessageReceived
from messaging.models import Message
from messaging.preview import preview_of
from messaging.services.say import in_company_language
from tickets.models import Ticket
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Edited, Person, Reacted, Revoked
from whatsapp.models import Connection


class NotYet(Exception):
    """The message this is about has not been stored; it may still come."""


@transaction.atomic
def apply_edit(connection: Connection, event: Edited) -> None:
    """Change the text of a message as its writer did on the phone; former texts are kept."""
    message = _target(connection, event.target)
    text = body_of(event.content)
    if message.edited_at is not None and message.edited_at >= event.at:
        return
    if message.body != text:
        message.data.setdefault("edits", []).append(message.body)
    message.body = text
    message.edited_at = event.at
    message.updated_at = timezone.now()
    message.save(update_fields=["body", "data", "edited_at", "updated_at"])
    _refresh_last_line(message)
    publish(MessageEdited(message_id=message.pk, ticket_id=message.ticket_id))


@transaction.atomic
def apply_revoke(connection: Connection, event: Revoked) -> None:
    """Mark a message as deleted by its writer (behaviour 61).

    The text stays, unless the company blanks what customers delete: then a notice stands in its
    place, also on the ticket's card, and former texts go as well.
    """
    message = _target(connection, event.target)
    if message.deleted_at is not None:
        if event.from_me:
            # The network's word on a deletion of ours: no refusal takes it back any more.
            Message.objects.filter(pk=message.pk).update(deleted_at=event.at)
        return
    settings = settings_of(current_company_id())
    is_blanked = not event.from_me and settings.lgpd_enabled and settings.lgpd_blanks_deleted
    if is_blanked:
        with in_company_language():
            message.body = _("This message was deleted.")
        message.data = {}
    message.deleted_at = event.at
    message.updated_at = timezone.now()
    message.save(update_fields=["body", "data", "deleted_at", "updated_at"])
    if is_blanked:
        _refresh_last_line(message)
    publish(MessageDeleted(message_id=message.pk, ticket_id=message.ticket_id))


@transaction.atomic
def apply_reaction(connection: Connection, event: Reacted) -> None:
    """Store a reaction as a message that points at its target; an empty emoji takes it away.

    One person has one reaction on a message. A reaction opens no ticket and counts as no unread.
    """
    target = _target(connection, event.target)
    reactor = None if event.from_me else _contact_of(connection, event.sender, target)
    mine = Message.objects.filter(quoted=target, kind=Message.Kind.REACTION, from_me=event.from_me)
    if not event.from_me:
        # Ours is one, whether an agent or the phone gave it.
        mine = mine.filter(contact_id=reactor)  # type: ignore[misc]
    former = list(mine)
    news: list[Event] = []
    for reaction in former:
        if reaction.wire_id == event.wire_id or reaction.sent_at > event.at:
            return
    mine.update(body="", deleted_at=event.at, updated_at=timezone.now())
    news += [MessageDeleted(message_id=r.pk, ticket_id=r.ticket_id) for r in former]
    if event.emoji:
        reaction = Message.objects.create(
            ticket_id=target.ticket_id,
            contact_id=reactor,
            connection=connection,
            queue_id=target.queue_id,
            chat=event.chat,
            wire_id=event.wire_id,
            from_me=event.from_me,
            is_read=True,
            origin=Message.Origin.PHONE if event.from_me else Message.Origin.CONTACT,
            kind=Message.Kind.REACTION,
            body=event.emoji,
            quoted=target,
            status=Message.Status.SENT if event.from_me else Message.Status.RECEIVED,
            sent_at=event.at,
        )
        news.append(
            MessageReceived(
                message_id=reaction.pk, ticket_id=reaction.ticket_id, from_me=event.from_me
            )
        )
    if news:
        publish(*news)


def _target(connection: Connection, wire_id: str) -> Message:
    message = (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .filter(connection=connection, wire_id=wire_id)
        .first()
    )
    if message is None:
        raise NotYet(wire_id)
    return message


def _contact_of(connection: Connection, person: Person, target: Message) -> int | None:
    if not person.identities:
        return target.ticket.contact_id
    profile = Profile(
        identities=tuple(Identity(str(i.kind), i.value) for i in person.identities),
        name=person.push_name,
        channel=connection.channel,
        connection_id=connection.pk,
    )
    return identify_contacts([profile])[0].pk


def _refresh_last_line(message: Message) -> None:
    Ticket.objects.filter(pk=message.ticket_id, last_message_at=message.sent_at).update(
        last_message=preview_of(message)
    )
