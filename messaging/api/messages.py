"""Conversations and messages (rest.md §8)."""

import uuid

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from accounts.models import User
from contacts.exceptions import ContactNotFound
from contacts.models import Contact
from messaging import wire
from messaging.api import bodies, shapes
from messaging.exceptions import MessageNotFound
from messaging.media import StoredMedia, discard, store_upload
from messaging.models import Message
from messaging.services.compose import prepare_media, write_messages
from messaging.services.delete import delete_message
from messaging.services.edit import edit_message
from messaging.services.forward import forward_messages
from messaging.services.react import react_to
from messaging.services.read import read_conversation
from messaging.services.resend import resend_message
from messaging.services.send import Draft
from tickets.exceptions import TicketNotFound
from tickets.models import Ticket
from tickets.services import sight_of
from tickets.sight import Sight
from whaticket.api import RawJSON
from whaticket.days import day_param, end_of, midnight
from whaticket.openapi import query
from whaticket.params import int_param, page_param, text_param, whole_number

# Looking at these marks them read (behaviour 59).
READ_ON_SIGHT = {Ticket.Status.OPEN, Ticket.Status.GROUP}


def name_of(key: str) -> int | uuid.UUID:
    """Read which ticket an address names, by id or uuid; raise TicketNotFound for neither."""
    number = whole_number(key)
    if number is not None:
        return number
    try:
        return uuid.UUID(key)
    except ValueError as error:
        raise TicketNotFound from error


def ticket_for(key: str, sight: Sight) -> Ticket:
    """Give the ticket an address names; raise TicketNotFound for strangers' ones."""
    ticket = wire.find_ticket(name_of(key), sight)
    if ticket is None:
        raise TicketNotFound
    return ticket


def messages_for(ids: list[int], user: User) -> list[Message]:
    """Give messages in the order asked; raise MessageNotFound for what the person cannot see."""
    sight = sight_of(user)
    found = Message.objects.select_related("ticket", "connection").in_bulk(ids)
    for pk in ids:
        if pk not in found or not sight.allows(wire.facts_of(found[pk].ticket)):
            raise MessageNotFound
    return [found[pk] for pk in ids]


def message_for(message_id: int, user: User) -> Message:
    """Give one message; raise MessageNotFound for what the person cannot see."""
    return messages_for([message_id], user)[0]


class Conversation(APIView):
    """A ticket's messages; a DELETE names a message instead (the contract's paths collide)."""

    @extend_schema(
        parameters=query("pageNumber", "before", "selectedQueues"),
        responses={200: shapes.CONVERSATION},
    )
    def get(self, request: PersonRequest, key: str) -> HttpResponse:
        """A page, oldest first; reading it marks the ticket read."""
        page, before = page_param(request), int_param(request, "before")
        queues = None
        if request.query_params.get("selectedQueues"):
            text = text_param(request, "selectedQueues", longest=4000)
            queues = bodies.ids_of(text, "selectedQueues", most=500)
        name, sight = name_of(key), sight_of(request.user)
        part = wire.Part(number=page, before=before)
        found = wire.conversation(name, sight, part=part, queue_ids=queues)
        if found and found[0].unread_count and found[0].status in READ_ON_SIGHT:
            read_conversation(found[0], by=request.user)
            # Once more: it says now what was read.
            found = wire.conversation(name, sight, part=part, queue_ids=queues)
        if found is None:
            raise TicketNotFound
        return RawJSON(found[1])

    @extend_schema(
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=shapes.SEND,
        responses={200: None},
    )
    def post(self, request: PersonRequest, key: str) -> HttpResponse:
        """Send a text, a contact card or files; or keep a private note."""
        ticket = ticket_for(key, sight_of(request.user))
        wish = bodies.wish_of(request)
        idempotency_key = bodies.text_of(
            request.headers.get("Idempotency-Key"), "Idempotency-Key", longest=bodies.MAX_KEY
        )
        quoted = _quoted(wish.quoted_id, ticket)
        drafts = _drafts(wish, ticket, quoted)
        write_messages(ticket, drafts, by=request.user, idempotency_key=idempotency_key)
        return HttpResponse()

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest, key: str) -> HttpResponse:
        """Take a message back, or remove a note."""
        number = whole_number(key)
        if number is None:
            raise MessageNotFound
        delete_message(message_for(number, request.user), by=request.user)
        return HttpResponse()


