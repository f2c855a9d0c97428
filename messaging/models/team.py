"""What colleagues say to each other, and what a person has to do."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from messaging.models.library import StoredFile


class TeamChatQuerySet(models.QuerySet["TeamChat"]):
    def of_member(self, user: User) -> "TeamChatQuerySet":
        """Leave the rooms a person is in."""
        return self.filter(members__user=user)


class TeamChat(models.Model):
    """A room in which colleagues talk; customers never see it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=255, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    last_message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = TeamChatQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def may_change(self, user: User) -> bool:
        """Tell whether a member may rename or remove the room, or change who is in it.

        Administrators who are in it look after a room whose owner is with the company no more.
        """
        if self.owner_id == user.pk:
            return True
        return user.is_admin and self.owner.removed_at is not None


class TeamChatMember(models.Model):
    """A person in a room, and how much of it they have not read."""

    chat = models.ForeignKey(TeamChat, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    unread_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Being added twice changes nothing.
            models.UniqueConstraint(fields=["chat", "user"], name="messaging_chat_member_once"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in chat {self.chat_id}"


class TeamChatMessage(StoredFile):
    """What a colleague said in a room: words, a file, or both."""

    chat = models.ForeignKey(TeamChat, models.CASCADE, related_name="messages", db_index=False)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    text = models.TextField(blank=True, default="")
    # Made of a client's Idempotency-Key; the second request with it finds the first one's message.
    idempotency_key = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="messaging_team_said_once",
            ),
        ]
        indexes = [
            # A room's pages, newest first.
            models.Index(fields=["chat", "-id"], name="messaging_of_team_chat"),
        ]

    def __str__(self) -> str:
        return f"team message {self.pk}"


class TodoQuerySet(models.QuerySet["Todo"]):
    def of_person(self, user: User) -> "TodoQuerySet":
        return self.filter(owner=user)


class Todo(models.Model):
    """One line of a person's own list of things to do."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    text = models.CharField(max_length=1000)
    is_done = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TodoQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            # A person's list, in their order.
            models.Index(fields=["owner", "position", "id"], name="messaging_todos_of_person"),
        ]

    def __str__(self) -> str:
        return self.text
