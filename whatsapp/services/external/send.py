"""Programs write to customers: with a ticket as everybody else, or without any (`noRegister`)."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from contacts.exceptions import InvalidNumber, NumberNotOnNetwork
from contacts.identity import Identity, phone_from
from contacts.services import Profile, identify_contacts
from dispatch.models import Outbox
from messaging.chats import chat_of
from messaging.exceptions import MessageNotFound, NothingToSend
from messaging.media import MediaTypeRefused, StoredMedia, discard, store_upload
from messaging.models import Message
from messaging.services.compose import carriable_media
from messaging.services.send import Draft, send_message
from tickets.models import Ticket
from tickets.services import Wanted, close_ticket, live_tickets
from tickets.services.move import place
from tickets.services.rows import agent_or_refuse, queue_or_refuse
from whaticket.outgoing import FetchRefused, fetch_public
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Identity as Address
from whatsapp.drivers.base import IdentityKind
from whatsapp.exceptions import ConnectionNotFound, LinkRefused, TicketInAnotherService
from whatsapp.models import Connection
from whatsapp.services.external.direct import write_direct
from whatsapp.services.external.once import once
from whatsapp.services.external.usage import CHECK, column_of, count_use
from whatsapp.services.numbers import CheckedNumber, check_number
from whatsapp.services.tokens import ApiCaller

DONE = {"status": "SUCCESS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a program wants sent. `texts` are captions, one per file, where there are files."""

    number: str
    texts: Sequence[str] = ()
    files: Sequence[StoredMedia] = ()
    user_id: int | None = None
    queue_id: int | None = None
    connection_id: int | None = None
    quoted_id: int | None = None
    delay_ms: int = 0
    is_signed: bool = False
    closes_ticket: bool = False
    # Off: no contact and no ticket comes of it.
    is_registered: bool = True


def send_external(
    caller: ApiCaller, order: Order, *, key: str = "", fingerprint: str = ""
) -> dict[str, Any]:
    """Send what a program wants sent, once per idempotency key; give the answer.

    The network is asked about the number before the transaction begins; a number that cannot be
    asked about is taken as it is. The order's files belong to this call: where nothing comes of
    it, they are removed. Raises InvalidNumber, NumberNotOnNetwork, NothingToSend,
    ConnectionNotFound, AgentNotFound, AgentNotInQueue, QueueNotFound, MessageNotFound,
    TicketInAnotherService, IdempotencyKeyReused, and what sending raises.
    """
    connection = caller.connection
    stored = list(order.files)
    try:
        if order.connection_id not in (None, connection.pk):
            # A token is a key to one number, not to all of the company's.
            raise ConnectionNotFound
        if not stored and not any(text.strip() for text in order.texts):
            raise NothingToSend
        for index, media in enumerate(stored):
            stored[index] = carriable_media(media, connection)
        found = _number(order.number, connection)

        def act() -> dict[str, Any]:
            if order.is_registered:
                _send_in_ticket(connection, order, stored, found)
            else:
                _send_direct(connection, order, stored, found)
            columns = [column_of(media.kind, media.mimetype) for media in stored]
            count_use(columns or [column_of("text", "")])
            return DONE

        answer, is_new = once(caller.token, key, fingerprint, act)
    except Exception:
        for media in stored:
            discard(media)
        raise
    if not is_new:
        for media in stored:
            discard(media)
    return answer


def fetch_image(url: str) -> StoredMedia:
    """Bring a picture from an address of the open internet; raise LinkRefused and what files do."""
    with tempfile.TemporaryFile() as file:
        try:
            fetched = fetch_public(url, file, limit=settings.MEDIA_MAX_BYTES)
        except FetchRefused as refusal:
            raise LinkRefused(reason=refusal.reason) from refusal
        file.seek(0)
        stored = store_upload(file, name=fetched.url.partition("?")[0].rpartition("/")[2])
    if stored.kind != "image":
        discard(stored)
        raise MediaTypeRefused
    return stored


def check_external(caller: ApiCaller, number: str) -> CheckedNumber:
    """Ask about a number over the caller's connection, counting it; raise InvalidNumber."""
    phone = phone_from(number)
    if not phone:
        raise InvalidNumber
    checked = check_number(phone, caller.connection)
    count_use([CHECK])
    return checked


def _number(number: str, connection: Connection) -> tuple[Identity, ...]:
    phone = phone_from(number)
    if not phone:
        raise InvalidNumber
    checked = check_number(phone, connection)
    if checked.exists is False:
        raise NumberNotOnNetwork
    if not any(identity.kind == "phone" for identity in checked.identities):
        return (Identity("phone", checked.number), *checked.identities)
    return checked.identities


