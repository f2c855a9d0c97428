"""Coming and going (behaviour R-PRES)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.events import UserPresenceChanged
from accounts.models import User
from events.bus import publish
from whaticket.tenancy import in_company

SILENCE = timedelta(minutes=5)


def note_presence(user: User) -> None:
    """Record that a person is here now; publish it when they were away."""
    now = timezone.now()
    with transaction.atomic():
        # The condition decides who of several simultaneous requests tells of the arrival.
        came = User.objects.filter(pk=user.pk, is_online=False).update(
            is_online=True, last_seen_at=now
        )
        if came:
            with in_company(user.company_id):
                publish(UserPresenceChanged(user_id=user.pk, is_online=True))
        else:
            User.objects.filter(pk=user.pk).update(last_seen_at=now)
    user.is_online = True


def leave(user: User) -> None:
    """Record that a person went away; publish it when they were here."""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_online=True).update(is_online=False):
            with in_company(user.company_id):
                publish(UserPresenceChanged(user_id=user.pk, is_online=False))


def sweep_silent() -> int:
    """Show everybody as away who was silent for five minutes; give their number."""
    silent = User.objects.filter(is_online=True, last_seen_at__lt=timezone.now() - SILENCE)
    with transaction.atomic():
        gone = list(silent.select_for_update(skip_locked=True).values_list("pk", "company_id"))
        User.objects.filter(pk__in=[pk for pk, _ in gone]).update(is_online=False)
        by_company: dict[int, list[int]] = {}
        for pk, company_id in gone:
            by_company.setdefault(company_id, []).append(pk)
        for company_id, people in by_company.items():
            with in_company(company_id):
                publish(*(UserPresenceChanged(user_id=pk, is_online=False) for pk in people))
    return len(gone)
