"""Who is at work right now (behaviour R-PRES)."""

import time

from django.db import transaction
from django.utils import timezone

from accounts.models import User

# A request proves presence, but one write a minute says as much as one per request.
_EVERY = 60.0
_last_touch: dict[int, float] = {}


def touch(user: User) -> None:
    """Note that a person is here; publish it when they were away."""
    now = time.monotonic()
    if user.is_online and now - _last_touch.get(user.pk, -_EVERY) < _EVERY:
        return
    if len(_last_touch) > 10_000:
        _last_touch.clear()
    _last_touch[user.pk] = now
    with transaction.atomic():
        came = User.objects.filter(pk=user.pk, is_online=False).update(
            is_online=True, last_seen_at=timezone.now()
        )
        if not came:
            User.objects.filter(pk=user.pk).update(last_seen_at=timezone.now())
    user.is_online = True
