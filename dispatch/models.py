"""How workers find work over all companies: pointers and leases, no content (public schema)."""

import uuid

from django.db import models
from django.utils import timezone


class Outbox(models.Model):
    """One thing a connection still has to do on the network; the content is in the company."""

    class Kind(models.TextChoices):
        SEND = "send"
        # A message without contact and ticket; `message_id` names it among those.
        DIRECT = "direct"
        EDIT = "edit"
        REVOKE = "revoke"
        REACT = "react"
        READ = "read"
        BLOCK = "block"
        FETCH = "fetch"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        HELD = "held"

    company_id = models.BigIntegerField()
    connection_id = models.BigIntegerField()
    chat = models.CharField(max_length=255)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.SEND)
    message_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    # Fencing token of the lease that claimed the row; an older one means its owner is gone.
    claimed_by = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # A session takes the work of its connection in order.
            models.Index(
                fields=["company_id", "connection_id", "id"], name="dispatch_outbox_connection"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.company_id}/{self.connection_id}"


class Inbox(models.Model):
    """A raw event that is stored in a company but not yet turned into messages."""

    company_id = models.BigIntegerField()
    connection_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # Projection takes one connection's events in order.
            models.Index(
                fields=["company_id", "connection_id", "event_id"], name="dispatch_inbox_connection"
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} of {self.company_id}/{self.connection_id}"


class Agenda(models.Model):
    """Something that happens later: what, in which company, to which object."""

    company_id = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    object_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Due before a backup was restored: it waits for somebody's approval (design §6).
    is_held = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "agenda"
        constraints = [
            # Planning the same thing again moves it instead of doubling it.
            models.UniqueConstraint(
                fields=["company_id", "kind", "object_id"], name="dispatch_agenda_once"
            )
        ]
        indexes = [
            # One query finds what is due over all companies.
            models.Index(fields=["due_at"], name="dispatch_agenda_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.company_id}/{self.object_id}"


class SessionLease(models.Model):
    """Who runs a connection's session. The token fences out an owner that lost the lease."""

    company_id = models.BigIntegerField()
    connection_id = models.BigIntegerField()
    is_wanted = models.BooleanField(default=True)
    owner = models.CharField(max_length=64, blank=True, default="")
    token = models.BigIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    # A restart, logout or pairing request for whoever holds the lease.
    command = models.JSONField(null=True)

    class Meta:
        constraints = [
            # Two rows would be two owners of one number.
            models.UniqueConstraint(
                fields=["company_id", "connection_id"], name="dispatch_lease_once"
            )
        ]
        indexes = [
            # A worker looks for sessions that are wanted and whose owner has gone silent.
            models.Index(
                fields=["heartbeat_at"],
                condition=models.Q(is_wanted=True),
                name="dispatch_lease_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"lease of {self.company_id}/{self.connection_id}"


class Route(models.Model):
    """A credential or address from outside, and the company it leads to."""

    class Kind(models.TextChoices):
        API_TOKEN = "api_token"  # noqa: S105 (a kind, not a secret)
        # Further tokens of a connection; it may have any number of these.
        NAMED_TOKEN = "named_token"  # noqa: S105 (as above)
        PHONE_NUMBER_ID = "phone_number_id"
        WEBHOOK_KEY = "webhook_key"

    kind = models.CharField(max_length=16, choices=Kind)
    # Tokens are kept as SHA-256: a stolen table opens nothing.
    key = models.CharField(max_length=128)
    company_id = models.BigIntegerField()
    connection_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # A key leads to exactly one company.
            models.UniqueConstraint(fields=["kind", "key"], name="dispatch_route_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.company_id}"


class Installation(models.Model):
    """This database's life since its last restore: work due before the epoch is held, not sent."""

    epoch = models.UUIDField(default=uuid.uuid4)
    began_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"epoch {self.epoch}"
