"""Charges at a payment provider: claim, act, record. No transaction waits for the network.

A charge's id is ours and the provider takes it, so whatever died half-way is done again under the
same id. The provider's notice carries no facts: it makes us ask the provider itself.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from billing.events import PaymentUnmatched
from billing.exceptions import (
    InvoiceIsCancelled,
    InvoiceIsPaid,
    InvoiceNotFound,
    InvoiceWithoutAmount,
    PaymentNotSetUp,
    PaymentProviderFailed,
)
from billing.models import Charge, Invoice
from billing.providers import ChargeOrder, Provider, ProviderCharge, ProviderError
from billing.services.account import provider_of
from billing.services.invoices import pay_invoice
from companies.exceptions import CompanyDocumentInvalid
from events.bus import publish
from whaticket.tenancy import in_company

log = structlog.get_logger(__name__)

# How long a payer has (rest.md §6).
LIFETIME_SECONDS = 3600
# A charge with less time left is not shown again: nobody pays in seconds.
SPARE = timedelta(minutes=2)
# Charges that are retired in one checkout before it gives up; each is a rare event of its own.
MOST_ROUNDS = 4
# A notice names few charges; what is more is left to the clock.
MOST_AT_ONCE = 20
# How long nobody looks again at an open charge, for notices are lost at times.
QUIET = timedelta(minutes=10)
# How long a claimed charge is left to whoever claimed it.
CLAIM_LASTS = timedelta(minutes=2)
# A charge its provider does not know is given up after this: no request is under way any more.
LOST_AFTER = timedelta(minutes=10)
UNDECIDED = (Charge.Status.OPENING, Charge.Status.OPEN)


def open_charge(invoice: Invoice) -> Charge:
    """Give the charge by which an invoice can be paid now; the invoice's amount is the price.

    Asked twice, it gives the same charge. Raises InvoiceIsPaid, InvoiceIsCancelled,
    InvoiceWithoutAmount, CompanyDocumentInvalid, PaymentNotSetUp or PaymentProviderFailed.
    """
    document = re.sub(r"\D", "", invoice.company.document)
    if len(document) not in (11, 14):
        raise CompanyDocumentInvalid
    provider = provider_of()
    for _ in range(MOST_ROUNDS):
        charge = _claim(invoice.pk, provider)
        if charge.status == Charge.Status.OPEN and _is_usable(charge, charge.invoice.amount):
            return charge
        if charge.status == Charge.Status.OPEN or charge.amount != charge.invoice.amount:
            _retire(charge, provider)
            continue
        order = ChargeOrder(
            txid=charge.txid,
            amount=charge.amount,
            lifetime_seconds=LIFETIME_SECONDS,
            payer_document=document,
            payer_name=invoice.company.name,
            text=f"#Fatura:{invoice.pk}",
        )
        made = _made(charge, order, provider)
        if made.is_paid or made.is_over or not _matches(made, charge):
            _record(charge, made, {})
            continue
        try:
            code = provider.payment_code(made)
        except ProviderError as error:
            # The charge is made; it stays claimed and is found again under its id.
            raise PaymentProviderFailed(reason=error.reason) from error
        _record(charge, made, code)
    raise PaymentProviderFailed(reason="no charge could be made")


def check_charge(charge: Charge) -> Charge:
    """Ask the provider about a charge and do what follows; raise ProviderError.

    Raises PaymentNotSetUp where the provider's account is gone.
    """
    found = provider_of(charge.provider).read_charge(charge.txid)
    if found is None:
        age = timezone.now() - charge.created_at
        if charge.status in UNDECIDED and age > LOST_AFTER:
            _decide(charge, Charge.Status.FAILED, problem="the provider does not know it")
    elif found.is_paid:
        settle_charge(charge, found)
    elif found.is_over or _is_late(charge):
        _decide(charge, Charge.Status.EXPIRED)
    Charge.objects.filter(pk=charge.pk).update(noticed_at=None, checked_at=timezone.now())
    charge.refresh_from_db()
    return charge


@transaction.atomic
def settle_charge(charge: Charge, found: ProviderCharge) -> bool:
    """Note that a charge is paid, and have its invoice paid if it is enough; once.

    Money that settles nothing is kept with its reason, and told. Tells whether the invoice was
    settled by this call.
    """
    # The invoice first, as everywhere: two payments of one invoice queue here.
    invoice = Invoice.objects.select_for_update().get(pk=charge.invoice_id)
    won = Charge.objects.filter(pk=charge.pk).exclude(status=Charge.Status.PAID)
    if not won.update(
        status=Charge.Status.PAID,
        paid_amount=found.paid_amount,
        noticed_at=None,
        updated_at=timezone.now(),
    ):
        return False
    problem = ""
    if found.txid != charge.txid:
        problem = "the provider answered about another charge"
    elif found.paid_amount < invoice.amount:
        problem = f"{found.paid_amount} was paid of {invoice.amount}"
    else:
        try:
            pay_invoice(invoice, by_id=None)
        except InvoiceIsPaid:
            problem = "the invoice was paid already"
        except InvoiceIsCancelled:
            problem = "the invoice was cancelled"
    if problem:
        Charge.objects.filter(pk=charge.pk).update(problem=problem)
        with in_company(invoice.company_id):
            publish(PaymentUnmatched(invoice_id=invoice.pk, charge_id=charge.pk, problem=problem))
    return not problem


def note_payments(txids: Iterable[str]) -> int:
    """Look at the charges that a provider's notice names; strangers' ids are nothing to us.

    What cannot be looked at now is noted, and the clock looks again. Tells how many are known.
    """
    wanted = {txid for txid in txids if isinstance(txid, str) and txid.isascii() and txid.isalnum()}
    known = Charge.objects.filter(txid__in=wanted)
    # Noted before anything else: a process that dies in the middle forgets no payment.
    known.exclude(status=Charge.Status.PAID).update(noticed_at=timezone.now())
    charges = list(known.exclude(status=Charge.Status.PAID).order_by("pk")[:MOST_AT_ONCE])
    for charge in charges:
        _look(charge)
    return len(charges)


def sweep_charges(limit: int = 50) -> int:
    """Look at charges nobody told of: notices that were lost, claims whose owner died.

    Gives how many were looked at. Two sweeps at once look at different ones.
    """
    try:
        provider_of()
    except PaymentNotSetUp:
        return 0
    now = timezone.now()
    table = Charge._meta.db_table
    sql = f"""
        UPDATE {table} c SET checked_at = %s
        FROM (
            SELECT id FROM {table}
            WHERE (noticed_at IS NOT NULL AND (checked_at IS NULL OR checked_at < %s))
               OR (status = 'opening' AND created_at < %s
                   AND (checked_at IS NULL OR checked_at < %s))
               OR (status = 'open' AND (checked_at IS NULL OR checked_at < %s))
            ORDER BY checked_at NULLS FIRST LIMIT %s FOR UPDATE SKIP LOCKED
        ) due
        WHERE c.id = due.id
        RETURNING c.id
    """  # noqa: S608 (the table's own name)
    claimed = now - CLAIM_LASTS
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, claimed, claimed, claimed, now - QUIET, limit])
        ids = [row[0] for row in cursor.fetchall()]
    for charge in Charge.objects.filter(pk__in=ids).order_by("pk"):
        _look(charge)
    return len(ids)


def txid_of(invoice_id: int, attempt: int) -> str:
    """Give the id of an attempt: the same every time, and another on every installation."""
    text = f"charge:{invoice_id}:{attempt}"
    return hmac.new(settings.FIELD_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _look(charge: Charge) -> None:
    try:
        check_charge(charge)
    except (ProviderError, PaymentNotSetUp) as error:
        log.warning("charge.not_checked", charge=charge.pk, reason=str(error))


@transaction.atomic
def _claim(invoice_id: int, provider: Provider) -> Charge:
    """Give the undecided charge of an invoice, or begin a new attempt."""
    # Two checkouts at once queue here and get the same charge.
    invoice = Invoice.objects.select_for_update().filter(pk=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound
    if invoice.status == Invoice.Status.PAID:
        raise InvoiceIsPaid
    if invoice.status == Invoice.Status.CANCELLED:
        raise InvoiceIsCancelled
    if invoice.amount <= Decimal(0):
        raise InvoiceWithoutAmount
    charge = Charge.objects.filter(invoice=invoice, status__in=UNDECIDED).first()
    if charge is None:
        last = Charge.objects.filter(invoice=invoice).aggregate(last=Max("attempt"))["last"] or 0
        charge = Charge.objects.create(
            invoice=invoice,
            provider=provider.name,
            attempt=last + 1,
            txid=txid_of(invoice.pk, last + 1),
            amount=invoice.amount,
        )
    charge.invoice = invoice
    return charge


def _made(charge: Charge, order: ChargeOrder, provider: Provider) -> ProviderCharge:
    try:
        return provider.open_charge(order)
    except ProviderError as error:
        if error.permanent:
            _decide(charge, Charge.Status.FAILED, problem=error.reason)
        raise PaymentProviderFailed(reason=error.reason) from error


def _matches(made: ProviderCharge, charge: Charge) -> bool:
    return made.amount == charge.amount and made.txid == charge.txid


def _record(charge: Charge, made: ProviderCharge, code: dict[str, str]) -> None:
    if made.is_paid:
        settle_charge(charge, made)
    elif made.is_over:
        _decide(charge, Charge.Status.EXPIRED)
    elif not _matches(made, charge):
        # An older life of this database made a charge under this id.
        _decide(charge, Charge.Status.FAILED, problem="the provider knows it with another amount")
    else:
        now = timezone.now()
        answer: dict[str, Any] = made.fields | {"qrcode": code}
        Charge.objects.filter(pk=charge.pk, status=Charge.Status.OPENING).update(
            status=Charge.Status.OPEN,
            answer=answer,
            expires_at=made.expires_at or now + timedelta(seconds=LIFETIME_SECONDS),
            checked_at=now,
            updated_at=now,
        )


def _retire(charge: Charge, provider: Provider) -> None:
    """Make sure that nobody pays a charge any more, or find that somebody did."""
    try:
        found = provider.read_charge(charge.txid)
        if found is not None and found.is_paid:
            settle_charge(charge, found)
            return
        if found is not None and not found.is_over:
            provider.close_charge(charge.txid)
    except ProviderError as error:
        raise PaymentProviderFailed(reason=error.reason) from error
    _decide(charge, Charge.Status.EXPIRED)


def _decide(charge: Charge, status: Charge.Status, *, problem: str = "") -> None:
    Charge.objects.filter(pk=charge.pk, status__in=UNDECIDED).update(
        status=status, problem=problem, updated_at=timezone.now()
    )


def _is_usable(charge: Charge, amount: Decimal) -> bool:
    return charge.amount == amount and not _is_late(charge, SPARE)


def _is_late(charge: Charge, spare: timedelta = timedelta(0)) -> bool:
    return charge.expires_at is not None and charge.expires_at <= timezone.now() + spare
