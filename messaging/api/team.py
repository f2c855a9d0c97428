"""Routes of rooms in which colleagues talk (rest.md §20)."""

import uuid

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from billing.permissions import plan_has
from messaging import wire
from messaging.api import shapes
from messaging.api.bodies import MAX_KEY, fields_of, text_of
from messaging.api.uploads import one_upload
from messaging.exceptions import TeamChatNotFound
from messaging.services import team_chats
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID, query
from whaticket.params import LARGEST_ID, page_param, whole_number
from whaticket.serializers import Lenient

MOST_PEOPLE = 500
LONGEST = 16_384


class PersonBody(serializers.Serializer):
    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class ChatBody(Lenient):
    """A room: its title and its people."""

    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    users = serializers.ListField(child=PersonBody(), required=False, max_length=MOST_PEOPLE)


def shown(chat_id: int) -> RawJSON:
    """Answer with a room, its owner and its people; raise TeamChatNotFound."""
    found = wire.team_chats_with_members([chat_id])
    if chat_id not in found:
        raise TeamChatNotFound
    return RawJSON(found[chat_id].text)


class _TeamView(APIView):
    """Every route of rooms: for signed-in people whose plan has internal chat (behaviour 138)."""

    permission_classes = [IsAuthenticated, plan_has("useInternalChat")]


class Chats(_TeamView):
    @extend_schema(parameters=query("pageNumber"), responses={200: shapes.CHATS})
    def get(self, request: PersonRequest) -> RawJSON:
        """A page of the rooms one is in, newest first."""
        return RawJSON(wire.team_chat_page(request.user, page=page_param(request)))

    @extend_schema(request=ChatBody, responses={200: shapes.WHOLE_CHAT})
    def post(self, request: PersonRequest) -> RawJSON:
        """Open a room; whoever opens it is in it."""
        body = valid(ChatBody, request)
        chat = team_chats.create_team_chat(
            title=body.get("title", ""),
            user_ids=[person["id"] for person in body.get("users", ())],
            by=request.user,
        )
        return shown(chat.pk)


class OneChat(_TeamView):
    """A room by its uuid where it is read, by its number where it is changed."""

    @extend_schema(responses={200: shapes.CHAT})
    def get(self, request: PersonRequest, key: str) -> RawJSON:
        """One room that one is in."""
        try:
            text = wire.team_chat_json(uuid.UUID(key), request.user)
        except ValueError as error:
            raise TeamChatNotFound from error
        if text is None:
            raise TeamChatNotFound
        return RawJSON(text)

    @extend_schema(request=ChatBody, responses={200: shapes.WHOLE_CHAT})
    def put(self, request: PersonRequest, key: str) -> RawJSON:
        """Give one's own room another title or other people."""
        body = valid(ChatBody, request)
        people = [person["id"] for person in body["users"]] if "users" in body else None
        chat_id = _number(key)
        team_chats.update_team_chat(
            chat_id, by=request.user, title=body.get("title"), user_ids=people
        )
        return shown(chat_id)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, key: str) -> Response:
        """Remove one's own room."""
        team_chats.delete_team_chat(_number(key), by=request.user)
        return Response({"message": "Chat deleted"})


def _number(key: str) -> int:
    number = whole_number(key)
    if number is None:
        raise TeamChatNotFound
    return number


class ChatMessages(_TeamView):
    @extend_schema(parameters=query("pageNumber"), responses={200: shapes.TEAM_MESSAGES})
    def get(self, request: PersonRequest, chat_id: int) -> RawJSON:
        """A page of what was said, counted from the end, oldest first."""
        page = page_param(request)
        chat = team_chats.team_chat_or_refuse(chat_id, request.user)
        return RawJSON(wire.team_messages(chat.pk, page=page))

    @extend_schema(
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=shapes.WRITE,
        responses={200: shapes.TEAM_MESSAGE},
    )
    def post(self, request: PersonRequest, chat_id: int) -> RawJSON:
        """Say something: words, a file, or both; once per Idempotency-Key."""
        chat = team_chats.team_chat_or_refuse(chat_id, request.user)
        text = text_of(fields_of(request).get("message"), "message", longest=LONGEST)
        key = text_of(request.headers.get("Idempotency-Key"), "Idempotency-Key", longest=MAX_KEY)
        media = one_upload(request) if "file" in request.FILES else None
        message = team_chats.write_to_team(
            chat, text=text, by=request.user, media=media, idempotency_key=key
        )
        return RawJSON(wire.team_messages_json([message.pk])[message.pk])


class ReadChat(_TeamView):
    @extend_schema(request=shapes.READ, responses={200: shapes.WHOLE_CHAT})
    def post(self, request: PersonRequest, chat_id: int) -> RawJSON:
        """Mark a room read for oneself, whatever person the body names."""
        chat = team_chats.team_chat_or_refuse(chat_id, request.user)
        team_chats.read_team_chat(chat, by=request.user)
        return shown(chat_id)
