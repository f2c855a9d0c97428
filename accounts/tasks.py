"""What the clock and the edges ask of accounts."""

from celery import shared_task

from accounts import mails, services
from accounts.models import User
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


@shared_task(name="accounts.tasks.mail_recovery")
def mail_recovery(recovery_id: int) -> bool:
    """Mail the link of one request, once; give whether anything was sent."""
    tenancy.leave_company()
    claimed = services.claim_recovery(recovery_id)
    if claimed is None:
        return False
    recovery, secret = claimed
    if recovery.user is not None:
        mails.send_recovery(recovery.user, secret)
    services.record_mailed(recovery)
    return True


@shared_task(name="accounts.tasks.sweep_recoveries")
def sweep_recoveries() -> int:
    """Mail what a lost wake-up or a dead mailer left behind."""
    tenancy.leave_company()
    return sum(mail_recovery(recovery_id) for recovery_id in services.unmailed_recoveries())


@shared_task(name="accounts.tasks.mail_welcome")
def mail_welcome(user_id: int) -> bool:
    """Welcome the administrator of a company that signed up."""
    tenancy.leave_company()
    user = User.objects.present().select_related("company").filter(pk=user_id).first()
    if user is None:
        return False
    mails.send_welcome(user)
    return True
