"""Plans, who is on them, what they owe and how they pay, for operators."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminPasswordWidget

from billing import services
from billing.certificates import LARGEST, read_certificate
from billing.exceptions import CertificateInvalid
from billing.models import (
    BillingRules,
    Charge,
    Invoice,
    Notice,
    PaymentAccount,
    Plan,
    Subscription,
)
from billing.providers import ProviderError
from whaticket.exceptions import DomainError

EXTENSIONS = (7, 30)


class LookOnly(ModelAdmin):
    """Mixin: programs own these rows; a change by hand would break their promises."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What is on offer."""

    list_display = ("name", "amount", "users", "connections", "queues", "is_public")
    list_filter = ("is_public",)
    search_fields = ("name",)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    """Which company is on which plan."""

    list_display = ("company", "plan", "recurrence", "payment_method")
    list_filter = ("plan",)
    list_select_related = ("company", "plan")
    search_fields = ("company__name",)
    autocomplete_fields = ("company", "plan")


class ChargeInline(TabularInline):
    """How an invoice was tried to be paid."""

    model = Charge
    fields = ("txid", "provider", "status", "amount", "paid_amount", "problem", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NoticeInline(TabularInline):
    """What the company was told."""

    model = Notice
    fields = ("kind", "created_at", "mailed_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Invoice)
class InvoiceAdmin(ModelAdmin):
    """What companies owe. Its state changes by the buttons only, each change once and told."""

    list_display = ("id", "company", "detail", "amount", "due_on", "shown_status", "paid_at")
    list_display_links = ("id", "company")
    list_filter = ("status", "due_on")
    list_select_related = ("company",)
    search_fields = ("company__name", "detail", "charges__txid")
    autocomplete_fields = ("company",)
    date_hierarchy = "due_on"
    readonly_fields = ("status", "paid_at", "confirmed_by_id", "renews_on", "created_at")
    inlines = (ChargeInline, NoticeInline)
    actions = ("confirm_payment", "cancel", "extend_by_week", "extend_by_month")

    @display(
        description=gettext_lazy("Status"),
        ordering="status",
        label={
            Invoice.Status.PENDING: "warning",
            Invoice.Status.PAID: "success",
            Invoice.Status.CANCELLED: "info",
        },
    )
    def shown_status(self, obj: Invoice) -> str:
        return obj.status

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Money may still come for it; cancelling hides it from the company.
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.readonly_fields
        if obj.status == Invoice.Status.PENDING:
            return (*self.readonly_fields, "company")
        return [field.name for field in Invoice._meta.fields]

    def save_model(self, request: HttpRequest, obj: Invoice, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        fields = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "company"}
        created = services.create_invoice(obj.company_id, by_id=request.user.pk, **fields)
        obj.pk = created.pk

    @admin.action(description=gettext_lazy("Confirm the payment by hand"))
    def confirm_payment(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        self._each(request, queryset, _("Payment confirmed."), services.pay_invoice)

    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        self._each(request, queryset, _("Invoice cancelled."), services.cancel_invoice)

    @admin.action(description=gettext_lazy("Give seven more days"))
    def extend_by_week(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        self._extend(request, queryset, EXTENSIONS[0])

    @admin.action(description=gettext_lazy("Give thirty more days"))
    def extend_by_month(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        self._extend(request, queryset, EXTENSIONS[1])

    def _extend(self, request: HttpRequest, queryset: QuerySet[Invoice], days: int) -> None:
        def extend(invoice: Invoice, *, by_id: int | None) -> Invoice:
            return services.extend_invoice(invoice, days=days, by_id=by_id)

        self._each(request, queryset, _("The company has more time."), extend)

    def _each(
        self,
        request: HttpRequest,
        invoices: QuerySet[Invoice],
        done: str,
        act: Callable[..., Invoice],
    ) -> None:
        for invoice in invoices:
            try:
                act(invoice, by_id=request.user.pk)
            except DomainError as error:
                messages.error(request, f"{invoice}: {error.code}")
                continue
            self.log_change(request, invoice, done)
            messages.success(request, f"{invoice}: {done}")


@admin.register(Charge)
class ChargeAdmin(LookOnly):
    """Payments: what was asked of the provider, and what came."""

    list_display = (
        "txid", "invoice", "provider", "status", "amount", "paid_amount", "problem", "created_at",
    )  # fmt: skip
    list_filter = ("status", "provider", ("problem", admin.EmptyFieldListFilter))
    list_select_related = ("invoice",)
    search_fields = ("txid", "invoice__company__name")
    actions = ("look_again",)

    @admin.action(description=gettext_lazy("Ask the provider again"))
    def look_again(self, request: HttpRequest, queryset: QuerySet[Charge]) -> None:
        for charge in queryset.select_related("invoice"):
            try:
                found = services.check_charge(charge)
            except (ProviderError, DomainError) as error:
                messages.error(request, f"{charge}: {error}")
            else:
                messages.success(request, f"{charge}: {found.status}")


@admin.register(BillingRules)
class RulesAdmin(ModelAdmin):
    """When invoices are written, reminded of and enforced."""

    list_display = ("__str__", "writes_invoices", "invoice_days", "reminder_days", "grace_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not BillingRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: BillingRules, form: Any, change: bool) -> None:
        obj.pk = BillingRules.ONLY
        super().save_model(request, obj, form, change)


class AccountForm(ModelForm):
    """An account; secrets are written here and never shown."""

    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminPasswordWidget,
        help_text=gettext_lazy("Leave it empty to keep the one that is stored."),
    )
    certificate = forms.FileField(
        label=gettext_lazy("Certificate"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("The .p12 or .pem file from the provider, with its private key."),
    )
    certificate_password = forms.CharField(
        label=gettext_lazy("Password of the certificate"),
        required=False,
        max_length=255,
        strip=False,
        widget=UnfoldAdminPasswordWidget,
    )

    class Meta:
        model = PaymentAccount
        fields = ("sandbox", "client_id", "pix_key")

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        uploaded = fields.get("certificate")
        if uploaded:
            fields["certificate"] = data = uploaded.read(LARGEST + 1)
            try:
                read_certificate(data, fields.get("certificate_password", ""))
            except CertificateInvalid as error:
                reasons: list[str | Promise] = error.details["details"]["pixCert"]
                raise ValidationError({"certificate": reasons}) from error
        return fields


@admin.register(PaymentAccount)
class PaymentAccountAdmin(ModelAdmin):
    """The platform's account at its payment provider."""

    form = AccountForm
    list_display = ("provider", "sandbox", "client_id", "certificate_name")
    readonly_fields = ("provider", "certificate_name", "certificate_expires_at", "webhook_url")
    fields = (
        "provider", "sandbox", "client_id", "client_secret", "pix_key", "certificate",
        "certificate_password", "certificate_name", "certificate_expires_at", "webhook_url",
    )  # fmt: skip
    actions = ("register_webhook",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentAccount]:
        services.payment_account()
        return super().get_queryset(request)

    def save_model(
        self, request: HttpRequest, obj: PaymentAccount, form: Any, change: bool
    ) -> None:
        services.update_payment_account(
            **{name: value for name, value in form.cleaned_data.items() if value is not None}
        )

    @admin.action(description=gettext_lazy("Register the webhook"))
    def register_webhook(self, request: HttpRequest, queryset: QuerySet[PaymentAccount]) -> None:
        """Have the provider tell this installation of payments."""
        try:
            services.register_webhook("", "")
        except DomainError as error:
            reason = error.details.get("reason", "")
            messages.error(request, f"{error.code} {reason}".strip())
        else:
            messages.success(request, _("The provider tells of payments from now on."))
