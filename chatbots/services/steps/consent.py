"""May we keep what you write? Step (n), behaviour 92-95."""

from django.utils.translation import gettext as _

from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from messaging.services.say import in_company_language
from tickets.models import Ticket
from tickets.services.consent import (
    accept_consent,
    asks_consent,
    end_consent,
    note_consent_asked,
    refuse_consent,
)


def wants(arrival: Arrival) -> bool:
    """Everything said in a ticket that waits for consent."""
    return arrival.ticket.status == Ticket.Status.LGPD


def take(situation: Situation) -> Outcome:
    """Ask, take the answer, or ask again within the limit; a yes goes on to the menu."""
    ticket = situation.ticket
    if ticket.status != Ticket.Status.LGPD:
        return Outcome.ON
    if not asks_consent(situation.settings):
        # Switched off meanwhile: nobody has to answer any more.
        end_consent(ticket)
        return Outcome.ON
    if ticket.consent_asked_at is None:
        _ask(situation)
        return Outcome.STOP
    if situation.answer == "1":
        accept_consent(ticket)
        situation.is_answered = True
        return Outcome.ON
    if situation.answer == "2":
        refuse_consent(ticket)
        situation.say(situation.connection.completion_message, "completion")
        return Outcome.STOP
    most = situation.connection.max_bot_menus
    if not most or ticket.bot_menu_count < most:
        _ask(situation)
    return Outcome.STOP


def _ask(situation: Situation) -> None:
    settings = situation.settings
    situation.say(settings.lgpd_text, "consent-text")
    situation.say(settings.lgpd_link, "consent-link")
    with in_company_language():
        question = _("Do you agree that we process your personal data?")
        yes, no = _("Yes"), _("No")
    situation.say(f"{question}\n\n*[ 1 ]* - {yes}\n*[ 2 ]* - {no}", "consent-question")
    note_consent_asked(situation.ticket)


add_step("n", wants=wants, take=take)
