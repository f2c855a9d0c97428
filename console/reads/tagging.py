"""What the side panel shows of a ticket's tags and lane, and of the notes on its contact."""

from typing import Any

from billing.services import has_feature
from contacts.models import Tag
from contacts.services.tags import KANBAN
from tickets.models import Ticket, TicketNote
from tickets.sight import Sight
from whaticket.tenancy import current_company_id

_NOTES = 30


def tagging_of(ticket: Ticket, sight: Sight) -> dict[str, Any]:
    """Give a ticket's labels and lane with what else there is, and the newest notes."""
    held = {tag.pk for tag in ticket.tags.all()}
    every = list(Tag.objects.order_by("pk"))
    has_board = has_feature(current_company_id(), KANBAN)
    labels = sorted((tag for tag in every if not tag.is_lane), key=lambda tag: tag.name.lower())
    notes = TicketNote.objects.visible_to(sight).filter(contact_id=ticket.contact_id)
    return {
        "labels": [tag for tag in labels if tag.pk in held],
        "other_labels": [tag for tag in labels if tag.pk not in held],
        "lanes": [tag for tag in every if tag.is_lane] if has_board else [],
        "held": held,
        "notes": notes.select_related("author").order_by("-pk")[:_NOTES],
    }
