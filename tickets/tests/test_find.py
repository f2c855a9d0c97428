"""One live ticket per contact and connection."""

from tickets.models import Ticket
from tickets.services.find import Wanted, live_tickets


def test_a_second_message_finds_the_same_ticket(ticket, cast):
    again = live_tickets([Wanted(ticket.contact, cast.number)])[ticket.contact_id]
    assert again.pk == ticket.pk
    assert Ticket.objects.count() == 1
