"""Routes of queues; only administrators write."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from tickets import services, wire
from tickets.api import shapes
from tickets.api.serializers import QueueBody, queue_columns
from tickets.exceptions import QueueNotFound
from tickets.models import Queue
from whaticket.api import RawJSON, valid
from whaticket.openapi import rows


class _Queues(APIView):
    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not IsAdmin().has_permission(
            request, self
        ):
            self.permission_denied(request)


def shown(queue_id: int, status: int = 200) -> RawJSON:
    """Answer with a queue; raise QueueNotFound."""
    text = wire.queue_json(queue_id)
    if text is None:
        raise QueueNotFound
    return RawJSON(text, status=status)


def _queue(queue_id: int) -> Queue:
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    return queue


class Queues(_Queues):
    @extend_schema(responses={200: rows(shapes.QUEUE)})
    def get(self, request: Request) -> RawJSON:
        """All queues, in menu order."""
        return RawJSON(wire.queues_json())

    @extend_schema(request=QueueBody, responses={200: shapes.QUEUE_WITH_BOTS})
    def post(self, request: PersonRequest) -> RawJSON:
        """Add a queue."""
        columns = {"name": "", "color": "", **queue_columns(valid(QueueBody, request))}
        return shown(services.create_queue(by=request.user, **columns).pk)


class OneQueue(_Queues):
    @extend_schema(responses={200: shapes.QUEUE_WITH_BOTS})
    def get(self, request: Request, queue_id: int) -> RawJSON:
        """One queue with its bots."""
        return shown(queue_id)

    @extend_schema(request=QueueBody, responses={201: shapes.QUEUE_WITH_BOTS})
    def put(self, request: PersonRequest, queue_id: int) -> RawJSON:
        """Change a queue."""
        columns = queue_columns(valid(QueueBody, request))
        services.update_queue(_queue(queue_id), by=request.user, **columns)
        return shown(queue_id, status=201)

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest, queue_id: int) -> Response:
        """Remove a queue; its tickets stay."""
        services.delete_queue(_queue(queue_id), by=request.user)
        return Response()
