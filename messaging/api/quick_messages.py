"""Routes of quick messages (rest.md §18)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from messaging import wire
from messaging.api import shapes
from messaging.api.bodies import MAX_TEXT
from messaging.api.uploads import one_upload
from messaging.exceptions import QuickMessageRequired
from messaging.services import quick_messages
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID, query, rows
from whaticket.params import page_param, text_param
from whaticket.serializers import Lenient


class QuickMessageBody(Lenient):
    """A quick message. Its file has routes of its own: what a client says of it is not believed."""

    shortcode = serializers.CharField(max_length=255, required=False, allow_blank=True)
    message = serializers.CharField(
        max_length=MAX_TEXT, required=False, allow_blank=True, trim_whitespace=False
    )
    isMedia = serializers.BooleanField(required=False, default=False)
    geral = serializers.BooleanField(required=False)
    visao = serializers.BooleanField(required=False)


_COLUMNS = {
    "shortcode": "shortcode",
    "message": "text",
    "geral": "is_editable_by_all",
    "visao": "is_shared",
}


def _fields(request: Request) -> dict[str, Any]:
    body = valid(QuickMessageBody, request)
    columns = {ours: body[wire] for wire, ours in _COLUMNS.items() if wire in body}
    return {**columns, "needs_text": not body["isMedia"]}


def shown(quick_message_id: int) -> RawJSON:
    """Answer with a quick message that was just seen or changed."""
    return RawJSON(wire.quick_messages_with_readers([quick_message_id])[quick_message_id][0])


class QuickMessages(APIView):
    @extend_schema(
        parameters=query("searchParam", "pageNumber"), responses={200: shapes.QUICK_MESSAGES}
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """A page of the quick messages one sees: the company's and one's own."""
        text = text_param(request, "searchParam").strip()
        return RawJSON(wire.quick_message_page(request.user, text=text, page=page_param(request)))

    @extend_schema(request=QuickMessageBody, responses={200: shapes.QUICK_MESSAGE})
    def post(self, request: PersonRequest) -> RawJSON:
        """Keep a quick message."""
        fields = _fields(request)
        if "shortcode" not in fields or (fields["needs_text"] and "text" not in fields):
            raise QuickMessageRequired
        return shown(quick_messages.create_quick_message(by=request.user, **fields).pk)


class QuickMessageList(APIView):
    @extend_schema(
        parameters=query("companyId", "userId"),
        responses={200: rows(shapes.QUICK_MESSAGE_ROW)},
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """All quick messages one sees, whatever person or company the address names."""
        return RawJSON(wire.quick_message_list(request.user))


class OneQuickMessage(APIView):
    @extend_schema(responses={200: shapes.QUICK_MESSAGE})
    def get(self, request: PersonRequest, quick_message_id: int) -> RawJSON:
        """One quick message."""
        return shown(quick_messages.quick_message_or_refuse(quick_message_id, request.user).pk)

    @extend_schema(request=QuickMessageBody, responses={200: shapes.QUICK_MESSAGE})
    def put(self, request: PersonRequest, quick_message_id: int) -> RawJSON:
        """Change a quick message of one's own, or one that everybody may change."""
        fields = _fields(request)
        quick_messages.update_quick_message(quick_message_id, by=request.user, **fields)
        return shown(quick_message_id)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, quick_message_id: int) -> Response:
        """Remove a quick message with its file."""
        quick_messages.delete_quick_message(quick_message_id, by=request.user)
        return Response({"message": "Quick message deleted"})


class QuickMessageMedia(APIView):
    @extend_schema(request=shapes.UPLOAD, responses={200: shapes.SAVED})
    def post(self, request: PersonRequest, quick_message_id: int) -> Response:
        """Give a quick message a file, in place of the one it had."""
        # Who may not change it shall not fill the disk either.
        quick_messages.quick_message_or_refuse(quick_message_id, request.user)
        stored = one_upload(request)
        quick_messages.set_quick_media(quick_message_id, stored, by=request.user)
        return Response({"mensagem": "File saved"})

    @extend_schema(responses={200: shapes.SAVED})
    def delete(self, request: PersonRequest, quick_message_id: int) -> Response:
        """Take a quick message's file away."""
        quick_messages.clear_quick_media(quick_message_id, by=request.user)
        return Response({"mensagem": "File removed"})
