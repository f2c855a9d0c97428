"""The tenants and the host names that lead to them."""

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
