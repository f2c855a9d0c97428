"""What the platform tells everybody, and the records of its operators."""

from django.db import models
from django.utils import timezone

from companies.models.tenants import Company


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self) -> "AnnouncementQuerySet":
        """Leave what people are to see."""
        return self.filter(is_shown=True)


class Announcement(models.Model):
    """A notice of the platform, shown to every company while it is switched on."""

    class Priority(models.IntegerChoices):
        HIGH = 1
        MEDIUM = 2
        LOW = 3

    # Whose operator wrote it; every company sees it.
    company = models.ForeignKey(Company, models.CASCADE, related_name="announcements")
    title = models.CharField(max_length=255)
    text = models.TextField()
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.LOW)
    is_shown = models.BooleanField(default=True)
    media_path = models.CharField(max_length=64, blank=True, default="")
    media_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title


class Help(models.Model):
    """A help page of the platform: a video and a few words."""

    title = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    video = models.CharField(max_length=255, blank=True, default="")
    link = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "help page"
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class Partner(models.Model):
    """Somebody who sells the platform and gets a share."""

    name = models.CharField(max_length=255, unique=True)
    phone = models.CharField(max_length=255, blank=True, default="")
    email = models.EmailField(max_length=255, blank=True, default="")
    document = models.CharField(max_length=255, unique=True)
    commission = models.DecimalField(max_digits=10, decimal_places=2)
    commission_type = models.CharField(max_length=255)
    wallet_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """Which versions of its parts the platform runs; one row."""

    ONLY = 1

    frontend = models.CharField(max_length=64)
    backend = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.frontend
