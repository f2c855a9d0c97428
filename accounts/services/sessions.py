"""Sign-ins of wire clients: what begins, renews and ends them."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import PasswordRecovery, Session

KEPT = timedelta(days=8)


def prune_sessions() -> int:
    """Delete sign-ins nobody can renew any more, and spent recoveries; give their number."""
    before = timezone.now() - KEPT
    sessions, _ = Session.objects.filter(
        Q(refreshed_at__lt=before) | Q(ended_at__lt=before)
    ).delete()
    recoveries, _ = PasswordRecovery.objects.filter(expires_at__lt=before).delete()
    return sessions + recoveries
