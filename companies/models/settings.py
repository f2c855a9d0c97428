"""What a company decides for itself, and named values."""

from django.db import models
from django.utils import timezone

from companies.models.tenants import Company


class CompanySettings(models.Model):
    """What one company has switched on, and the texts it sends (models.md, Company settings)."""

    class Hours(models.TextChoices):
        DISABLED = "disabled"
        COMPANY = "company"
        QUEUE = "queue"
        CONNECTION = "connection"

    class MenuStyle(models.TextChoices):
        TEXT = "text"
        BUTTON = "button"
        LIST = "list"

    company = models.OneToOneField(Company, models.CASCADE, related_name="settings")
    schedule_type = models.CharField(max_length=10, choices=Hours, default=Hours.DISABLED)
    answers_calls = models.BooleanField(default=True)
    call_answer = models.TextField(blank=True, default="")
    assigns_randomly = models.BooleanField(default=True)
    greets_on_single_queue = models.BooleanField(default=True)
    signs_messages = models.BooleanField(default=True)
    says_farewell_to_waiting = models.BooleanField(default=False)
    asks_rating = models.BooleanField(default=False)
    greets_on_accept = models.BooleanField(default=True)
    accept_greeting = models.TextField(blank=True, default="")
    sends_queue_position = models.BooleanField(default=False)
    queue_position_text = models.TextField(blank=True, default="")
    accepts_audio = models.BooleanField(default=True)
    announces_transfer = models.BooleanField(default=False)
    transfer_text = models.TextField(blank=True, default="")
    closes_on_transfer = models.BooleanField(default=False)
    requires_tag = models.BooleanField(default=False)
    routes_to_wallets = models.BooleanField(default=False)
    notifies_pending = models.BooleanField(default=False)
    lgpd_enabled = models.BooleanField(default=False)
    lgpd_text = models.TextField(blank=True, default="")
    lgpd_link = models.TextField(blank=True, default="")
    lgpd_asks_every_ticket = models.BooleanField(default=False)
    lgpd_hides_numbers = models.BooleanField(default=False)
    lgpd_blanks_deleted = models.BooleanField(default=False)
    # Kept and shown for clients that write them; nothing here acts on these three.
    hours_close_tickets = models.CharField(max_length=255, default="9999999999")
    chatbot_type = models.CharField(max_length=6, choices=MenuStyle, default=MenuStyle.TEXT)
    checks_group_messages = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "company settings"

    def __str__(self) -> str:
        return f"settings of company {self.company_id}"


class SettingQuerySet(models.QuerySet["Setting"]):
    def of_platform(self) -> "SettingQuerySet":
        """Leave what holds for the whole platform."""
        return self.filter(company=None)


class Setting(models.Model):
    """One named value of a company, or of the whole platform (models.md, Setting)."""

    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="named_settings")
    key = models.CharField(max_length=255)
    value = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SettingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            # A key has one value in a company; null counts as a company here: the platform's.
            models.UniqueConstraint(
                fields=["company", "key"], nulls_distinct=False, name="companies_setting_once"
            )
        ]

    def __str__(self) -> str:
        return self.key
