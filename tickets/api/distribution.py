"""How waiting tickets find an agent by themselves, and what was decided (docs/distribution.md)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from accounts.models import User
from tickets import services, wire
from tickets.api import shapes
from tickets.api.tickets import visible
from tickets.exceptions import QueueNotFound
from tickets.models import Queue
from tickets.services.distribution import candidates_of, weigh
from whaticket.api import RawJSON, valid
from whaticket.params import LARGEST_ID

# A year; and more than anybody can hold.
_LONGEST, _MOST = 525_600, 10_000


class Assignments(APIView):
    @extend_schema(responses={200: shapes.ASSIGNMENTS})
    def get(self, request: PersonRequest, ticket_id: int) -> RawJSON:
        """Who a ticket was given to by itself and why, newest first, for whoever sees it."""
        return RawJSON(wire.ticket_assignments(visible(request, ticket_id).pk))


class MemberBody(serializers.Serializer):
    userId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    # None: the queue's.
    capacity = serializers.IntegerField(min_value=0, max_value=_MOST, allow_null=True)


class DistributionBody(serializers.Serializer):
    mode = serializers.ChoiceField(choices=Queue.Distribution.values)
    opens = serializers.BooleanField(required=False, default=False)
    capacity = serializers.IntegerField(min_value=0, max_value=_MOST, required=False, default=0)
    waitMinutes = serializers.IntegerField(
        min_value=0, max_value=_LONGEST, required=False, default=0
    )
    members = MemberBody(many=True, required=False, default=list)


class Distribution(APIView):
    """A queue's distribution: administrators set it, supervisors look at it."""

    @extend_schema(responses={200: shapes.DISTRIBUTION})
    def get(self, request: PersonRequest, queue_id: int) -> Response:
        """How a queue distributes, and how its people stand now."""
        if not (request.user.is_admin or request.user.profile == User.Profile.SUPERVISOR):
            self.permission_denied(request)
        return Response(_shown(_queue(queue_id)))

    @extend_schema(request=DistributionBody, responses={200: shapes.DISTRIBUTION})
    def put(self, request: PersonRequest, queue_id: int) -> Response:
        """Say how a queue distributes; people who are not named keep their capacity."""
        if not IsAdmin().has_permission(request, self):
            self.permission_denied(request)
        body = valid(DistributionBody, request)
        change = services.DistributionChange(
            mode=body["mode"],
            opens=body["opens"],
            capacity=body["capacity"],
            minutes=body["waitMinutes"],
            capacities={row["userId"]: row["capacity"] for row in body["members"]},
        )
        return Response(
            _shown(services.set_distribution(_queue(queue_id), change, by=request.user))
        )


def _queue(queue_id: int) -> Queue:
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    return queue


def _shown(queue: Queue) -> dict[str, Any]:
    members = candidates_of(queue)
    _fit, rows = weigh(members, had_it=None)
    return {
        "queueId": queue.pk,
        "mode": queue.distribution,
        "opens": queue.opens_assigned,
        "capacity": queue.agent_capacity,
        "waitMinutes": queue.router_minutes,
        "members": [
            {
                "userId": member.user_id,
                "name": member.name,
                "load": member.load,
                "capacity": member.own_capacity,
                "skipped": row["skipped"],
            }
            for member, row in zip(members, rows, strict=True)
        ],
    }
