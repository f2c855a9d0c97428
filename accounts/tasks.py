"""What the clock asks of accounts."""

from celery import shared_task

from accounts import services
from whaticket import tenancy


@shared_task(name="accounts.tasks.sweep_presence")
def sweep_presence() -> int:
    """Show people as away who were silent for five minutes."""
    tenancy.leave_company()
    return services.sweep_silent()


@shared_task(name="accounts.tasks.prune_sessions")
def prune_sessions() -> int:
    """Delete sign-ins and recoveries that are over."""
    tenancy.leave_company()
    return services.prune_sessions()
