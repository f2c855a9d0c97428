"""What companies pay for, what they owe and how they pay it (public schema)."""

from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from companies.models import Company
from whaticket.fields import EncryptedJSONField


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


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def of_company(self, company_id: int) -> "InvoiceQuerySet":
        return self.filter(company_id=company_id)

    def valid(self) -> "InvoiceQuerySet":
        """Leave out what was cancelled: clients see it no more."""
        return self.exclude(status=Invoice.Status.CANCELLED)

    def pending(self) -> "InvoiceQuerySet":
        return self.filter(status=Invoice.Status.PENDING)


class Invoice(models.Model):
    """What a company owes for a span of days, with the plan as it was when this was written."""

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        CANCELLED = "cancelled"

    company = models.ForeignKey(Company, models.CASCADE, related_name="invoices")
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    due_on = models.DateField()
    # The company's last paid day when the clock wrote this; null: somebody asked for it.
    renews_on = models.DateField(null=True, editable=False)
    days = models.PositiveSmallIntegerField(
        default=30, validators=[MaxValueValidator(3660)], help_text="How long it pays for"
    )
    detail = models.CharField(max_length=255, blank=True, default="")
    amount = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    users = models.PositiveIntegerField(default=0)
    connections = models.PositiveIntegerField(default=0)
    queues = models.PositiveIntegerField(default=0)
    use_whatsapp = models.BooleanField(default=True)
    use_facebook = models.BooleanField(default=True)
    use_instagram = models.BooleanField(default=True)
    use_campaigns = models.BooleanField(default=True)
    use_schedules = models.BooleanField(default=True)
    use_internal_chat = models.BooleanField(default=True)
    use_external_api = models.BooleanField(default=True)
    link = models.TextField(blank=True, default="")
    paid_at = models.DateTimeField(null=True, editable=False)
    # Who confirmed the payment by hand; null: a provider did.
    confirmed_by_id = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            # Two clocks at once write one invoice for the same renewal; a cancelled one stays so.
            models.UniqueConstraint(
                fields=["company", "renews_on"], name="billing_invoice_once_per_renewal"
            ),
        ]
        indexes = [
            # The clock looks for what is due over all companies.
            models.Index(
                fields=["due_on"], condition=Q(status="pending"), name="billing_invoice_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.pk} of company {self.company_id}"


class Charge(models.Model):
    """One attempt to have an invoice paid through a provider, under an id that we choose."""

    class Status(models.TextChoices):
        # Claimed: the provider may or may not know it yet.
        OPENING = "opening"
        OPEN = "open"
        PAID = "paid"
        EXPIRED = "expired"
        # The provider will not take it, or knows it with another amount.
        FAILED = "failed"

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="charges")
    provider = models.CharField(max_length=32)
    attempt = models.PositiveSmallIntegerField(default=1)
    txid = models.CharField(max_length=35, unique=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    status = models.CharField(max_length=7, choices=Status, default=Status.OPENING)
    # What the provider answered, without anything secret: state, place, copy-and-paste text.
    answer = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(null=True)
    # When the provider told of news that nobody has looked at yet.
    noticed_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    paid_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    # Why a payment that came did not settle the invoice; an operator has to look.
    problem = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Two checkouts at once open one charge.
            models.UniqueConstraint(fields=["invoice", "attempt"], name="billing_charge_once"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status__in=["opening", "open"]),
                name="billing_charge_one_open",
            ),
        ]
        indexes = [
            # The clock looks again at what is not decided.
            models.Index(
                fields=["checked_at"],
                condition=Q(status__in=["opening", "open"]),
                name="billing_charge_undecided",
            ),
        ]

    def __str__(self) -> str:
        return f"charge {self.attempt} of invoice {self.invoice_id}"


class Notice(models.Model):
    """Something a company was told about an invoice, once; by mail where there is an address."""

    class Kind(models.TextChoices):
        REMINDER = "reminder"
        OVERDUE = "overdue"
        SUSPENDED = "suspended"

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=9, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Two clocks at once tell it once.
            models.UniqueConstraint(fields=["invoice", "kind"], name="billing_notice_once"),
        ]
        indexes = [
            # The mailer looks for what is not mailed.
            models.Index(
                fields=["id"], condition=Q(mailed_at=None), name="billing_notice_unmailed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of invoice {self.invoice_id}"


class BillingRules(models.Model):
    """When invoices are written, reminded of and enforced, for the whole platform; one row."""

    ONLY = 1

    writes_invoices = models.BooleanField(default=True)
    invoice_days = models.PositiveSmallIntegerField(
        default=10,
        validators=[MaxValueValidator(90)],
        help_text="How many days before the last paid day the next invoice is written",
    )
    reminder_days = models.PositiveSmallIntegerField(
        default=3,
        validators=[MaxValueValidator(90)],
        help_text="How many days before it is due an invoice is reminded of",
    )
    grace_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=10,
        validators=[MaxValueValidator(365)],
        help_text="How many days late a company is switched off; empty: never",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "billing rules"

    def __str__(self) -> str:
        return "billing rules"

    @classmethod
    def current(cls) -> "BillingRules":
        """Give the rules in force; a platform nobody has set any for has the defaults."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls(pk=cls.ONLY)


class PaymentAccount(models.Model):
    """The platform's account at a payment provider; one row a provider."""

    provider = models.CharField(max_length=32, unique=True)
    sandbox = models.BooleanField(default=True)
    client_id = models.CharField(max_length=255, blank=True, default="")
    pix_key = models.CharField(max_length=255, blank=True, default="")
    webhook_url = models.CharField(max_length=255, blank=True, default="")
    certificate_name = models.CharField(max_length=255, blank=True, default="")
    certificate_expires_at = models.DateTimeField(null=True, blank=True)
    # clientSecret, certificate and privateKey as PEM, webhookSecret.
    credentials = EncryptedJSONField(blank=True, default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.provider
