"""Whether the network still lets somebody change a message of ours."""

from datetime import timedelta

from django.utils import timezone

from messaging.exceptions import MessageNotFound, NoConnection, NotSupportedHere, TooLate
from messaging.models import Message
from whatsapp.drivers.base import Capabilities
from whatsapp.drivers.registry import capabilities_of


def capabilities_for(message: Message) -> Capabilities:
    """Give what the message's connection can do; raise NoConnection where it was deleted."""
    if message.connection is None:
        raise NoConnection
    return capabilities_of(message.connection.driver)


def require_within(message: Message, *, is_supported: bool, minutes: int | None) -> None:
    """Raise NotSupportedHere or, once the network's time for it is over, TooLate."""
    if not is_supported:
        raise NotSupportedHere
    if minutes is not None and timezone.now() - message.sent_at > timedelta(minutes=minutes):
        raise TooLate(minutes=minutes)


def lock_message(message_id: int) -> Message:
    """Read a message again and hold it until the transaction ends; raise MessageNotFound."""
    message = (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .select_related("ticket", "connection")
        .filter(pk=message_id)
        .first()
    )
    if message is None:
        raise MessageNotFound
    return message
