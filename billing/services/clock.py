"""What time does to invoices, over all companies at once; each step is safe to repeat.

A notice is the memory of a step: its unique row is written in the transaction that takes the step.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from billing.events import InvoiceEnforced, InvoiceOverdue, InvoiceReminded, InvoiceWritten
from billing.models import BillingRules, Invoice, Notice, Plan, Subscription
from billing.recurrence import MONTH_DAYS, MONTHS, MOST, YEAR_DAYS
from billing.services.invoices import KEPT_FEATURES
from billing.services.registration import today
from companies.models import Company
from companies.services import suspend_company
from events.bus import Event, publish
from whaticket.tenancy import in_company

# Invoices handled in one transaction; the next follows at once.
BATCH = 200
# A mailer silent for this long is dead.
CLAIM_LASTS = timedelta(minutes=10)
# A mail that could not be sent for this long would tell of the past.
MAILED_WITHIN = timedelta(days=2)


def write_invoices() -> int:
    """Write the next invoice of every company whose paid time ends soon; give their number.

    A company that owes one already gets none, nor does one that is switched off or the platform's
    owner. Twice is once: a renewal has one invoice.
    """
    rules = BillingRules.current()
    if not rules.writes_invoices:
        return 0
    day = today()
    names = ("users", "connections", "queues", *KEPT_FEATURES)
    words = ", ".join(["(%s, %s)"] * len(MONTHS))
    sql = f"""
        INSERT INTO {Invoice._meta.db_table} (company_id, status, due_on, renews_on, days, detail,
            amount, link, created_at, updated_at, {", ".join(names)})
        SELECT o.id, 'pending', o.due_on, o.due_on,
            CASE m.months WHEN 12 THEN %s ELSE %s * m.months END,
            p.name, round(least(%s, p.amount * m.months / per.months), 2), '', now(), now(),
            {", ".join(f"p.{name}" for name in names)}
        FROM {Company._meta.db_table} o
        JOIN {Subscription._meta.db_table} s ON s.company_id = o.id
        JOIN {Plan._meta.db_table} p ON p.id = s.plan_id
        CROSS JOIN LATERAL (
            SELECT coalesce(nullif(s.recurrence, ''), p.recurrence) own, p.recurrence offered
        ) r
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT months FROM (VALUES {words}) w(word, months)
                             WHERE word = upper(trim(r.own))), 1) months
        ) m
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT months FROM (VALUES {words}) w(word, months)
                             WHERE word = upper(trim(r.offered))), 1) months
        ) per
        WHERE o.is_active AND o.id <> %s AND o.due_on <= %s AND p.amount > 0
          AND NOT EXISTS (SELECT FROM {Invoice._meta.db_table} i WHERE i.company_id = o.id
                          AND (i.status = 'pending' OR i.renews_on = o.due_on))
        ORDER BY o.id LIMIT %s
        ON CONFLICT (company_id, renews_on) DO NOTHING
        RETURNING id, company_id
    """  # noqa: S608 (names of our own tables and columns)
    pairs = [value for pair in MONTHS.items() for value in pair]
    limit = day + timedelta(days=rules.invoice_days)
    values = [YEAR_DAYS, MONTH_DAYS, MOST, *pairs, *pairs, Company.OWNER_ID, limit, BATCH]
    return _in_batches(sql, values, lambda pk: InvoiceWritten(invoice_id=pk))


def remind_of_invoices() -> int:
    """Tell companies of invoices that are due soon, once each; give their number."""
    day = today()
    last = day + timedelta(days=BillingRules.current().reminder_days)
    return _in_batches(
        _notice_sql("i.due_on BETWEEN %s AND %s AND o.is_active"),
        [Notice.Kind.REMINDER, day, last, Notice.Kind.REMINDER, BATCH],
        lambda pk: InvoiceReminded(invoice_id=pk),
    )


def mark_overdue() -> int:
    """Tell companies of invoices that were not paid in time, once each; give their number."""
    return _in_batches(
        _notice_sql("i.due_on < %s AND o.is_active"),
        [Notice.Kind.OVERDUE, today(), Notice.Kind.OVERDUE, BATCH],
        lambda pk: InvoiceOverdue(invoice_id=pk),
    )


def enforce_invoices() -> int:
    """Switch companies off that are late beyond the grace, once for an invoice; give their number.

    One that an operator switches on again is left alone until its next invoice. A company whose
    paid time is not over keeps working, and so does the platform's owner.
    """
    grace = BillingRules.current().grace_days
    if grace is None:
        return 0
    late = today() - timedelta(days=grace)

    def enforce(company_id: int) -> None:
        suspend_company(Company.objects.get(pk=company_id), by_id=None, is_unpaid=True)

    return _in_batches(
        _notice_sql("i.due_on < %s AND o.due_on < %s AND o.is_active AND o.id <> %s"),
        [Notice.Kind.SUSPENDED, late, late, Company.OWNER_ID, Notice.Kind.SUSPENDED, BATCH],
        lambda pk: InvoiceEnforced(invoice_id=pk),
        enforce,
    )


def claim_notice(notice_id: int) -> Notice | None:
    """Take a notice in order to mail it; None where somebody else has it or nothing is to do."""
    now = timezone.now()
    claimed = (
        Notice.objects.filter(pk=notice_id, mailed_at=None)
        .filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))
        .update(claimed_at=now)
    )
    if not claimed:
        return None
    notice = Notice.objects.select_related("invoice__company").get(pk=notice_id)
    if notice.invoice.status != Invoice.Status.PENDING:
        # Paid or cancelled meanwhile: a mail would only alarm.
        record_mailed(notice)
        return None
    return notice


def record_mailed(notice: Notice) -> None:
    """Note that a notice needs no more work."""
    Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


def unmailed_notices(limit: int = 100) -> list[int]:
    """Give the notices that wait to be mailed; very late ones tell nothing any more."""
    now = timezone.now()
    waiting = Notice.objects.filter(mailed_at=None, created_at__gt=now - MAILED_WITHIN)
    waiting = waiting.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def _notice_sql(condition: str) -> str:
    return f"""
        INSERT INTO {Notice._meta.db_table} (invoice_id, kind, created_at)
        SELECT i.id, %s, now()
        FROM {Invoice._meta.db_table} i
        JOIN {Company._meta.db_table} o ON o.id = i.company_id
        WHERE i.status = 'pending' AND {condition}
          AND NOT EXISTS (SELECT FROM {Notice._meta.db_table} n
                          WHERE n.invoice_id = i.id AND n.kind = %s)
        ORDER BY i.id LIMIT %s
        ON CONFLICT (invoice_id, kind) DO NOTHING
        RETURNING invoice_id, (SELECT company_id FROM {Invoice._meta.db_table} x
                               WHERE x.id = invoice_id)
    """  # noqa: S608 (names of our own tables, and conditions of this module)


def _in_batches(
    sql: str,
    values: Sequence[Any],
    news: Callable[[int], Event],
    act: Callable[[int], None] | None = None,
) -> int:
    """Run a statement until it finds nothing; tell each company what it found, and act on it."""
    done = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                found = cursor.fetchall()
            for invoice_id, company_id in found:
                if act is not None:
                    act(company_id)
                with in_company(company_id):
                    publish(news(invoice_id))
        done += len(found)
        if not found:
            return done
