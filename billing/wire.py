"""Plans, invoices and the payment account as the contract writes them (rest.md §1.1, §5, §6)."""

from typing import Any

from django.conf import settings

from billing.models import Charge, Invoice, PaymentAccount, Plan

# contract key -> field
FEATURES = {
    "useWhatsapp": "use_whatsapp",
    "useFacebook": "use_facebook",
    "useInstagram": "use_instagram",
    "useCampaigns": "use_campaigns",
    "useSchedules": "use_schedules",
    "useInternalChat": "use_internal_chat",
    "useExternalApi": "use_external_api",
    "useIntegrations": "use_integrations",
    "useOpenAi": "use_open_ai",
    "useKanban": "use_kanban",
}


def plan13(plan: Plan | None) -> dict[str, Any] | None:
    """What a plan costs and switches on."""
    if plan is None:
        return None
    head = {"id": plan.pk, "name": plan.name, "amount": str(plan.amount)}
    return head | {key: getattr(plan, field) for key, field in FEATURES.items()}


def plan16(plan: Plan | None) -> dict[str, Any] | None:
    """Plan13 and the limits."""
    row = plan13(plan)
    if plan is None or row is None:
        return None
    return row | {"users": plan.users, "connections": plan.connections, "queues": plan.queues}


def plan_row(plan: Plan) -> dict[str, Any]:
    """All columns of Plans."""
    return {
        **(plan16(plan) or {}),
        "isPublic": plan.is_public,
        "recurrence": plan.recurrence,
        "trial": plan.trial,
        "trialDays": plan.trial_days,
        "createdAt": plan.created_at,
        "updatedAt": plan.updated_at,
    }


def plan_of(company: Any) -> Plan | None:
    """The plan of a company whose subscription was selected too."""
    subscription = getattr(company, "subscription", None)
    return subscription.plan if subscription else None


# The features that an invoice names (models.md, Invoices).
INVOICE_FEATURES = (
    "useWhatsapp", "useFacebook", "useInstagram", "useCampaigns", "useSchedules",
    "useInternalChat", "useExternalApi",
)  # fmt: skip


def invoice_row(invoice: Invoice) -> dict[str, Any]:
    """All columns of Invoices."""
    is_paid = invoice.status == Invoice.Status.PAID
    return {
        "id": invoice.pk,
        "companyId": invoice.company_id,
        "dueDate": invoice.due_on.isoformat(),
        "detail": invoice.detail,
        "status": settings.INVOICE_PAID_STATUS if is_paid else invoice.status,
        "value": float(invoice.amount),
        "users": invoice.users,
        "connections": invoice.connections,
        "queues": invoice.queues,
        **{key: getattr(invoice, FEATURES[key]) for key in INVOICE_FEATURES},
        "linkInvoice": invoice.link,
        "createdAt": invoice.created_at,
        "updatedAt": invoice.updated_at,
    }


def charge_row(charge: Charge) -> dict[str, Any]:
    """A charge as its payer's client reads it: the provider's fields and the QR code."""
    return dict(charge.answer)


def account_row(account: PaymentAccount) -> dict[str, Any]:
    """GerencianetConfig without its secrets."""
    return {
        "id": account.pk,
        "sandbox": account.sandbox,
        "clientId": account.client_id,
        "clientSecret": masked(account.credentials.get("clientSecret", "")),
        "chavePix": account.pix_key,
        "pixCert": account.certificate_name,
        "webhookUrl": account.webhook_url,
        # The certificate is kept opened; its password is not.
        "pixCertPassword": "",
        "createdAt": account.created_at,
        "updatedAt": account.updated_at,
    }


def masked(secret: str) -> str:
    """Show the end of a secret, so that an operator can tell two apart."""
    return f"***{secret[-4:]}" if secret else ""