def _quoted(message_id: int | None, ticket: Ticket) -> Message | None:
    if message_id is None:
        return None
    # What is quoted must be in the same chat, or the customer would read somebody else's words.
    quoted = Message.objects.filter(  # type: ignore[misc]  # null: of a connection that is gone
        pk=message_id,
        ticket__contact_id=ticket.contact_id,
        ticket__connection_id=ticket.connection_id,
        is_private=False,
    ).first()
    if quoted is None:
        raise MessageNotFound
    return quoted


def _drafts(wish: bodies.Wish, ticket: Ticket, quoted: Message | None) -> list[Draft]:
    if wish.card is not None:
        data = {"contacts": [wish.card]}
        return [
            Draft(
                kind=Message.Kind.CONTACTS,
                body=wish.card["name"],
                data=data,
                quoted=quoted,
                is_private=wish.is_private,
            )
        ]
    if not wish.files:
        return [Draft(body=wish.texts[0], quoted=quoted, is_private=wish.is_private)]
    stored = _store_all(wish, ticket)
    captions = [*wish.texts, *[""] * len(stored)]
    return [
        Draft(kind=media.kind, body=caption, quoted=quoted, media=media, is_private=wish.is_private)
        for media, caption in zip(stored, captions, strict=False)
    ]


def _store_all(wish: bodies.Wish, ticket: Ticket) -> list[StoredMedia]:
    """Store every file or none."""
    stored: list[StoredMedia] = []
    try:
        for file in wish.files:
            media = store_upload(file, name=file.name or "")
            stored.append(media)
            stored[-1] = prepare_media(ticket, media, is_private=wish.is_private)
    except Exception:
        for media in stored:
            discard(media)
        raise
    return stored


class Edit(APIView):
    """Another wording."""

    @extend_schema(request=shapes.EDIT, responses={200: None})
    def post(self, request: PersonRequest, message_id: int) -> HttpResponse:
        body = bodies.text_of(bodies.fields_of(request).get("body"), "body")
        edit_message(message_for(message_id, request.user), body=body, by=request.user)
        return HttpResponse()


class Reaction(APIView):
    """The company's emoji on a message; empty takes it away."""

    @extend_schema(request=shapes.REACTION, responses={200: None})
    def post(self, request: PersonRequest, message_id: int) -> HttpResponse:
        emoji = bodies.text_of(bodies.fields_of(request).get("emoji"), "emoji", longest=64)
        react_to(message_for(message_id, request.user), emoji=emoji, by=request.user)
        return HttpResponse()


class Resend(APIView):
    """Send again what failed, or may have failed."""

    @extend_schema(request=None, responses={200: None})
    def post(self, request: PersonRequest, message_id: int) -> HttpResponse:
        resend_message(message_for(message_id, request.user), by=request.user)
        return HttpResponse()


class Forward(APIView):
    """Pass one message on, or several (`messageIds`)."""

    @extend_schema(request=shapes.FORWARD, responses={200: None})
    def post(self, request: PersonRequest) -> HttpResponse:
        data = bodies.fields_of(request)
        ids = data.get("messageIds") or data.get("messageId")
        # The contract answers a missing id with 200 and a text.
        if ids in (None, ""):
            return HttpResponse("MessageId not found", content_type="text/plain")
        if data.get("contactId") in (None, ""):
            return HttpResponse("ContactId not found", content_type="text/plain")
        if not isinstance(ids, list):
            ids = [ids]
        wanted = bodies.ids_of(ids, "messageId", most=bodies.MAX_FORWARDED)
        contact_id = bodies.id_of(data["contactId"], "contactId")
        messages = messages_for(wanted, request.user)
        contact = Contact.objects.filter(pk=contact_id, merged_into=None).first()
        if contact is None:
            raise ContactNotFound
        forward_messages(messages, to=contact, by=request.user)
        return HttpResponse()


class CountAll(APIView):
    """How many messages of the tickets a person sees went one way in some days."""

    @extend_schema(
        parameters=query("fromMe", "dateStart", "dateEnd"), responses={200: shapes.COUNT}
    )
    def get(self, request: PersonRequest) -> Response:
        rows = Message.objects.filter(is_private=False)
        direction = text_param(request, "fromMe")
        if direction:
            rows = rows.filter(from_me=bodies.flag_of(direction, "fromMe"))
        first, last = day_param(request, "dateStart"), day_param(request, "dateEnd")
        if first:
            rows = rows.filter(sent_at__gte=midnight(first))
        if last:
            rows = rows.filter(sent_at__lt=end_of(last))
        sight = sight_of(request.user)
        if not sight.is_admin:
            rows = rows.filter(ticket__in=Ticket.objects.visible_to(sight))
        return Response({"count": [{"count": str(rows.count())}]})