def _send_direct(
    connection: Connection,
    order: Order,
    stored: Sequence[StoredMedia],
    found: tuple[Identity, ...],
) -> None:
    to = tuple(Address(IdentityKind(i.kind), i.value.removesuffix("@lid")) for i in found)
    # The phone is the best address, as it is for contacts.
    to = tuple(sorted(to, key=lambda identity: identity.kind != IdentityKind.PHONE))
    quoted = _quoted(order, connection, chat=chat_of(to))
    name = _person(order.user_id).name if order.is_signed and order.user_id else ""
    for body, media in _parts(order, stored, name):
        _, pointer = write_direct(connection, to, body=body, media=media, quoted=quoted)
        _delay(Outbox.objects.filter(pk=pointer.pk), order)


def _send_in_ticket(
    connection: Connection,
    order: Order,
    stored: Sequence[StoredMedia],
    found: tuple[Identity, ...],
) -> None:
    ticket = _ticket(connection, order, found)
    quoted = _quoted(order, connection, contact_id=ticket.contact_id)
    agent = _person(order.user_id) if order.user_id else ticket.agent
    name = agent.name if agent is not None and order.is_signed else ""
    for body, media in _parts(order, stored, name):
        draft = Draft(
            kind=media.kind if media else Message.Kind.TEXT, body=body, quoted=quoted, media=media
        )
        message = send_message(ticket, draft, by=None, origin=Message.Origin.API)
        _delay(
            Outbox.objects.filter(
                company_id=current_company_id(), kind=Outbox.Kind.SEND, message_id=message.pk
            ),
            order,
        )
    if order.closes_ticket or (ticket.queue is not None and ticket.queue.closes_tickets):
        close_ticket(ticket, by=None, says_farewell=False)


def _ticket(connection: Connection, order: Order, found: tuple[Identity, ...]) -> Ticket:
    """Find or open the conversation, and put it where the program wants it (behaviour 34-38)."""
    profile = Profile(found, channel=connection.channel, connection_id=connection.pk)
    (contact,) = identify_contacts([profile])
    live = Ticket.objects.live().filter(contact=contact, connection=connection)
    known = set(live.values_list("pk", flat=True))
    ticket = live_tickets([Wanted(contact, connection)])[contact.pk]
    if ticket.pk in known:
        _refuse_others(ticket, order)
    queue_id = ticket.queue_id
    if order.queue_id is not None and order.queue_id != ticket.queue_id:
        queue_id = queue_or_refuse(order.queue_id).pk
    agent_id, status = ticket.agent_id, ticket.status
    if order.user_id is not None and order.user_id != ticket.agent_id:
        agent_id = agent_or_refuse(order.user_id, queue_id=queue_id).pk
    if order.user_id is not None and status != Ticket.Status.GROUP:
        status = Ticket.Status.OPEN
    return place(ticket, by=None, status=status, queue_id=queue_id, agent_id=agent_id)


def _refuse_others(ticket: Ticket, order: Order) -> None:
    """Raise TicketInAnotherService where somebody else than wanted has the conversation."""
    agents = (ticket.agent_id, order.user_id)
    queues = (ticket.queue_id, order.queue_id)
    if any(None not in pair and pair[0] != pair[1] for pair in (agents, queues)):
        raise TicketInAnotherService(
            agent=ticket.agent.name if ticket.agent else None,
            queue=ticket.queue.name if ticket.queue else None,
        )


def _person(user_id: int) -> User:
    return agent_or_refuse(user_id, queue_id=None)


def _quoted(order: Order, connection: Connection, **where: Any) -> Message | None:
    """Give what is quoted; it must be in the same chat, or somebody else's words would be read."""
    if order.quoted_id is None:
        return None
    rows = Message.objects.filter(pk=order.quoted_id, connection=connection, is_private=False)
    if "contact_id" in where:
        where = {"ticket__contact_id": where["contact_id"]}
    quoted = rows.filter(**where).first()
    if quoted is None:
        raise MessageNotFound
    return quoted


def _parts(
    order: Order, stored: Sequence[StoredMedia], signature: str
) -> list[tuple[str, StoredMedia | None]]:
    """Give what goes into each message: a text, or a file with its caption."""
    texts = list(order.texts) or [""]
    parts: list[tuple[str, StoredMedia | None]] = [(texts[0], None)]
    if stored:
        captions = [*texts, *[""] * len(stored)]
        parts = list(zip(captions, stored, strict=False))
    if not signature:
        return parts
    return [(f"*{signature}:*\n{text}" if text else text, media) for text, media in parts]


def _delay(pointers: Any, order: Order) -> None:
    if order.delay_ms:
        pointers.update(not_before=timezone.now() + timedelta(milliseconds=order.delay_ms))
