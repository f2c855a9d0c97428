"""May we keep what you write? Tickets that wait for that answer (behaviour 92-95)."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from companies.models import CompanySettings
from companies.services import settings_of
from contacts.models import Contact
from contacts.services.consent import note_consent
from events.bus import publish
from tickets.events import ConsentGiven, TicketClosed
from tickets.models import Episode, Ticket
from tickets.services.ending import end_tickets
from tickets.services.episodes import note_move
from tickets.services.facts import facts_before
from whaticket.tenancy import current_company_id


def asks_consent(settings: CompanySettings) -> bool:
    """Tell whether a company asks for consent at all: it is on, and there is a text to agree to."""
    return settings.lgpd_enabled and bool(settings.lgpd_text.strip())


def needs_consent(contact: Contact, settings: CompanySettings | None = None) -> bool:
    """Tell whether a new conversation with somebody begins with the question (behaviour 92)."""
    if contact.is_group:
        return False
    settings = settings or settings_of(current_company_id())
    if not asks_consent(settings):
        return False
    return settings.lgpd_asks_every_ticket or contact.consented_at is None


def note_consent_asked(ticket: Ticket) -> None:
    """Note that a locked ticket's question went out, once more."""
    now = timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(
        consent_asked_at=now, bot_menu_count=F("bot_menu_count") + 1
    )
    ticket.consent_asked_at = now
    ticket.bot_menu_count += 1


@transaction.atomic
def accept_consent(ticket: Ticket) -> None:
    """Write down that the customer agreed, and let the locked ticket wait for an agent."""
    now = timezone.now()
    note_consent(ticket.contact, at=now)
    ticket.consented_at = now
    end_consent(ticket)


@transaction.atomic
def end_consent(ticket: Ticket) -> None:
    """Let a locked ticket wait for an agent, whether or not there was an answer."""
    before = facts_before(ticket)
    ticket.status = Ticket.Status.PENDING
    ticket.bot_menu_count = 0
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=["status", "consented_at", "bot_menu_count", "updated_at"])
    note_move(ticket, at=ticket.updated_at)
    publish(ConsentGiven(ticket_id=ticket.pk, before=before))


@transaction.atomic
def refuse_consent(ticket: Ticket) -> None:
    """End a locked ticket whose customer said no; no service took place (behaviour 94)."""
    before = facts_before(ticket)
    Episode.objects.filter(ticket=ticket, finished_at=None).delete()
    end_tickets([ticket])
    publish(TicketClosed(ticket_id=ticket.pk, before=before))
    ticket.refresh_from_db()
