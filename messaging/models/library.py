"""What a team keeps to send again: quick messages and lists of files."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User


class StoredFile(models.Model):
    """A file that belongs to a row, whole on the disk, or none (all columns empty)."""

    # The secret name on the disk, which only our own code chooses (messaging.media).
    media_path = models.CharField(max_length=255, blank=True, default="")
    media_name = models.CharField(max_length=255, blank=True, default="")
    media_type = models.CharField(max_length=127, blank=True, default="")
    media_kind = models.CharField(max_length=13, blank=True, default="")
    media_size = models.BigIntegerField(null=True)
    thumbnail_path = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        abstract = True


class QuickMessageQuerySet(models.QuerySet["QuickMessage"]):
    def visible_to(self, user: User) -> "QuickMessageQuerySet":
        """Leave what the whole company sees, and the person's own."""
        return self.filter(models.Q(is_shared=True) | models.Q(owner=user))


class QuickMessage(StoredFile):
    """An answer kept under a short name, for one person or for the whole company."""

    shortcode = models.CharField(max_length=255)
    text = models.TextField(blank=True, default="")
    # Seen by everybody (`visao`), and changed by everybody who sees it (`geral`).
    is_shared = models.BooleanField(default=True)
    is_editable_by_all = models.BooleanField(default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = QuickMessageQuerySet.as_manager()

    class Meta:
        ordering = ["shortcode", "id"]
        indexes = [
            # The list, and what a composer offers, in order.
            models.Index(fields=["shortcode", "id"], name="messaging_quick_by_name"),
        ]

    def __str__(self) -> str:
        return self.shortcode

    def may_change(self, user: User) -> bool:
        """Tell whether a person who sees it may change it.

        Administrators look after what people leave behind who are with the company no more.
        """
        if self.owner_id == user.pk or (self.is_shared and self.is_editable_by_all):
            return True
        return user.is_admin and self.owner.removed_at is not None


class FileList(models.Model):
    """Files under one name, sent together: by a queue's greeting or by a bot's option."""

    name = models.CharField(max_length=255)
    message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # Two clients at once cannot take one name.
            models.UniqueConstraint(fields=["name"], name="messaging_file_list_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class FileListItem(StoredFile):
    """One place in a list: its words, and once uploaded its file."""

    file_list = models.ForeignKey(FileList, models.CASCADE, related_name="items")
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
