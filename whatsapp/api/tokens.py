"""Keys of other programs, and what they did with them: for administrators."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from billing.permissions import plan_has
from whaticket.api import valid
from whaticket.days import day_param
from whaticket.openapi import SAID, query
from whaticket.paging import page_of
from whaticket.params import page_param
from whatsapp import wire
from whatsapp.api import shapes
from whatsapp.authentication import FEATURE
from whatsapp.models import ApiToken, ApiUsage
from whatsapp.services import tokens
from whatsapp.services.connections import find_connection


class TokenBody(serializers.Serializer):
    """A token to make."""

    name = serializers.CharField(min_length=2, max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiToken.Scope.choices), min_length=1, max_length=20
    )
    ratePerMinute = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, allow_null=True
    )


class Tokens(APIView):
    """A connection's tokens."""

    permission_classes = [IsAdmin, plan_has(FEATURE)]

    @extend_schema(responses={200: shapes.TOKENS})
    def get(self, request: Request, connection_id: int) -> Response:
        """All of them, without their secrets."""
        rows = ApiToken.objects.filter(connection=find_connection(connection_id)).order_by("pk")
        return Response({"tokens": [wire.token_row(row) for row in rows]})

    @extend_schema(request=TokenBody, responses={200: shapes.NEW_TOKEN})
    def post(self, request: PersonRequest, connection_id: int) -> Response:
        """Make one; this answer is the only place where its secret is ever shown."""
        body = valid(TokenBody, request)
        token, secret = tokens.issue_token(
            find_connection(connection_id),
            name=body["name"],
            scopes=body["scopes"],
            rate_per_minute=body.get("ratePerMinute"),
            by=request.user,
        )
        return Response(wire.token_row(token) | {"token": secret})


class OneToken(APIView):
    """One token of a connection."""

    # Also without the feature: what exists can always be taken away.
    permission_classes = [IsAdmin]

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, connection_id: int, token_id: int) -> Response:
        """End it at once."""
        tokens.revoke_token(find_connection(connection_id), token_id, by=request.user)
        return Response({"message": "Token revoked."})


class Usage(APIView):
    """What the company's tokens were used for, by day."""

    permission_classes = [IsAdmin]

    @extend_schema(
        parameters=query("dateStart", "dateEnd", "pageNumber"), responses={200: shapes.USAGES}
    )
    def get(self, request: Request) -> Response:
        """A page of days, the newest first."""
        rows = ApiUsage.objects.order_by("-day")
        for name, comparison in (("dateStart", "day__gte"), ("dateEnd", "day__lte")):
            day = day_param(request, name)
            if day is not None:
                rows = rows.filter(**{comparison: day})
        page, count, more = page_of(rows, page_param(request))
        return Response(
            {"usages": [wire.usage_row(row) for row in page], "count": count, "hasMore": more}
        )
