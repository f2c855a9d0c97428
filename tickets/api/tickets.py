"""One ticket, and what is done with it."""

import uuid

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from contacts.services import contact_or_refuse
from tickets import services, wire
from tickets.api import shapes
from tickets.api.lists import TicketList
from tickets.api.serializers import AcceptBody, CloseAllBody, NewTicketBody, TicketBody
from tickets.exceptions import TicketNotFound
from tickets.models import Ticket
from tickets.services import KEEP, TicketChange, sight_of
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID


def visible(request: PersonRequest, ticket_id: int) -> Ticket:
    """Give a ticket that the person may open; raise TicketNotFound."""
    ticket = Ticket.objects.visible_to(sight_of(request.user)).filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def reachable(request: PersonRequest, ticket_id: int) -> Ticket:
    """Give a ticket that the person may ask for, though a colleague may hold it."""
    ticket = Ticket.objects.within_reach_of(sight_of(request.user)).filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def shown(ticket_id: int) -> RawJSON:
    """Answer with TicketShow."""
    text = wire.ticket_show(ticket_id)
    if text is None:
        raise TicketNotFound
    return RawJSON(text)


class Tickets(TicketList):
    @extend_schema(request=NewTicketBody, responses={200: shapes.SHOW})
    def post(self, request: PersonRequest) -> RawJSON:
        """Begin a conversation (behaviour 40)."""
        body = valid(NewTicketBody, request)
        ticket = services.open_ticket_for(
            contact_or_refuse(body["contactId"]),
            by=request.user,
            agent_id=body.get("userId"),
            queue_id=body.get("queueId"),
            connection_id=body.get("whatsappId"),
        )
        return shown(ticket.pk)


class OneTicket(APIView):
    @extend_schema(responses={200: shapes.SHOW})
    def get(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """TicketShow; the look is written into the ticket's log."""
        text = wire.ticket_show(ticket_id, sight_of(request.user))
        if text is None:
            raise TicketNotFound
        services.note_view(ticket_id, by=request.user)
        return RawJSON(text)

    @extend_schema(request=TicketBody, responses={200: shapes.SHOW})
    def put(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """Accept, transfer, close, reopen or change a ticket (behaviour R-UPD)."""
        body = valid(TicketBody, request)
        change = TicketChange(
            status=body.get("status", KEEP),
            agent_id=body.get("userId", KEEP),
            queue_id=body.get("queueId", KEEP),
            is_bot=body.get("isBot", KEEP),
            bot_menu_count=body.get("amountUsedBotQueues", KEEP),
            last_message=body.get("lastMessage", KEEP),
            unread_count=body.get("unreadMessages", KEEP),
            says_farewell=body["sendFarewellMessage"],
            is_transfer=body["isTransfered"],
            note=body.get("msgTransfer") or "",
        )
        find = reachable if change.is_acceptance_by(request.user) else visible
        return shown(services.update_ticket(find(request, ticket_id), change, by=request.user).pk)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, ticket_id: int) -> Response:
        """Remove a ticket with its messages (administrators)."""
        if not IsAdmin().has_permission(request, self):
            self.permission_denied(request)
        services.delete_ticket(visible(request, ticket_id), by=request.user)
        return Response({"message": "ticket deleted"})


class TicketByUuid(APIView):
    @extend_schema(responses={200: shapes.BY_UUID})
    def get(self, request: PersonRequest, ticket_uuid: str) -> RawJSON:
        """TicketUuid; marks the conversation read."""
        try:
            key = uuid.UUID(ticket_uuid)
        except ValueError as error:
            raise TicketNotFound from error
        sight = sight_of(request.user)
        ticket = Ticket.objects.visible_to(sight).filter(uuid=key).first()
        if ticket is None:
            raise TicketNotFound
        with transaction.atomic():
            if ticket.unread_count:
                services.mark_read(ticket, by=request.user)
            services.note_view(ticket.pk, by=request.user)
        text = wire.ticket_by_uuid(key, sight)
        if text is None:
            raise TicketNotFound
        return RawJSON(text)


class Accept(APIView):
    @extend_schema(request=AcceptBody, responses={200: shapes.SHOW})
    def post(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """Take a waiting ticket; 409 for everybody but the first."""
        body = valid(AcceptBody, request)
        ticket = services.accept_ticket(
            reachable(request, ticket_id), by=request.user, queue_id=body.get("queueId")
        )
        return shown(ticket.pk)


class Unread(APIView):
    @extend_schema(request=None, responses={200: shapes.SHOW})
    def post(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """Give a ticket a badge again."""
        services.mark_unread(visible(request, ticket_id), by=request.user)
        return shown(ticket_id)


class Read(APIView):
    @extend_schema(request=None, responses={200: shapes.SHOW})
    def post(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """Clear a ticket's badge."""
        services.mark_read(visible(request, ticket_id), by=request.user)
        return shown(ticket_id)


class CloseAll(APIView):
    permission_classes = [*APIView.permission_classes, IsAdmin]

    @extend_schema(request=CloseAllBody, responses={200: None})
    def post(self, request: PersonRequest) -> Response:
        """Close every ticket of a status, without farewell (administrators)."""
        body = valid(CloseAllBody, request)
        services.close_all(status=body["status"], by=request.user)
        return Response()


class Log(APIView):
    @extend_schema(responses={200: shapes.LOG})
    def get(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """What happened to a ticket, newest first."""
        return RawJSON(wire.ticket_log(visible(request, ticket_id).pk))
