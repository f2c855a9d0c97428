"""Variables in texts that people write once and send often (behaviour §7, Variables)."""

import datetime
import re
import secrets
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from companies.models import Company
from tickets.models import Ticket
from whaticket.tenancy import current_company_id

# `{{name}}`, and Mustache's two ways of asking for an unescaped value, which is all there is here.
_VARIABLE = re.compile(r"\{\{\{?\s*&?\s*([A-Za-z_]\w*)\s*\}?\}\}")


def render_text(
    text: str, ticket: Ticket, *, agent: User | None = None, at: datetime.datetime | None = None
) -> str:
    """Replace the variables of a text by what they mean for a ticket; unknown ones by nothing.

    `agent` is who speaks where that is not the ticket's own agent. Values are put in as they are:
    no HTML escaping, and braces in a customer's name are only braces.
    """
    if "{{" not in text:
        return text
    moment = (at or timezone.now()).astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE))
    values = _values(ticket, agent or ticket.agent, moment)
    known: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in known:
            give = values.get(name)
            known[name] = give() if give else ""
        return known[name]

    with translation.override(settings.LANGUAGE_CODE):
        return _VARIABLE.sub(value, text)


def render_texts(texts: Sequence[str], ticket: Ticket, *, agent: User | None = None) -> list[str]:
    """Replace the variables of many texts at the cost of one."""
    if not texts:
        return []
    # Nobody can have typed it, so it parts the texts again wherever it parted them before.
    seam = f"\x1e{secrets.token_hex(12)}\x1e"
    return render_text(seam.join(texts), ticket, agent=agent).split(seam)


def _values(
    ticket: Ticket, agent: User | None, moment: datetime.datetime
) -> dict[str, Callable[[], str]]:
    """Give every variable as a function: most texts need one, and some cost a query."""
    hour = f"{moment.hour}:{moment:%M:%S}"
    date = f"{moment:%d-%m-%Y}"
    return {
        "firstName": lambda: next(iter(ticket.contact.name.split()), ""),
        "name": lambda: ticket.contact.name,
        "userName": lambda: agent.name if agent else "",
        "ticket_id": lambda: str(ticket.pk),
        "ms": lambda: greeting_of(moment.hour),
        "hour": lambda: hour,
        "date": lambda: date,
        "data_hora": lambda: _("%(date)s at %(hour)s") % {"date": date, "hour": hour},
        "queue": lambda: ticket.queue.name if ticket.queue else "",
        "connection": lambda: ticket.connection.name if ticket.connection else "",
        "protocol": lambda: f"{moment:%Y%m%d%M%S}{moment.microsecond // 1000:03}{ticket.pk}",
        "name_company": lambda: Company.objects.get(pk=current_company_id()).name,
    }


def greeting_of(hour: int) -> str:
    """Say good morning, afternoon, evening or night, as the hour has it."""
    if hour < 6:
        return _("Good night")
    if hour < 12:
        return _("Good morning")
    if hour < 18:
        return _("Good afternoon")
    return _("Good evening")
