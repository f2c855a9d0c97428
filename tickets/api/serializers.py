"""Bodies of ticket and queue requests."""

from typing import Any

from rest_framework import serializers

from tickets.models import Ticket
from whaticket.params import LARGEST_ID
from whaticket.serializers import OptionalId

_COUNT = 2**31 - 1


class OptionalCount(serializers.IntegerField):
    """A number, or an empty text for none."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_value=_COUNT, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)


class NewTicketBody(serializers.Serializer):
    """A conversation to begin; `status` is accepted and does not matter (rest.md §7)."""

    contactId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    userId = OptionalId(required=False)
    queueId = OptionalId(required=False)
    whatsappId = OptionalId(required=False)
    status = serializers.CharField(required=False, allow_null=True, allow_blank=True)


class TicketBody(serializers.Serializer):
    """What a client wants of a ticket; absent means unchanged."""

    status = serializers.ChoiceField(choices=Ticket.Status.choices, required=False)
    userId = OptionalId(required=False)
    queueId = OptionalId(required=False)
    isBot = serializers.BooleanField(required=False)
    queueOptionId = OptionalId(required=False)
    sendFarewellMessage = serializers.BooleanField(required=False, default=True)
    amountUsedBotQueues = serializers.IntegerField(min_value=0, max_value=_COUNT, required=False)
    lastMessage = serializers.CharField(required=False, allow_blank=True, max_length=65_536)
    integrationId = OptionalId(required=False)
    useIntegration = serializers.BooleanField(required=False)
    unreadMessages = serializers.IntegerField(min_value=0, max_value=_COUNT, required=False)
    msgTransfer = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=65_536
    )
    isTransfered = serializers.BooleanField(required=False, default=False)


class AcceptBody(serializers.Serializer):
    queueId = OptionalId(required=False)


class CloseAllBody(serializers.Serializer):
    status = serializers.ChoiceField(choices=Ticket.Status.choices)


def _text(longest: int) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=longest
    )


class QueueBody(serializers.Serializer):
    """A queue; names and colours are checked by the service, with their own codes."""

    name = _text(255)
    color = _text(255)
    greetingMessage = _text(65_536)
    outOfHoursMessage = _text(65_536)
    schedules = serializers.ListField(child=serializers.DictField(), required=False, max_length=50)
    orderQueue = OptionalCount(required=False, min_value=-_COUNT)
    tempoRoteador = OptionalCount(required=False, min_value=0)
    ativarRoteador = serializers.BooleanField(required=False)
    integrationId = OptionalId(required=False)
    fileListId = OptionalId(required=False)
    closeTicket = serializers.BooleanField(required=False)


_QUEUE_COLUMNS = {
    "name": "name",
    "color": "color",
    "greetingMessage": "greeting_message",
    "outOfHoursMessage": "out_of_hours_message",
    "schedules": "schedules",
    "orderQueue": "position",
    "tempoRoteador": "router_minutes",
    "ativarRoteador": "router_is_on",
    "integrationId": "integration_id",
    "fileListId": "file_list_id",
    "closeTicket": "closes_tickets",
}


def queue_columns(body: dict[str, Any]) -> dict[str, Any]:
    """Name a body's values as the model does."""
    found = {ours: body[wire] for wire, ours in _QUEUE_COLUMNS.items() if wire in body}
    empty: dict[str, Any] = {
        "name": "",
        "color": "",
        "greeting_message": "",
        "out_of_hours_message": "",
        "router_minutes": 0,
    }
    return {
        ours: empty[ours] if value is None and ours in empty else value
        for ours, value in found.items()
    }
