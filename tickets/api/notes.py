"""Routes of notes on contacts and their tickets."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from contacts.services import contact_or_refuse
from tickets import services, wire
from tickets.api import shapes
from tickets.api.tickets import visible
from tickets.exceptions import NoteNotFound
from tickets.services import sight_of
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID, query, rows
from whaticket.params import LARGEST_ID, int_param, page_param, text_param
from whaticket.serializers import OptionalId


class NoteBody(serializers.Serializer):
    """What is written down; the service says what is too short, with a code of its own."""

    note = serializers.CharField(
        max_length=255, required=False, allow_blank=True, allow_null=True, default=""
    )


class NewNoteBody(NoteBody):
    """A note on a contact; on one of its tickets, where that is named."""

    contactId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    ticketId = OptionalId(required=False)


def _shown(note_id: int) -> RawJSON:
    text = wire.note_json(note_id)
    if text is None:
        raise NoteNotFound
    return RawJSON(text)


def _text(body: dict[str, Any]) -> str:
    return body["note"] or ""


class NoteList(APIView):
    @extend_schema(
        parameters=query("contactId", "ticketId"), responses={200: rows(shapes.NOTE_ROW)}
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """The notes on a contact, a ticket, or both, newest first."""
        return RawJSON(
            wire.note_list(
                sight_of(request.user),
                contact_id=int_param(request, "contactId"),
                ticket_id=int_param(request, "ticketId"),
            )
        )


class Notes(APIView):
    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.NOTES})
    def get(self, request: PersonRequest) -> RawJSON:
        """A page of notes, 20 at a time, newest first."""
        text = text_param(request, "searchParam").strip()
        sight = sight_of(request.user)
        return RawJSON(wire.note_page(sight, text=text, page=page_param(request)))

    @extend_schema(request=NewNoteBody, responses={200: shapes.NOTE})
    def post(self, request: PersonRequest) -> RawJSON:
        """Write a note."""
        body = valid(NewNoteBody, request)
        contact = contact_or_refuse(body["contactId"])
        ticket_id = body.get("ticketId")
        ticket = visible(request, ticket_id) if ticket_id is not None else None
        note = services.add_note(contact, _text(body), by=request.user, ticket=ticket)
        return _shown(note.pk)


class OneNote(APIView):
    @extend_schema(responses={200: shapes.NOTE})
    def get(self, request: PersonRequest, note_id: int) -> RawJSON:
        """One note."""
        return _shown(services.note_or_refuse(note_id, sight_of(request.user)).pk)

    @extend_schema(request=NoteBody, responses={200: shapes.NOTE})
    def put(self, request: PersonRequest, note_id: int) -> RawJSON:
        """Write a note anew."""
        body = valid(NoteBody, request)
        note = services.note_or_refuse(note_id, sight_of(request.user))
        services.change_note(note, _text(body), by=request.user)
        return _shown(note_id)

    @extend_schema(request=NoteBody, responses={200: shapes.NOTE})
    def post(self, request: PersonRequest, note_id: int) -> RawJSON:
        """Write a note anew; clients of the old backend do it this way (rest.md §26)."""
        return self.put(request, note_id)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, note_id: int) -> Response:
        """Remove a note (administrators)."""
        if not IsAdmin().has_permission(request, self):
            self.permission_denied(request)
        note = services.note_or_refuse(note_id, sight_of(request.user))
        services.delete_note(note, by=request.user)
        return Response({"message": "Note deleted"})
