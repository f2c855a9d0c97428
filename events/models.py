"""What happened in a company, in order (tenant schema): history, audit, and webhook source."""

from django.db import models
from django.utils import timezone


class EventRecord(models.Model):
    """One fact, written in the same transaction as the change it reports."""

    name = models.CharField(max_length=64)
    ticket_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # A ticket's history, newest first.
            models.Index(
                fields=["ticket_id", "-id"],
                condition=models.Q(ticket_id__isnull=False),
                name="events_of_ticket",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
