"""Messages and the raw events they are made of (tenant schema)."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils import timezone

from contacts.models import Contact
from tickets.models import Queue, Ticket
from whaticket.database import Folded
from whatsapp.models import Connection


class InboundEvent(models.Model):
    """What the network said, stored before it is acknowledged; parsing can be run again."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    chat = models.CharField(max_length=255)
    wire_id = models.CharField(max_length=255)
    # message, echo, receipt, edit, revoke, reaction, …: one wire id may bring several kinds.
    kind = models.CharField(max_length=16)
    raw = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    projected_at = models.DateTimeField(null=True)
    # Why projection gave up; the event is kept and shown, never dropped.
    failure = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            # The network delivers at least once; a second copy stops here.
            models.UniqueConstraint(
                fields=["connection", "chat", "wire_id", "kind"], name="messaging_event_once"
            )
        ]
        indexes = [
            # Pruned by age.
            models.Index(fields=["received_at"], name="messaging_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.wire_id}"


class Message(models.Model):
    """One bubble of a conversation: received, sent, or a note only the team reads."""

    class Kind(models.TextChoices):
        TEXT = "text"
        IMAGE = "image"
        VIDEO = "video"
        AUDIO = "audio"
        VOICE = "voice"
        DOCUMENT = "document"
        STICKER = "sticker"
        LOCATION = "location"
        LIVE_LOCATION = "live_location"
        CONTACTS = "contacts"
        REACTION = "reaction"
        CALL = "call"
        SYSTEM = "system"
        UNSUPPORTED = "unsupported"

    class Origin(models.TextChoices):
        CONTACT = "contact"
        AGENT = "agent"
        API = "api"
        BOT = "bot"
        FLOW = "flow"
        CAMPAIGN = "campaign"
        SCHEDULE = "schedule"
        PHONE = "phone"
        IMPORT = "import"

    class Status(models.TextChoices):
        """The ledger of an outgoing message (design §6); `received` is what came in."""

        RECEIVED = "received"
        QUEUED = "queued"
        SENDING = "sending"
        ACCEPTED = "accepted"
        SENT = "sent"
        DELIVERED = "delivered"
        READ = "read"
        PLAYED = "played"
        FAILED = "failed"
        UNKNOWN = "unknown"

    class MediaState(models.TextChoices):
        NONE = ""
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    # No index of its own: `messaging_of_ticket` begins with the ticket, and a second one tempts the
    # planner to read whole conversations for a page of twenty.
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages", db_index=False)
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, related_name="messages", help_text="Who wrote it"
    )
    # Nothing looks messages up by these; three indexes less is what every insert saves.
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    queue = models.ForeignKey(Queue, models.SET_NULL, null=True, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    chat = models.CharField(max_length=255, blank=True, default="")
    wire_id = models.CharField(max_length=255, null=True)
    from_me = models.BooleanField(default=False)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.CONTACT)
    kind = models.CharField(max_length=13, choices=Kind, default=Kind.TEXT)
    body = models.TextField(blank=True, default="")
    # Structured content: vCards, coordinates, button ids, referral.
    data = models.JSONField(default=dict, blank=True)
    quoted = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=Status, default=Status.RECEIVED)
    failure_class = models.CharField(max_length=16, blank=True, default="")
    failure_code = models.CharField(max_length=32, blank=True, default="")
    failure_reason = models.CharField(max_length=255, blank=True, default="")
    is_read = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    is_forwarded = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    media_state = models.CharField(max_length=7, choices=MediaState, blank=True, default="")
    media_path = models.CharField(max_length=255, blank=True, default="")
    media_name = models.CharField(max_length=255, blank=True, default="")
    media_type = models.CharField(max_length=127, blank=True, default="")
    media_size = models.BigIntegerField(null=True)
    thumbnail_path = models.CharField(max_length=255, blank=True, default="")
    # A client's Idempotency-Key; the second request with it finds the first one's message.
    idempotency_key = models.CharField(max_length=255, null=True)
    # The network's clock for what came in, ours for what goes out: the order of a conversation.
    sent_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # A message exists once, however often and over whichever path it arrives.
            models.UniqueConstraint(
                fields=["connection", "chat", "wire_id"],
                condition=models.Q(wire_id__isnull=False),
                name="messaging_message_once",
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="messaging_idempotency_once",
            ),
        ]
        indexes = [
            # A conversation, newest first.
            models.Index(fields=["ticket", "-sent_at", "-id"], name="messaging_of_ticket"),
            # A receipt names the message, not the chat's spelling we stored.
            models.Index(
                fields=["wire_id"],
                condition=models.Q(wire_id__isnull=False),
                name="messaging_by_wire_id",
            ),
            # Marking read touches only unread ones.
            models.Index(
                fields=["ticket"],
                condition=models.Q(is_read=False, from_me=False),
                name="messaging_unread",
            ),
            # Search: part of a text, whatever its accents and case.
            GinIndex(OpClass(Folded("body"), name="gin_trgm_ops"), name="messaging_body_parts"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
