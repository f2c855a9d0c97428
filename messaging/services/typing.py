"""Who is typing: shown while it lasts, kept nowhere."""

import orjson

from contacts.identity import Identity
from events.realtime import Audience, Frame, signal_now
from tickets.models import Ticket
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import identity_of


def contact_typing(connection_id: int, chat: str, active: bool) -> None:
    """Signal to those who see the conversation that the customer types, or stopped."""
    named = identity_of(chat)
    if named is None:
        return
    kind, scope, key = Identity(str(named.kind), named.value).key
    ticket = (
        Ticket.objects.live()
        .filter(
            connection_id=connection_id,
            contact__identities__kind=kind,
            contact__identities__scope=scope,
            contact__identities__match_key=key,
        )
        .first()
    )
    if ticket is None:
        return
    data = {"action": "typing", "ticketId": ticket.pk, "uuid": str(ticket.uuid), "active": active}
    facts = (
        ticket.status,
        ticket.queue_id,
        ticket.agent_id,
        ticket.is_group,
        ticket.connection_id,
    )
    name = f"company-{current_company_id()}-presence"
    signal_now([Frame(name, orjson.dumps(data), Audience(ticket=facts))])
