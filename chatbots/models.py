"""What the bot still has to do (tenant schema); rows are few and go when it is done."""

from django.db import models
from django.utils import timezone

from messaging.models import Message
from tickets.models import Ticket


class TurnQuerySet(models.QuerySet["Turn"]):
    def waiting(self) -> "TurnQuerySet":
        """Leave out what failed so often that nobody tries again."""
        return self.filter(failure="")

    def of_ticket(self, ticket_id: int) -> "TurnQuerySet":
        """Leave one conversation's, in the order of the network's clock."""
        return self.filter(message__ticket_id=ticket_id).order_by("message__sent_at", "message_id")


class Turn(models.Model):
    """An inbound message that the bot has yet to look at; written in the commit that stored it."""

    # Which ticket it belongs to is the message's to say: a merge of contacts may move it.
    message = models.OneToOneField(Message, models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why the bot gave up; the message itself is where it always was.
    failure = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TurnQuerySet.as_manager()

    def __str__(self) -> str:
        return f"turn of message {self.message_id}"


class PendingText(models.Model):
    """What the bot is about to say in a ticket, unless something newer takes its place first."""

    class Kind(models.TextChoices):
        MENU = "menu"
        POSITION = "position"

    # One per ticket: a newer text cancels the one that waits (behaviour 81).
    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    # The message that it answers; with the kind it makes the key under which it is sent once.
    message_id = models.BigIntegerField()
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} for ticket {self.ticket_id}"
