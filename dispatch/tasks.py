"""The clock's part of the agenda."""

from datetime import datetime

from celery import shared_task

from dispatch.services import Due, claim_due, run_due
from whaticket.tenancy import leave_company

# One tick claims at most this many, so that a backlog is spread over ticks and workers.
BATCH = 500


@shared_task
def sweep_agenda() -> int:
    """Claim what is due over all companies and hand each to a worker; harmless twice.

    A hand-over that is lost leaves a claim that grows old, and the next sweep finds it again.
    """
    leave_company()
    claimed = claim_due(BATCH)
    for due in claimed:
        run_planned.delay(
            due.id,
            due.company_id,
            due.kind,
            due.object_id,
            due.claimed_at.isoformat(),
            due.attempts,
        )
    return len(claimed)


@shared_task
def run_planned(
    pk: int, company_id: int, kind: str, object_id: int, claimed_at: str, attempts: int
) -> bool:
    """Do one thing that is due."""
    leave_company()
    return run_due(
        Due(pk, company_id, kind, object_id, datetime.fromisoformat(claimed_at), attempts)
    )
