"""Writing a message: the row, the pointer and the news are one commit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database
from django.db import transaction

from accounts.models import User
from contacts.identity import Identity
from contacts.services import Profile, identify_contacts
from dispatch.models import Outbox
from messaging.events import MessageQueued
from messaging.exceptions import NoConnection, NothingToSend, TextTooLong, TicketNotWritable
from messaging.models import Message
from messaging.services.send import Draft, send_message
from tickets.models import Ticket
from tickets.services.find import Wanted, live_tickets
from whaticket import tenancy
from whatsapp.models import Connection


def test_a_message_is_queued_with_a_pointer_and_news(ticket, cast, heard):
    message = send_message(ticket, Draft(body="olá"), by=cast.ana)
    pointer = Outbox.objects.get(message_id=message.pk, company_id=cast.acme.pk)
    ticket.refresh_from_db()
    assert (message.status, message.from_me, message.author) == ("queued", True, cast.ana)
    assert message.chat == "5511988887777@s.whatsapp.net"
    assert (pointer.kind, pointer.state, pointer.chat) == ("send", "queued", message.chat)
    assert (ticket.last_message, ticket.last_message_from_me) == ("olá", True)
    assert [event["message_id"] for event in heard(MessageQueued)] == [message.pk]


def test_a_private_note_is_kept_and_never_sent(ticket, cast):
    note = send_message(ticket, Draft(body="só para nós", is_private=True), by=cast.ana)
    ticket.refresh_from_db()
    assert (note.wire_id, note.status) == (f"PVT{note.pk}", "read")
    assert not Outbox.objects.filter(message_id=note.pk).exists()
    assert (ticket.last_message, ticket.message_count) == ("", 1)


@pytest.mark.parametrize("body", ["", "   ", "\n"])
def test_nothing_is_not_sent(ticket, cast, body):
    with pytest.raises(NothingToSend):
        send_message(ticket, Draft(body=body), by=cast.ana)
    assert not Message.objects.exists()


def test_a_text_longer_than_the_connection_carries_is_refused(ticket, cast):
    with pytest.raises(TextTooLong):
        send_message(ticket, Draft(body="x" * 100_000), by=cast.ana)
    assert not Outbox.objects.exists()


def test_nobody_writes_into_a_closed_ticket(ticket, cast):
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    with pytest.raises(TicketNotWritable):
        send_message(ticket, Draft(body="olá"), by=cast.ana)
    assert not Message.objects.exists()


def test_a_ticket_whose_connection_is_gone_says_so(ticket, cast):
    Ticket.objects.filter(pk=ticket.pk).update(connection=None)
    with pytest.raises(NoConnection):
        send_message(ticket, Draft(body="olá"), by=cast.ana)


def test_the_same_idempotency_key_answers_with_the_first_message(ticket, cast):
    first = send_message(ticket, Draft(body="olá"), by=cast.ana, idempotency_key="k1")
    again = send_message(ticket, Draft(body="olá"), by=cast.ana, idempotency_key="k1")
    assert again.pk == first.pk
    assert Outbox.objects.filter(message_id=first.pk).count() == 1


def test_two_requests_with_one_key_at_once_send_one_message(scratch_company):
    connection = Connection.objects.create(name="n", driver="sandbox", status="CONNECTED")
    (contact,) = identify_contacts([Profile((Identity("phone", "5511988887777"),), "C")])
    with transaction.atomic():
        ticket = live_tickets([Wanted(contact, connection)])[contact.pk]
    start = threading.Barrier(6)

    def request(_n: int) -> int:
        tenancy.enter_company(scratch_company.pk)
        start.wait()
        try:
            return send_message(ticket, Draft(body="olá"), by=None, idempotency_key="k").pk
        finally:
            database.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(request, range(6)))
    assert len(answers) == 1
    assert Message.objects.count() == 1
    assert Outbox.objects.filter(company_id=scratch_company.pk).count() == 1
    Outbox.objects.filter(company_id=scratch_company.pk).delete()
    assert not User.objects.filter(company=scratch_company).exists()
