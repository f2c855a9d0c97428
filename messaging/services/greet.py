"""The first words of an agent who takes a conversation."""

import structlog
from django.db import transaction

from accounts.models import User
from companies.services import settings_of
from messaging.services.compose import write_messages
from messaging.services.send import Draft
from tickets.models import Episode, Ticket
from tickets.services import accept_ticket
from whaticket.exceptions import DomainError
from whaticket.tenancy import current_company_id

log = structlog.get_logger(__name__)


@transaction.atomic
def accept_and_greet(ticket: Ticket, *, by: User, queue_id: int | None = None) -> Ticket:
    """Accept a ticket as `accept_ticket` does, and greet the customer if the company wants it.

    The greeting goes out in the agent's name as any message of theirs, once for each stretch of
    service; to groups never (behaviour 51). Clients of the API post it themselves. A greeting that
    cannot be sent hinders nobody from accepting. Raises what `accept_ticket` raises.
    """
    ticket = accept_ticket(ticket, by=by, queue_id=queue_id)
    settings = settings_of(current_company_id())
    if not settings.greets_on_accept or not settings.accept_greeting.strip() or ticket.is_group:
        return ticket
    episode = Episode.objects.filter(ticket=ticket, finished_at=None).first()
    key = f"accepted:{episode.pk}" if episode else ""
    try:
        with transaction.atomic():
            write_messages(
                ticket, [Draft(body=settings.accept_greeting)], by=by, idempotency_key=key
            )
    except DomainError as refusal:
        log.warning("accept.not_greeted", ticket=ticket.pk, code=refusal.code)
    return ticket
