"""The bot's work, woken by what arrives and by the clock."""

from collections.abc import Sequence

import structlog

from chatbots.services import files
from chatbots.services.later import say_pending
from chatbots.services.turns import answer_ticket
from whaticket.tasks import company_task

log = structlog.get_logger(__name__)


@company_task()
def answer_tickets(ticket_ids: Sequence[int]) -> int:
    """Take the waiting turns of some conversations; harmless twice."""
    count = 0
    for ticket_id in ticket_ids:
        try:
            count += answer_ticket(ticket_id)
        except Exception:
            # One conversation's trouble must not stop the others; the agenda tries it again.
            log.exception("turns.failed", ticket=ticket_id)
    return count


@company_task()
def say_pending_text(ticket_id: int) -> bool:
    """Say what the bot was about to say, if its moment has come; harmless twice."""
    return say_pending(ticket_id)


@company_task()
def send_files(message_id: int) -> int:
    """Send the files of the queue that a customer has entered; harmless twice."""
    return files.send_files(message_id)
