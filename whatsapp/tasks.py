"""The clock's part of the way of messages."""

import structlog
from celery import shared_task

from companies.models import Company
from whaticket.tenancy import in_company, leave_company
from whatsapp.services import upkeep
from whatsapp.services.external.direct import prune_direct
from whatsapp.services.external.once import prune_requests

log = structlog.get_logger(__name__)


@shared_task
def sweep_inbox() -> int:
    """Understand what was stored while no session runs (a webhook needs none); harmless twice."""
    leave_company()
    done = 0
    for company_id, connection_id in upkeep.late_connections():
        try:
            with in_company(company_id):
                done += upkeep.project_all(connection_id)
        except Exception:
            # One company's trouble must not stop the others.
            log.exception("inbox.sweep_failed", company=company_id, connection=connection_id)
    return done


@shared_task
def prune_raw_events() -> int:
    """Remove raw events older than RAW_EVENT_DAYS, company by company; harmless twice."""
    leave_company()
    gone = 0
    for company_id in Company.objects.order_by("pk").values_list("pk", flat=True):
        with in_company(company_id):
            gone += upkeep.prune_events()
    return gone


@shared_task
def prune_external() -> int:
    """Forget used idempotency keys and old direct messages, by company; harmless twice."""
    leave_company()
    gone = 0
    for company_id in Company.objects.order_by("pk").values_list("pk", flat=True):
        with in_company(company_id):
            gone += prune_requests() + prune_direct()
    return gone


@shared_task
def sweep_stuck_outbox() -> int:
    """Say in the log which connections have sent nothing for too long; return how many."""
    leave_company()
    stuck = upkeep.stuck_outbox()
    for entry in stuck:
        log.warning(
            "outbox.stuck",
            company=entry.company_id,
            connection=entry.connection_id,
            waiting=entry.waiting,
            oldest=entry.oldest.isoformat(),
        )
    return len(stuck)
