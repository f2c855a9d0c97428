"""Routes of tags on tickets."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from contacts.services import tag_or_refuse
from tickets import services
from tickets.api import shapes
from tickets.api.tickets import visible
from whaticket.openapi import SAID


class TagOfTicket(APIView):
    @extend_schema(request=None, responses={201: shapes.TICKET_TAG})
    def put(self, request: PersonRequest, ticket_id: int, tag_id: int) -> Response:
        """Put a tag on a ticket; a lane takes the place of the one it is in."""
        ticket = visible(request, ticket_id)
        placement = services.tag_ticket(ticket, tag_or_refuse(tag_id), by=request.user)
        return Response(
            {
                "ticketId": placement.ticket_id,
                "tagId": placement.tag_id,
                "createdAt": placement.created_at,
                "updatedAt": placement.updated_at,
            },
            status=201,
        )


class LanesOfTicket(APIView):
    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, ticket_id: int) -> Response:
        """Take a ticket out of its lane; its labels stay."""
        services.take_off_board(visible(request, ticket_id), by=request.user)
        return Response({"message": "Ticket tags removed"})
