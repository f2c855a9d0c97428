"""The numbers a company answers on, and what programs do through them (tenant schema)."""

from django.conf import settings
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
    # Ids of apps above are plain values here.
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


class ApiToken(models.Model):
    """A key with which another program works through a connection; only its hash is kept."""

    class Scope(models.TextChoices):
        MESSAGES_SEND = "messages:send"
        NUMBERS_CHECK = "numbers:check"
        CONTACTS_READ = "contacts:read"
        CONTACTS_WRITE = "contacts:write"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    # Its last letters, so that people can tell two apart.
    hint = models.CharField(max_length=8, blank=True, default="")
    scopes = models.JSONField(default=list)
    is_main = models.BooleanField(
        default=False,
        help_text="The connection's own (models.md Whatsapp.token)",
    )
    rate_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: what the installation allows"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # To the minute: a busy program must not write a row for every call.
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(is_main=True),
                name="whatsapp_one_main_token",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiRequest(models.Model):
    """A call of the external API that was carried out under an Idempotency-Key, and its answer."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # Hash of path and body: the same key for something else is a mistake of the caller.
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Two calls with one key at once: the second waits here for the first one's answer.
            models.UniqueConstraint(fields=["token", "key"], name="whatsapp_api_request_once")
        ]
        indexes = [
            # Pruned by age.
            models.Index(fields=["created_at"], name="whatsapp_api_request_age"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk} of token {self.token_id}"


class ApiUsage(models.Model):
    """What the external API did for the company on one day (models.md ApiUsages)."""

    day = models.DateField(unique=True)
    total = models.PositiveIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)
    pdfs = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    videos = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0)
    checks = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"use of {self.day}"


class DirectMessage(models.Model):
    """A message that a program sent without contact and ticket (behaviour 147, `noRegister`).

    It is in no conversation, so its ledger ends where the network has taken it: receipts are not
    followed.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        ACCEPTED = "accepted"
        FAILED = "failed"
        UNKNOWN = "unknown"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    chat = models.CharField(max_length=255)
    # What the network calls the person: [[kind, value], ...], the best address first.
    identities = models.JSONField(default=list)
    kind = models.CharField(max_length=13, default="text")
    body = models.TextField(blank=True, default="")
    quoted_wire_id = models.CharField(max_length=255, blank=True, default="")
    media_path = models.CharField(max_length=255, blank=True, default="")
    media_name = models.CharField(max_length=255, blank=True, default="")
    media_type = models.CharField(max_length=127, blank=True, default="")
    thumbnail_path = models.CharField(max_length=255, blank=True, default="")
    wire_id = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    failure_class = models.CharField(max_length=16, blank=True, default="")
    failure_code = models.CharField(max_length=32, blank=True, default="")
    failure_reason = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # Pruned by age.
            models.Index(fields=["created_at"], name="whatsapp_direct_age"),
        ]

    def __str__(self) -> str:
        return f"direct message {self.pk}"
