"""Texts that wait a moment, so that a newer one takes their place (behaviour 81)."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chatbots.models import PendingText
from chatbots.services.turns import hold_ticket
from dispatch.services import on_due, plan, unplan
from tickets.models import Ticket
from whaticket.tasks import wake_named
from whaticket.tenancy import current_schema

KIND = "chatbots.text"
TASK = "chatbots.tasks.say_pending_text"
WAITS = {
    PendingText.Kind.MENU.value: timedelta(seconds=1),
    PendingText.Kind.POSITION.value: timedelta(seconds=3),
}
# What a wake-up gets before the clock looks itself.
_GRACE = timedelta(seconds=5)

Saying = Callable[[Ticket, PendingText], None]
_sayings: dict[str, Saying] = {}


def says(kind: str) -> Callable[[Saying], Saying]:
    """Register how a kind of text is made and sent; it gets the locked ticket."""

    def register(saying: Saying) -> Saying:
        _sayings[kind] = saying
        return saying

    return register


@transaction.atomic
def say_later(ticket: Ticket, kind: str, *, message_id: int) -> None:
    """Leave a text to be said in a moment; it takes the place of one that still waits."""
    due_at = timezone.now() + WAITS[kind]
    PendingText.objects.update_or_create(
        ticket=ticket, defaults={"kind": kind, "message_id": message_id, "due_at": due_at}
    )
    plan(KIND, ticket.pk, due_at + _GRACE)
    schema, wait = current_schema(), WAITS[kind].total_seconds()

    def wake() -> None:
        wake_named(TASK, schema, ticket.pk, countdown=wait)

    transaction.on_commit(wake, robust=True)


@transaction.atomic
def forget_pending(ticket: Ticket) -> None:
    """Let a text that still waits unsaid."""
    if PendingText.objects.filter(ticket=ticket).delete()[0]:
        unplan(KIND, ticket.pk)


@on_due(KIND)
def say_due(ticket_id: int) -> None:
    """Say what a ticket's customer is about to hear."""
    say_pending(ticket_id)


@transaction.atomic
def say_pending(ticket_id: int) -> bool:
    """Say what waits for a ticket, if its moment has come; tell whether there was something.

    Whether it still makes sense (an agent may have come) is for those who say it.
    """
    ticket = hold_ticket(ticket_id)
    text = PendingText.objects.filter(ticket_id=ticket_id).first()
    if ticket is None or text is None or text.due_at > timezone.now():
        return False
    _sayings[text.kind](ticket, text)
    PendingText.objects.filter(ticket_id=ticket_id).delete()
    unplan(KIND, ticket_id)
    return True
