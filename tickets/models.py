"""Queues and tickets (tenant schema)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models import Contact, Tag
from tickets.sight import Sight
from whatsapp.models import Connection


class Queue(models.Model):
    """A team that answers one kind of question."""

    class Distribution(models.TextChoices):
        """How waiting tickets find an agent by themselves (docs/distribution.md)."""

        OFF = "off"
        RANDOM = "random"
        NEXT = "next"
        LEAST_BUSY = "least_busy"
        LAST_AGENT = "last_agent"

    name = models.CharField(max_length=255, unique=True)
    color = models.CharField(max_length=7, unique=True)
    greeting_message = models.TextField(blank=True, default="")
    out_of_hours_message = models.TextField(blank=True, default="")
    schedules = models.JSONField(default=list, blank=True)
    position = models.IntegerField(null=True, blank=True)
    closes_tickets = models.BooleanField(default=False)
    # What clients of the contract switch; `distribution` is what holds (services.queues).
    router_minutes = models.PositiveIntegerField(
        default=0, help_text="A ticket not picked up for so long goes to another agent; 0: never"
    )
    router_is_on = models.BooleanField(default=False)
    distribution = models.CharField(max_length=10, choices=Distribution, default=Distribution.OFF)
    opens_assigned = models.BooleanField(
        default=False, help_text="The agent need not accept what is assigned"
    )
    agent_capacity = models.PositiveIntegerField(
        default=0, help_text="Tickets an agent may hold and still get one from here; 0: no limit"
    )
    # Ids of apps above are plain values here.
    integration_id = models.BigIntegerField(null=True, blank=True)
    file_list_id = models.BigIntegerField(null=True, blank=True)
    connections = models.ManyToManyField(Connection, related_name="queues", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = [models.F("position").asc(nulls_last=True), "id"]

    def __str__(self) -> str:
        return self.name


class QueueMember(models.Model):
    """An agent who answers a queue."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text="Instead of the queue's; empty: the queue's, 0: no limit"
    )
    # Whose turn it is: the one who got a ticket of this queue the longest ago.
    last_assigned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Joining twice changes nothing.
            models.UniqueConstraint(fields=["queue", "user"], name="tickets_member_once")
        ]
        indexes = [
            # Every request asks which queues its user answers.
            models.Index(fields=["user", "queue"], name="tickets_queues_of_user"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in queue {self.queue_id}"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def pending(self) -> "TicketQuerySet":
        return self.filter(status=Ticket.Status.PENDING)

    def open(self) -> "TicketQuerySet":
        return self.filter(status=Ticket.Status.OPEN)

    def live(self) -> "TicketQuerySet":
        """Leave out closed tickets: at most one ticket of a contact and connection is live."""
        return self.exclude(status=Ticket.Status.CLOSED)

    def visible_to(self, sight: Sight) -> "TicketQuerySet":
        """Leave only what this person may open, read and hear about."""
        return self.filter(sight.as_q())

    def within_reach_of(self, sight: Sight) -> "TicketQuerySet":
        """Leave also what colleagues of the same queues hold: one may ask for it and lose."""
        return self.filter(sight.reach_q())


class Ticket(models.Model):
    """One conversation with one contact, from its first message to its close."""

    class Status(models.TextChoices):
        PENDING = "pending"
        OPEN = "open"
        GROUP = "group"
        CLOSED = "closed"
        NPS = "nps"
        LGPD = "lgpd"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="tickets")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="tickets")
    queue = models.ForeignKey(Queue, models.SET_NULL, null=True, related_name="tickets")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    tags = models.ManyToManyField(Tag, through="TicketTag", related_name="tickets", blank=True)
    is_group = models.BooleanField(default=False)
    channel = models.CharField(max_length=16, default="whatsapp")
    unread_count = models.PositiveIntegerField(default=0)
    message_count = models.PositiveIntegerField(default=0)
    last_message = models.TextField(blank=True, default="")
    last_message_at = models.DateTimeField(null=True)
    last_message_from_me = models.BooleanField(default=False)
    last_inbound_at = models.DateTimeField(null=True)  # opens the 24-hour window of the Cloud API
    is_bot = models.BooleanField(default=True)
    is_opened_by_agent = models.BooleanField(default=False)
    # The newest closed ticket of its contact and connection; the closed list shows only those.
    is_newest_closed = models.BooleanField(default=False)
    is_out_of_hours = models.BooleanField(default=False)
    is_warned_inactive = models.BooleanField(default=False)
    bot_menu_count = models.PositiveIntegerField(default=0)
    rating_retry_count = models.PositiveIntegerField(default=0)
    consent_asked_at = models.DateTimeField(null=True)
    consented_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(null=True)
    # Where the bot stands with this ticket; who drives it owns the shape.
    automation = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two messages at once from one contact open one ticket, never two.
            models.UniqueConstraint(
                fields=["contact", "connection"],
                condition=~models.Q(status="closed"),
                name="tickets_one_live",
            ),
        ]
        indexes = [
            # Tabs of the inbox, newest first.
            models.Index(fields=["status", "-updated_at", "-id"], name="tickets_by_status"),
            models.Index(
                fields=["-updated_at", "-id"],
                condition=models.Q(is_newest_closed=True),
                name="tickets_newest_closed",
            ),
            # An agent's own open tickets.
            models.Index(fields=["agent", "status", "-updated_at"], name="tickets_of_agent"),
            # The tabs of somebody who answers a few of many queues.
            models.Index(fields=["queue", "status", "-updated_at", "-id"], name="tickets_of_queue"),
            # Earlier tickets of a contact on a connection; reopening looks here.
            models.Index(fields=["contact", "connection", "-id"], name="tickets_of_contact"),
            # Reports take what was opened in a period, newest first.
            models.Index(fields=["-created_at", "-id"], name="tickets_by_opening"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class TicketTag(models.Model):
    """A tag on a ticket; of lanes a ticket carries one, which services see to (rule 107).

    A ticket that enters a lane gets a new row, so that a row is one stay in a lane: `created_at`
    says since when, and the key is what the lane's greeting is sent once for.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="placements")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="placements")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "tickets_ticket_tags"
        # Tagging twice changes nothing.
        unique_together = [("ticket", "tag")]

    def __str__(self) -> str:
        return f"tag {self.tag_id} on ticket {self.ticket_id}"


class TicketNoteQuerySet(models.QuerySet["TicketNote"]):
    def visible_to(self, sight: Sight) -> "TicketNoteQuerySet":
        """Leave notes on tickets this person may open, and those on a contact alone."""
        return self.filter(
            models.Q(ticket=None) | models.Q(ticket__in=Ticket.objects.visible_to(sight))
        )


class TicketNote(models.Model):
    """What an agent writes down about a contact, and no customer reads."""

    note = models.CharField(max_length=255)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="notes")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TicketNoteQuerySet.as_manager()

    def __str__(self) -> str:
        return f"note {self.pk} on contact {self.contact_id}"


class Episode(models.Model):
    """One stretch of service within a ticket, with the times that reports are made of."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="episodes")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="+")
    queue = models.ForeignKey(Queue, models.SET_NULL, null=True, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField(null=True)
    bot_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # The open episode of a ticket is the one without an end.
            models.UniqueConstraint(
                fields=["ticket"],
                condition=models.Q(finished_at=None),
                name="tickets_one_open_episode",
            )
        ]
        indexes = [
            # Reports take what began, was taken up, or ended in a period.
            models.Index(fields=["created_at"], name="tickets_episodes_begun"),
            models.Index(
                fields=["started_at"],
                condition=models.Q(started_at__isnull=False),
                name="tickets_episodes_taken_up",
            ),
            models.Index(
                fields=["closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="tickets_episodes_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"episode of ticket {self.ticket_id}"


class Rating(models.Model):
    """A customer's answer to how one stretch of service was, from 0 to 10."""

    HIGHEST = 10

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ratings")
    episode = models.OneToOneField(Episode, models.CASCADE, related_name="rating")
    # Who was rated: the episode's agent at the time, whoever takes the ticket up later.
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    rate = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Reports count on it: promoters, passives and detractors add up to all.
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=10), name="tickets_rate_in_range"
            )
        ]
        indexes = [
            # Reports take the answers of a period.
            models.Index(fields=["created_at"], name="tickets_ratings_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.rate} for episode {self.episode_id}"


class TicketCount(models.Model):
    """A change in how many tickets stand somewhere; the sum over all rows is how many there are.

    Database triggers on the ticket table write the rows (migration 0002) and now and then fold them
    together, so that the total of a list costs the same for any number of tickets, and nobody
    waits for a counter that a colleague is changing. The columns are those by which lists select.
    """

    status = models.CharField(max_length=7)
    queue_id = models.BigIntegerField(null=True)
    agent_id = models.BigIntegerField(null=True)
    is_group = models.BooleanField()
    # Only of groups: sight asks for the connection of nothing else.
    connection_id = models.BigIntegerField(null=True)
    is_newest_closed = models.BooleanField()
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.status}"


class Assignment(models.Model):
    """One decision of who gets a waiting ticket, with everybody who came into question and why."""

    class Mode(models.TextChoices):
        """The queue's way of choosing, or the contact's own agent (behaviour 37)."""

        RANDOM = "random"
        NEXT = "next"
        LEAST_BUSY = "least_busy"
        LAST_AGENT = "last_agent"
        WALLET = "wallet"

    class Trigger(models.TextChoices):
        ENTERED = "entered"
        NOT_PICKED_UP = "not_picked_up"
        CHOSEN_IN_MENU = "menu"
        OPENED = "opened"

    class Outcome(models.TextChoices):
        ASSIGNED = "assigned"
        # Nobody else was there: it stays with whom it had been given to.
        KEPT = "kept"
        NOBODY = "nobody"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="assignments", db_index=False)
    queue = models.ForeignKey(Queue, models.SET_NULL, null=True, related_name="assignments")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    mode = models.CharField(max_length=10, choices=Mode)
    trigger = models.CharField(max_length=13, choices=Trigger)
    outcome = models.CharField(max_length=8, choices=Outcome)
    # [{user_id, name, load, capacity, skipped}]: `skipped` says why not, null for who could.
    candidates = models.JSONField(default=list)
    # The same decision for the same reasons again counts up instead of filling the table.
    attempts = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # What was decided about a ticket, newest first.
            models.Index(fields=["ticket", "-id"], name="tickets_assignments"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} for ticket {self.ticket_id}"
