"""The people a company talks to (tenant schema). A phone number is one way to reach a person."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from whaticket.database import Folded


class Tag(models.Model):
    """A label on contacts and tickets, or a lane of the kanban board."""

    name = models.CharField(max_length=255)
    color = models.CharField(max_length=32, default="#A4CCCC")
    is_lane = models.BooleanField(default=False)
    lane_hours = models.PositiveIntegerField(default=0)
    next_lane = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    rollback_lane = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lane_greeting = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person or a group. Identities say how to reach it; `address` is what people call it by."""

    name = models.CharField(max_length=255)
    # What lists sort by and searches compare; taking accents away again for every hit is slow.
    folded_name = models.GeneratedField(
        expression=Folded("name"), output_field=models.TextField(), db_persist=True
    )
    # Digits of the phone, else the LID or BSUID; a group's full JID. Shown, searched, no key.
    address = models.CharField(max_length=255, blank=True, default="")
    email = models.CharField(max_length=255, blank=True, default="")
    is_group = models.BooleanField(default=False)
    channel = models.CharField(max_length=16, default="whatsapp")
    is_active = models.BooleanField(default=True, help_text="Off: blocked")
    accepts_audio = models.BooleanField(default=True)
    bot_disabled = models.BooleanField(default=False)
    consented_at = models.DateTimeField(null=True, blank=True)
    picture_url = models.TextField(blank=True, default="")
    picture_path = models.CharField(max_length=255, blank=True, default="")
    # First seen on this connection; ids of apps above are plain values here.
    connection_id = models.BigIntegerField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, through="ContactTag", related_name="contacts", blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # Lists are by name.
            models.Index(fields=["folded_name", "id"], name="contacts_by_folded_name"),
            # Reports take who came to be known in a period.
            models.Index(fields=["created_at"], name="contacts_by_age"),
            # Search: part of a name, whatever its accents and case.
            GinIndex(OpClass("folded_name", name="gin_trgm_ops"), name="contacts_folded_parts"),
            # The same search by the expression, as the ORM writes it.
            GinIndex(OpClass(Folded("name"), name="gin_trgm_ops"), name="contacts_name_parts"),
            # Search: part of a number.
            GinIndex(OpClass("address", name="gin_trgm_ops"), name="contacts_address_parts"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    """A tag on a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "contacts_contact_tags"
        # Tagging twice changes nothing.
        unique_together = [("contact", "tag")]

    def __str__(self) -> str:
        return f"tag {self.tag_id} on contact {self.contact_id}"


class ContactIdentity(models.Model):
    """One name under which the network knows a contact: a phone, a LID, a BSUID, a group."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        LID = "lid"
        BSUID = "bsuid"
        PARENT_BSUID = "parent_bsuid"
        USERNAME = "username"
        GROUP = "group"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    # Portfolio of a BSUID; empty for kinds that mean the same everywhere.
    scope = models.CharField(max_length=64, blank=True, default="")
    value = models.CharField(max_length=255)
    # What equal identities have in common: Brazil's ninth digit, Mexico's 1, letter case removed.
    match_key = models.CharField(max_length=255)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "contact identities"
        constraints = [
            # Two messages at once from one stranger make one contact.
            models.UniqueConstraint(
                fields=["kind", "scope", "match_key"], name="contacts_identity_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class ContactField(models.Model):
    """A free field of a contact, such as a customer number."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="fields")
    name = models.CharField(max_length=255)
    value = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} of contact {self.contact_id}"


class Wallet(models.Model):
    """A contact in an agent's portfolio."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="wallets")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Adding an agent twice changes nothing.
            models.UniqueConstraint(fields=["contact", "agent"], name="contacts_wallet_once")
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id} of agent {self.agent_id}"


class ContactMerge(models.Model):
    """The journal of one merge: enough to undo it."""

    kept = models.ForeignKey(Contact, models.CASCADE, related_name="merges")
    merged = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    journal = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"merge of {self.merged_id} into {self.kept_id}"


class ContactCount(models.Model):
    """A change in how many contacts there are; the sum over all rows is how many there are.

    Written and folded by database triggers (migration 0003), as TicketCount is: the contact list
    begins with its total, which must not cost more the more contacts there are. Merged contacts
    do not count.
    """

    is_group = models.BooleanField()
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.amount:+d} {'groups' if self.is_group else 'people'}"


class ContactImport(models.Model):
    """One table of contacts that somebody brought, how far it is taken in, and what was wrong."""

    file_name = models.CharField(max_length=255, blank=True, default="")
    # What is still to be taken in, in the order of the sheet: [[line, name, number, email], ...].
    rows = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    # Numbers that were here before, or twice in the table.
    known_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    # [{"row": line, "error": code}, ...]: the first ones; `failed_count` counts all.
    errors = models.JSONField(default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"import {self.pk}"
