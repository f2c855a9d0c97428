"""What the clock asks of billing."""

import structlog
from celery import shared_task

from billing import mails, services
from whaticket import tenancy

log = structlog.get_logger(__name__)


@shared_task(name="billing.tasks.sweep_invoices")
def sweep_invoices() -> dict[str, int]:
    """Write, remind of, and enforce invoices of all companies; harmless twice."""
    tenancy.leave_company()
    return {
        "written": services.write_invoices(),
        "reminded": services.remind_of_invoices(),
        "overdue": services.mark_overdue(),
        "suspended": services.enforce_invoices(),
    }


@shared_task(name="billing.tasks.sweep_notices")
def sweep_notices() -> int:
    """Mail what companies have to be told; give the number of mails.

    A mailer that dies after sending and before noting it mails once more.
    """
    tenancy.leave_company()
    sent = 0
    for notice_id in services.unmailed_notices():
        notice = services.claim_notice(notice_id)
        if notice is None:
            continue
        try:
            sent += mails.send_notice(notice)
        except Exception as error:
            # The claim grows old, and the next sweep after that tries again.
            log.warning("notice.not_mailed", notice=notice.pk, error=type(error).__name__)
            continue
        services.record_mailed(notice)
    return sent


@shared_task(name="billing.tasks.sweep_charges")
def sweep_charges() -> int:
    """Ask the provider about charges nobody told of; give their number."""
    tenancy.leave_company()
    return services.sweep_charges()
