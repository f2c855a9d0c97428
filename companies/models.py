"""The tenants and what a company decides for itself (public schema)."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_tenants.models import DomainMixin, TenantMixin


class CompanyQuerySet(models.QuerySet["Company"]):
    def active(self) -> "CompanyQuerySet":
        return self.filter(is_active=True)


class Company(TenantMixin):
    """One customer of the platform: a team, its numbers, and a schema of its own."""

    # Id 1 is the platform's owner; its licence never expires (behaviour 5).
    OWNER_ID = 1

    auto_create_schema = False  # companies.services.create_company does, in its own order

    name = models.CharField(max_length=255, unique=True)
    email = models.EmailField(max_length=255, blank=True, default="")
    phone = models.CharField(max_length=255, blank=True, default="")
    document = models.CharField(max_length=255, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_unpaid = models.BooleanField(
        default=False,
        help_text="Switched off because it did not pay: its people may sign in and pay",
    )
    due_on = models.DateField(null=True, blank=True, help_text="Paid until this day, included")
    schedules = models.JSONField(default=list, blank=True)
    last_login_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def is_overdue(self) -> bool:
        """Tell whether the paid time is over (the platform's owner never is)."""
        if self.pk == self.OWNER_ID or self.due_on is None:
            return False
        today = timezone.localdate(timezone=ZoneInfo(settings.COMPANY_TIME_ZONE))
        return self.due_on < today


class Domain(DomainMixin):
    """A host name that selects a company's branding and login page."""

    def __str__(self) -> str:
        return str(self.domain)


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
