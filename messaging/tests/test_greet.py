"""Whoever accepts greets, once, where the company wants it (behaviour 51)."""

import pytest

from companies.models import CompanySettings
from companies.services import forget_settings
from messaging.models import Message
from messaging.services.greet import accept_and_greet
from tickets.exceptions import TicketTaken
from tickets.models import Ticket
from tickets.services import return_ticket


@pytest.fixture
def greeting(acme):
    CompanySettings.objects.filter(company=acme).update(accept_greeting="Oi, sou {{userName}}.")
    forget_settings(acme.pk)
    yield
    forget_settings(acme.pk)


def test_the_agent_who_accepts_greets_in_their_own_name(ticket, cast, greeting):
    accepted = accept_and_greet(ticket, by=cast.ana)
    message = Message.objects.get()
    assert (accepted.status, accepted.agent) == ("open", cast.ana)
    assert (message.body, message.author, message.origin) == ("Oi, sou Ana.", cast.ana, "agent")


def test_asking_again_greets_nobody_twice(ticket, cast, greeting):
    accept_and_greet(ticket, by=cast.ana)
    accept_and_greet(ticket, by=cast.ana)
    accept_and_greet(return_ticket(ticket, by=cast.ana), by=cast.ana)
    assert Message.objects.count() == 1


def test_the_loser_of_the_race_greets_nobody(ticket, cast, greeting):
    accept_and_greet(ticket, by=cast.rui)
    with pytest.raises(TicketTaken):
        accept_and_greet(ticket, by=cast.ana)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("off", ["setting", "text", "group", "connection"])
def test_without_setting_text_or_way_the_ticket_is_accepted_in_silence(
    ticket, cast, greeting, acme, off
):
    if off == "setting":
        CompanySettings.objects.filter(company=acme).update(greets_on_accept=False)
    elif off == "text":
        CompanySettings.objects.filter(company=acme).update(accept_greeting=" ")
    elif off == "group":
        Ticket.objects.update(is_group=True)
        cast.ana.sees_groups = True
        cast.ana.save()
    else:
        Ticket.objects.update(connection=None)
    forget_settings(acme.pk)
    assert accept_and_greet(ticket, by=cast.ana).agent == cast.ana
    assert not Message.objects.exists()
