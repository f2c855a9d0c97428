"""What companies pay for (public schema)."""

from django.db import models
from django.utils import timezone

from companies.models import Company


class Plan(models.Model):
    """An offer: how many users, connections and queues, and which features."""

    name = models.CharField(max_length=255, unique=True)
    users = models.PositiveIntegerField(default=0)
    connections = models.PositiveIntegerField(default=0)
    queues = models.PositiveIntegerField(default=0)
    amount = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    recurrence = models.CharField(max_length=255, blank=True, default="")
    trial = models.BooleanField(default=False)
    trial_days = models.PositiveIntegerField(default=0)
    is_public = models.BooleanField(default=True)
    use_whatsapp = models.BooleanField(default=True)
    use_facebook = models.BooleanField(default=True)
    use_instagram = models.BooleanField(default=True)
    use_campaigns = models.BooleanField(default=True)
    use_schedules = models.BooleanField(default=True)
    use_internal_chat = models.BooleanField(default=True)
    use_external_api = models.BooleanField(default=True)
    use_kanban = models.BooleanField(default=True)
    use_open_ai = models.BooleanField(default=True)
    use_integrations = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """Which plan a company is on."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="subscription")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    recurrence = models.CharField(max_length=255, blank=True, default="")
    payment_method = models.CharField(max_length=255, blank=True, default="")

    def __str__(self) -> str:
        return f"company {self.company_id} on plan {self.plan_id}"
