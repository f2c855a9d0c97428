"""The life of an invoice: written, then paid, cancelled or put off, each exactly once."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.events import InvoiceCancelled, InvoiceExtended, InvoicePaid, InvoiceWritten
from billing.exceptions import (
    InvoiceIsCancelled,
    InvoiceIsPaid,
    InvoiceNotFound,
    PlanNotFound,
)
from billing.models import Invoice, Notice, Plan
from billing.recurrence import days_of, price_of
from billing.services.registration import today
from companies.exceptions import CompanyNotFound
from companies.models import Company
from companies.services import reactivate_company, update_company
from events.bus import publish
from whaticket.tenancy import in_company

# The features that an invoice keeps of its plan (models.md, Invoices).
KEPT_FEATURES = (
    "use_whatsapp", "use_facebook", "use_instagram", "use_campaigns", "use_schedules",
    "use_internal_chat", "use_external_api",
)  # fmt: skip


def find_invoice(invoice_id: int, *, company_id: int | None = None) -> Invoice:
    """Give an invoice, of one company or of any; raise InvoiceNotFound, also for cancelled ones."""
    invoices = Invoice.objects.valid().filter(pk=invoice_id)
    if company_id is not None:
        invoices = invoices.of_company(company_id)
    invoice = invoices.first()
    if invoice is None:
        raise InvoiceNotFound
    return invoice


@transaction.atomic
def order_invoice(company_id: int, *, by_id: int | None) -> Invoice:
    """Give the invoice that a company has to pay next; write one at its plan's price if none waits.

    Raises CompanyNotFound, or PlanNotFound for a company on no plan.
    """
    # Two checkouts at once queue here and get the same invoice.
    company = _locked_company(company_id)
    waiting = Invoice.objects.of_company(company_id).pending().order_by("due_on", "pk").first()
    if waiting is not None:
        return waiting
    subscription = getattr(company, "subscription", None)
    if subscription is None:
        raise PlanNotFound
    plan = subscription.plan
    recurrence = subscription.recurrence or plan.recurrence
    fields = {
        "due_on": company.due_on or today(),
        "days": days_of(recurrence),
        "detail": plan.name,
        "amount": price_of(plan.amount, recurrence, per=plan.recurrence),
        **_kept(plan),
    }
    # The renewal is taken, so that the clock writes no second invoice for it. Where an earlier
    # invoice of the same renewal was cancelled, this one stands beside it.
    invoice = _insert(company_id, renews_on=company.due_on, **fields)
    if invoice is None:
        waiting = Invoice.objects.of_company(company_id).pending().order_by("due_on", "pk").first()
        if waiting is not None:
            return waiting
        invoice = Invoice.objects.create(company_id=company_id, **fields)
    _tell(invoice, InvoiceWritten(invoice_id=invoice.pk, by_id=by_id))
    return invoice


@transaction.atomic
def create_invoice(company_id: int, *, by_id: int | None, **fields: Any) -> Invoice:
    """Write an invoice as an operator wants it; raise CompanyNotFound."""
    _locked_company(company_id)
    invoice = Invoice.objects.create(company_id=company_id, **fields)
    _tell(invoice, InvoiceWritten(invoice_id=invoice.pk, by_id=by_id))
    return invoice


@transaction.atomic
def pay_invoice(invoice: Invoice, *, by_id: int | None) -> Invoice:
    """Have an invoice paid and give the company its days, once (behaviour 139).

    `by_id` is the operator who confirms; None where a provider did. A company that was switched
    off until it pays works again. Raises InvoiceIsPaid or InvoiceIsCancelled.
    """
    # One conditional update decides, so two notices of one payment give the days once.
    won = Invoice.objects.pending().filter(pk=invoice.pk)
    if not won.update(
        status=Invoice.Status.PAID,
        paid_at=timezone.now(),
        confirmed_by_id=by_id,
        updated_at=timezone.now(),
    ):
        raise _refusal(invoice)
    invoice.refresh_from_db()
    company = _locked_company(invoice.company_id)
    start = company.due_on
    if start is None or (company.is_unpaid and start < today()):
        # Nobody pays for days on which nothing worked.
        start = today()
    update_company(company, by_id=by_id, due_on=_later(start, invoice.days))
    if company.is_unpaid:
        reactivate_company(company, by_id=by_id)
    _tell(invoice, InvoicePaid(invoice_id=invoice.pk, by_id=by_id))
    return invoice


@transaction.atomic
def cancel_invoice(invoice: Invoice, *, by_id: int | None) -> Invoice:
    """Let nobody have to pay an invoice; clients see it no more. Twice is once.

    The row stays: money may still come for a charge that was made. Raises InvoiceIsPaid.
    """
    won = Invoice.objects.pending().filter(pk=invoice.pk)
    if not won.update(status=Invoice.Status.CANCELLED, updated_at=timezone.now()):
        refusal = _refusal(invoice)
        if isinstance(refusal, InvoiceIsPaid):
            raise refusal
        return invoice
    invoice.refresh_from_db()
    _tell(invoice, InvoiceCancelled(invoice_id=invoice.pk, by_id=by_id))
    return invoice


@transaction.atomic
def extend_invoice(invoice: Invoice, *, days: int, by_id: int | None) -> Invoice:
    """Give a company more days to pay an invoice, and as many to work.

    What it was told of the old day counts no more; switched off for it, it works again. Raises
    InvoiceIsPaid or InvoiceIsCancelled.
    """
    locked = Invoice.objects.select_for_update().pending().filter(pk=invoice.pk).first()
    if locked is None:
        raise _refusal(invoice)
    locked.due_on = _later(max(locked.due_on, today()), days)
    locked.save(update_fields=["due_on", "updated_at"])
    Notice.objects.filter(invoice=locked).delete()
    company = _locked_company(locked.company_id)
    if company.due_on is None or company.due_on < locked.due_on:
        update_company(company, by_id=by_id, due_on=locked.due_on)
    if company.is_unpaid:
        reactivate_company(company, by_id=by_id)
    _tell(locked, InvoiceExtended(invoice_id=locked.pk, days=days, by_id=by_id))
    return locked


def _refusal(invoice: Invoice) -> InvoiceIsPaid | InvoiceIsCancelled:
    status = Invoice.objects.filter(pk=invoice.pk).values_list("status", flat=True).first()
    return InvoiceIsPaid() if status == Invoice.Status.PAID else InvoiceIsCancelled()


def _locked_company(company_id: int) -> Company:
    # Not its key: the clock, writing an invoice for this company, has to look at that to commit.
    company = (
        Company.objects.select_for_update(of=("self",), no_key=True)
        .select_related("subscription__plan")
        .filter(pk=company_id)
        .first()
    )
    if company is None:
        raise CompanyNotFound
    return company


def _insert(company_id: int, **fields: Any) -> Invoice | None:
    try:
        with transaction.atomic():
            return Invoice.objects.create(company_id=company_id, **fields)
    except IntegrityError:
        return None


def _kept(plan: Plan) -> dict[str, Any]:
    names = ("users", "connections", "queues", *KEPT_FEATURES)
    return {name: getattr(plan, name) for name in names}


def _later(day: datetime.date, days: int) -> datetime.date:
    # The last day a calendar has, where an operator wrote a far one to mean "never".
    return day + datetime.timedelta(days=min(days, (datetime.date.max - day).days))


def _tell(invoice: Invoice, news: Any) -> None:
    with in_company(invoice.company_id):
        publish(news)
