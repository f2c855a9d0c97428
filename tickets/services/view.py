"""Who looked at a conversation, for audit."""

import time

from django.db import transaction

from accounts.models import User
from events.bus import publish
from tickets.events import TicketViewed
from whaticket.tenancy import current_schema

# Clients read a ticket again on every small change of it. That is one look, not dozens: the log
# says when somebody looked, to the nearest minutes.
_ONE_LOOK = 300.0
_MOST = 20_000
_looks: dict[tuple[str, int, int], float] = {}


def note_view(ticket_id: int, *, by: User) -> None:
    """Write into a ticket's log that somebody opened it, once in five minutes of looking.

    Each process remembers for itself; more of them write a few more lines, never fewer.
    """
    look = (current_schema(), ticket_id, by.pk)
    now = time.monotonic()
    if now - _looks.get(look, -_ONE_LOOK) < _ONE_LOOK:
        return
    with transaction.atomic():
        publish(TicketViewed(ticket_id=ticket_id, by_id=by.pk))

        def remember() -> None:
            if len(_looks) >= _MOST:
                _looks.clear()
            _looks[look] = now

        transaction.on_commit(remember)
