"""Routes of tags: labels (kanban 0) and lanes (kanban 1)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from billing.permissions import plan_has
from billing.services import require_feature
from contacts import services, wire
from contacts.api import shapes
from contacts.api.serializers import WalletField
from contacts.api.views import part_of
from contacts.exceptions import TagNotFound
from contacts.services.tags import (
    COLOR,
    DEFAULT_COLOR,
    KANBAN,
    LONGEST_GREETING,
    LONGEST_NAME,
    MOST_HOURS,
    SHORTEST_NAME,
)
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID, query, rows
from whaticket.params import LARGEST_ID, int_param, page_param, text_param
from whaticket.serializers import Lenient
from whaticket.tenancy import current_company_id


class LaneId(serializers.IntegerField):
    """The id of a lane; 0, null and an empty text mean none."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            min_value=0, max_value=LARGEST_ID, allow_null=True, required=False, **kwargs
        )

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data) or None


class TagBody(Lenient):
    """What a client says about a tag; absent means unchanged."""

    name = serializers.CharField(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, required=False)
    color = serializers.RegexField(COLOR, max_length=9, required=False, allow_blank=True)
    kanban = serializers.IntegerField(min_value=0, max_value=1, required=False)
    timeLane = serializers.IntegerField(
        min_value=0, max_value=MOST_HOURS, required=False, allow_null=True
    )
    nextLaneId = LaneId()
    greetingMessageLane = serializers.CharField(
        max_length=LONGEST_GREETING, required=False, allow_blank=True, allow_null=True
    )
    rollbackLaneId = LaneId()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and data.get("timeLane") == "":
            data = {**data, "timeLane": None}
        return super().to_internal_value(data)

    def validate_color(self, value: str) -> str:
        """Read an empty colour as the usual one; a partial match is none."""
        if value and not COLOR.fullmatch(value):
            raise serializers.ValidationError("A colour is needed, as #RRGGBB.")
        return value or DEFAULT_COLOR


class NewTagBody(TagBody):
    """A tag to make."""

    name = serializers.CharField(min_length=SHORTEST_NAME, max_length=LONGEST_NAME)


class TagIdField(WalletField):
    """A tag's id, plain or as `{id}`."""


class SyncBody(serializers.Serializer):
    contactId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    tags = serializers.ListField(child=TagIdField(), max_length=1000)


def tag_columns(body: dict[str, Any]) -> dict[str, Any]:
    """Name a body's values as the model does."""
    columns: dict[str, Any] = {
        ours: body[wire_name]
        for wire_name, ours in (
            ("name", "name"),
            ("color", "color"),
            ("nextLaneId", "next_lane_id"),
            ("rollbackLaneId", "rollback_lane_id"),
        )
        if wire_name in body
    }
    if "kanban" in body:
        columns["is_lane"] = body["kanban"] == 1
    if "timeLane" in body:
        columns["lane_hours"] = body["timeLane"] or 0
    if "greetingMessageLane" in body:
        columns["lane_greeting"] = body["greetingMessageLane"] or ""
    return columns


def _shown(tag_id: int, *, contacts: bool = False) -> RawJSON:
    text = wire.tags_json([tag_id], contacts=contacts).get(tag_id)
    if text is None:
        raise TagNotFound
    return RawJSON(text)


def _wants_lanes(request: Request) -> bool:
    """Tell which kind a list is about; raise FeatureNotInPlan for lanes without a board."""
    lanes = int_param(request, "kanban") == 1
    if lanes:
        require_feature(current_company_id(), KANBAN)
    return lanes


class TagList(APIView):
    @extend_schema(
        parameters=query("searchParam", "kanban"), responses={200: rows(shapes.LISTED_TAG)}
    )
    def get(self, request: Request) -> RawJSON:
        """All tags of a kind by name, each with its contacts and their number."""
        text = text_param(request, "searchParam").strip()
        return RawJSON(wire.tag_list(text=text, lanes=_wants_lanes(request)))


class Tags(APIView):
    @extend_schema(
        parameters=query("searchParam", "pageNumber", "kanban", "tagId"),
        responses={200: shapes.TAGS},
    )
    def get(self, request: Request) -> RawJSON:
        """A page of tags by name, 20 at a time; `tagId` is left out."""
        return RawJSON(
            wire.tag_page(
                text=text_param(request, "searchParam").strip(),
                lanes=_wants_lanes(request),
                without=int_param(request, "tagId"),
                page=page_param(request),
            )
        )

    @extend_schema(request=NewTagBody, responses={200: shapes.TAG})
    def post(self, request: PersonRequest) -> RawJSON:
        """Give the tag of that name, colour and kind, made where there is none."""
        columns = tag_columns(valid(NewTagBody, request))
        columns = {"color": DEFAULT_COLOR, "is_lane": False, **columns}
        return _shown(services.create_tag(by=request.user, **columns).pk)


class OneTag(APIView):
    @extend_schema(responses={200: shapes.TAG_WITH_CONTACTS})
    def get(self, request: Request, tag_id: int) -> RawJSON:
        """One tag with its contacts."""
        return _shown(tag_id, contacts=True)

    @extend_schema(request=TagBody, responses={200: shapes.TAG})
    def put(self, request: PersonRequest, tag_id: int) -> RawJSON:
        """Change a tag; lanes are for administrators."""
        columns = tag_columns(valid(TagBody, request))
        services.update_tag(services.tag_or_refuse(tag_id), by=request.user, **columns)
        return _shown(tag_id)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, tag_id: int) -> Response:
        """Remove a tag from all that carries it."""
        services.delete_tag(services.tag_or_refuse(tag_id), by=request.user)
        return Response({"message": "Tag deleted"})


class Lanes(APIView):
    permission_classes = [*APIView.permission_classes, plan_has(KANBAN)]

    @extend_schema(responses={200: shapes.LANES})
    def get(self, request: Request) -> RawJSON:
        """The lanes of the board, in the order in which they were made."""
        return RawJSON(wire.lanes_json())


class SyncTags(APIView):
    @extend_schema(request=SyncBody, responses={200: shapes.TAGGED})
    def post(self, request: PersonRequest) -> Response:
        """Have a contact carry exactly these tags; the answer is the contact as it was before."""
        body = valid(SyncBody, request)
        contact = services.contact_or_refuse(body["contactId"])
        before = part_of(contact.pk, joined={"tags"})
        services.set_contact_tags(contact, body["tags"], by=request.user)
        return before


class TagOfContact(APIView):
    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, tag_id: int, contact_id: int) -> Response:
        """Take a tag off a contact."""
        tag = services.tag_or_refuse(tag_id)
        contact = services.contact_or_refuse(contact_id)
        services.remove_tag_from_contact(tag, contact, by=request.user)
        return Response({"message": "Tag removed from contact"})
