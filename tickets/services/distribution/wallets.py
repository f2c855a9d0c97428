"""A contact's own agent (behaviour 37)."""

from collections.abc import Collection, Sequence

from accounts.models import User
from companies.services.settings import settings_of
from contacts.models import Wallet
from tickets.models import Assignment, Ticket
from whaticket.tenancy import current_company_id


def wallet_agents(contact_ids: Collection[int]) -> dict[int, int]:
    """Give the first agent in each contact's wallet, where the company gives them new tickets.

    People who were removed do not count. No statement where the company does not want it.
    """
    company_id = current_company_id()
    if not settings_of(company_id).routes_to_wallets:
        return {}
    people = User.objects.of_company(company_id).filter(is_active=True)
    rows = (
        Wallet.objects.filter(contact_id__in=contact_ids, agent__in=people)
        .order_by("contact_id", "pk")
        .distinct("contact_id")
    )
    return dict(rows.values_list("contact_id", "agent_id"))


def note_wallets(tickets: Sequence[Ticket]) -> None:
    """Write down why these tickets were opened for somebody."""
    Assignment.objects.bulk_create(
        [
            Assignment(
                ticket=ticket,
                queue_id=ticket.queue_id,
                agent_id=ticket.agent_id,
                mode=Assignment.Mode.WALLET,
                trigger=Assignment.Trigger.OPENED,
                outcome=Assignment.Outcome.ASSIGNED,
            )
            for ticket in tickets
        ]
    )
