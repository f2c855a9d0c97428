"""A request proves presence, but one write a minute says as much as one per request."""

import time

from accounts.models import User
from accounts.services.presence import note_presence

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
    note_presence(user)
