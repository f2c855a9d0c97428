"""What the routes of invoices and payments take; keys of the contract, fields of the models."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.certificates import LARGEST
from billing.models import Invoice
from billing.wire import FEATURES, INVOICE_FEATURES
from whaticket.params import LARGEST_ID
from whaticket.serializers import Lenient

MOST = 1_000_000


class StatusField(serializers.ChoiceField):
    """`pending` or `paid`; some clients say `Pago`."""

    _paid = frozenset({"paid", "pago"})

    def __init__(self, **kwargs: Any):
        super().__init__(choices=["pending", "paid", "Pago"], **kwargs)

    def to_internal_value(self, data: Any) -> Invoice.Status:  # type: ignore[override]
        word = data.strip().lower() if isinstance(data, str) else ""
        if word not in self._paid and word != Invoice.Status.PENDING:
            self.fail("invalid_choice", input=str(data)[:50])
        return Invoice.Status.PAID if word in self._paid else Invoice.Status.PENDING


class InvoiceStatus(Lenient):
    """`PUT /invoices/:id`."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    status = StatusField()


class OrderInput(Lenient):
    """What a company's client sends to have its invoice written; the server knows the rest."""

    companyId = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, source="company_id"
    )


class NewInvoice(Lenient):
    """`POST /api/invoices`."""

    companyId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, source="company_id")
    dueDate = serializers.DateField(source="due_on")
    detail = serializers.CharField(max_length=255, allow_blank=True, required=False)
    status = StatusField(required=False)
    value = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, source="amount"
    )
    users = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    connections = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    queues = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    linkInvoice = serializers.URLField(
        max_length=2000, allow_blank=True, required=False, source="link"
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for key in INVOICE_FEATURES:
            fields[key] = serializers.BooleanField(required=False, source=FEATURES[key])
        return fields


@extend_schema_field(OpenApiTypes.STR)
class PlanText(serializers.Field[Any, Any, Any, Any]):
    """A plan as JSON text. Its price is not believed, only asked to be there (rest.md §6)."""

    default_error_messages = {"invalid": "A plan with its amount is needed, as JSON."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            plan = json.loads(data) if isinstance(data, str) else data
            amount = float(plan.get("amount", plan.get("price")))
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.fail("invalid")
        if not 0 < amount < float("inf"):
            self.fail("invalid")
        return dict(plan)

    def to_representation(self, value: Any) -> Any:
        return json.dumps(value)


class CheckoutInput(Lenient):
    """`POST /subscription`. All but the invoice is the client's idea of it, and not used."""

    invoiceId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, source="invoice_id")
    price = serializers.FloatField(min_value=0)
    users = serializers.IntegerField(min_value=0, max_value=MOST)
    plan = PlanText()


class WebhookInput(Lenient):
    """`POST /subscription/create/webhook`; by itself, the platform's own key and address."""

    chave = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")
    url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")


class KeyInput(Lenient):
    """`DELETE /subscription/create/webhook`."""

    chave = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class PixInput(serializers.Serializer[Any]):
    """One payment of a notice; only its id is looked at."""

    txid = serializers.CharField(max_length=64, required=False, allow_blank=True)


class NoticeInput(Lenient):
    """What the provider sends."""

    evento = serializers.CharField(max_length=64, required=False, allow_blank=True)
    pix = serializers.ListField(child=PixInput(), max_length=1000, required=False)


@extend_schema_field(OpenApiTypes.STR)
class CertificateField(serializers.Field[Any, Any, Any, Any]):
    """A certificate: an uploaded file, PEM, Base64 of PKCS #12, or the name of a file."""

    default_error_messages = {"invalid": "A certificate is needed."}

    def to_internal_value(self, data: Any) -> bytes | str:
        if hasattr(data, "read"):
            return bytes(data.read(LARGEST + 1))
        if not isinstance(data, str) or len(data) > 2 * LARGEST or "\0" in data:
            self.fail("invalid")
        return str(data).strip()

    def to_representation(self, value: Any) -> Any:
        return value


class AccountInput(Lenient):
    """`PUT /gerencianet-config`."""

    sandbox = serializers.BooleanField(required=False)
    clientId = serializers.CharField(
        max_length=255, required=False, allow_blank=True, source="client_id"
    )
    clientSecret = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, source="client_secret"
    )
    chavePix = serializers.CharField(
        max_length=255, required=False, allow_blank=True, source="pix_key"
    )
    pixCert = CertificateField(required=False, source="certificate")
    webhookUrl = serializers.URLField(
        max_length=255, required=False, allow_blank=True, source="webhook_url"
    )
    pixCertPassword = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        source="certificate_password",
    )
