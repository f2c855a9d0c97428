"""The clock's part of files."""

import structlog
from celery import shared_task

from companies.models import Company
from messaging.services.lost_files import remove_lost_files
from whaticket.tenancy import in_company, leave_company

log = structlog.get_logger(__name__)


@shared_task
def sweep_lost_files() -> int:
    """Remove files that no row names, company by company; return how many. Harmless twice."""
    leave_company()
    gone = 0
    for company_id in Company.objects.order_by("pk").values_list("pk", flat=True).iterator():
        try:
            with in_company(company_id):
                gone += remove_lost_files()
        except Exception:
            # One company's trouble must not stop the others.
            log.exception("files.sweep_failed", company=company_id)
    return gone
