"""Connections: the numbers a company answers on (tenant schema)."""

from django.db import models
from django.utils import timezone

from whaticket.fields import EncryptedJSONField


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def connected(self) -> "ConnectionQuerySet":
        return self.filter(status=Connection.Status.CONNECTED)

    def default_for(
        self, *, own_id: int | None = None, wanted_id: int | None = None
    ) -> "Connection | None":
        """Choose who writes when nobody said which connection (behaviour 13).

        A person's own connection wins, then the one asked for, the default one, and any other; all
        of them only while connected.
        """
        connected = {row.pk: row for row in self.connected().order_by("-is_default", "pk")}
        for pk in (own_id, wanted_id):
            if pk in connected:
                return connected[pk]
        return next(iter(connected.values()), None)


class Connection(models.Model):
    """One number (or sandbox) and how the company answers on it."""

    class Status(models.TextChoices):
        """Values of the wire: clients compare them letter by letter (models.md, Whatsapp)."""

        OPENING = "OPENING"
        QRCODE = "qrcode"
        PAIRING = "PAIRING"
        CONNECTED = "CONNECTED"
        DISCONNECTED = "DISCONNECTED"
        PENDING = "PENDING"
        TIMEOUT = "TIMEOUT"

    name = models.CharField(max_length=255, unique=True)
    channel = models.CharField(max_length=16, default="whatsapp")
    driver = models.CharField(max_length=16, default="sandbox")
    status = models.CharField(max_length=12, choices=Status, default=Status.DISCONNECTED)
    # Why the session is in its state, in words an admin can act on.
    status_reason = models.CharField(max_length=255, blank=True, default="")
    qrcode = models.TextField(blank=True, default="")
    pair_code = models.CharField(max_length=16, blank=True, default="")
    retries = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=32, blank=True, default="")
    is_default = models.BooleanField(default=False)
    credentials = EncryptedJSONField(default=dict)
    # Public facts of the driver, such as a Cloud number's id; never secrets.
    driver_settings = models.JSONField(default=dict, blank=True)
    token_hint = models.CharField(max_length=8, blank=True, default="")
    # Last traffic proven, which says more than a flag.
    last_seen_at = models.DateTimeField(null=True, blank=True)

    greeting_message = models.TextField(blank=True, default="")
    completion_message = models.TextField(blank=True, default="")
    out_of_hours_message = models.TextField(blank=True, default="")
    rating_message = models.TextField(blank=True, default="")
    farewell_message = models.TextField(blank=True, default="")
    greeting_media = models.CharField(max_length=255, blank=True, default="")
    schedules = models.JSONField(default=list, blank=True)
    allows_groups = models.BooleanField(default=False)
    groups_as_tickets = models.BooleanField(default=False)
    reopen_minutes = models.PositiveIntegerField(
        default=0, help_text="A closed ticket this young is reopened instead of a new one"
    )
    max_bot_menus = models.PositiveIntegerField(default=3, help_text="0 means no limit")
    bot_silence_minutes = models.PositiveIntegerField(default=0)
    expires_minutes = models.PositiveIntegerField(default=0)
    expires_only_after_us = models.BooleanField(default=False)
    expires_message = models.TextField(blank=True, default="")
    inactive_minutes = models.PositiveIntegerField(default=0)
    inactive_message = models.TextField(blank=True, default="")
    rating_expires_minutes = models.PositiveIntegerField(default=0)
    max_rating_retries = models.PositiveIntegerField(default=0)
    move_after_minutes = models.PositiveIntegerField(default=0)
    # Ids of rooms above (queues, flows, prompts, integrations) are plain values here.
    move_to_queue_id = models.BigIntegerField(null=True, blank=True)
    vacation_starts = models.DateField(null=True, blank=True)
    vacation_ends = models.DateField(null=True, blank=True)
    vacation_message = models.TextField(blank=True, default="")
    import_from = models.DateTimeField(null=True, blank=True)
    import_until = models.DateTimeField(null=True, blank=True)
    import_groups = models.BooleanField(default=False)
    import_closes_tickets = models.BooleanField(default=False)
    import_queue_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            # "The default connection" has to be one.
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="whatsapp_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name
