"""What each step of a ticket publishes, once, naming who did it."""

import pytest

from contacts.models import ContactMerge
from contacts.services import merge_contacts, undo_merge
from tickets import services
from tickets.events import (
    QueueMembersChanged,
    TicketDeleted,
    TicketFolded,
    TicketMarkedUnread,
    TicketRatingAsked,
    TicketRead,
    TicketReopened,
    TicketUnfolded,
    TicketUpdated,
    TicketViewed,
)
from tickets.models import Ticket
from tickets.services import view
from tickets.services.queues import set_members_of
from tickets.services.ratings import ask_rating
from tickets.services.view import note_view


def test_reading_and_marking_unread(cast, ticket, heard):
    services.accept_ticket(ticket, by=cast.ana)
    services.mark_unread(ticket, by=cast.ana)
    services.mark_read(ticket, by=cast.ana)
    services.mark_read(ticket, by=cast.ana)
    (unread,) = heard(TicketMarkedUnread)
    (read,) = heard(TicketRead)
    assert unread["ticket_id"] == read["ticket_id"] == ticket.pk
    assert (read["tells_network"], read["by_id"]) == (True, cast.ana.pk)


def test_closing_and_opening_again(cast, ticket, heard):
    services.accept_ticket(ticket, by=cast.ana)
    services.close_ticket(ticket, by=cast.ana)
    services.reopen_ticket(ticket, by=cast.ana)
    (event,) = heard(TicketReopened)
    assert (event["ticket_id"], event["by_id"]) == (ticket.pk, cast.ana.pk)
    assert event["before"]["status"] == "closed"


def test_asking_for_a_rating(cast, ticket, heard):
    services.accept_ticket(ticket, by=cast.ana)
    ticket.refresh_from_db()
    ask_rating(ticket, by=cast.ana)
    (event,) = heard(TicketRatingAsked)
    assert (event["ticket_id"], event["before"]["status"]) == (ticket.pk, "open")


def test_deleting(cast, ticket, heard):
    pk = ticket.pk
    services.delete_ticket(ticket, by=cast.rui)
    (event,) = heard(TicketDeleted)
    assert (event["ticket_id"], event["by_id"]) == (pk, cast.rui.pk)
    assert event["before"]["queue_id"] == cast.sales.pk


def test_looking_at_a_ticket_is_told_once_in_five_minutes(
    cast, ticket, heard, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(view, "_looks", {})
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            note_view(ticket.pk, by=cast.ana)
    (event,) = heard(TicketViewed)
    assert (event["ticket_id"], event["by_id"]) == (ticket.pk, cast.ana.pk)


def test_merging_and_parting_contacts_folds_and_unfolds_their_tickets(
    cast, ticket, make_ticket, customer, heard
):
    other = make_ticket(contact=customer("C.", "5511966665555"), status="open", agent=cast.ana)
    merge_contacts(ticket.contact, other.contact, by=cast.rui)
    (folded,) = heard(TicketFolded)
    assert (folded["ticket_id"], folded["into_id"]) == (other.pk, ticket.pk)
    undo_merge(ContactMerge.objects.get(), by=cast.rui)
    (unfolded,) = heard(TicketUnfolded)
    assert (unfolded["ticket_id"], unfolded["from_id"]) == (other.pk, ticket.pk)
    assert ticket.pk in {event["ticket_id"] for event in heard(TicketUpdated)}


def test_other_members_of_a_queue(cast, heard):
    set_members_of(cast.sales, [cast.bia.pk], by=cast.rui)
    (event,) = heard(QueueMembersChanged)
    assert set(event["user_ids"]) == {cast.ana.pk, cast.bia.pk}
    assert event["by_id"] == cast.rui.pk


@pytest.mark.parametrize("event_class", [TicketRead, TicketReopened, TicketDeleted])
def test_what_changes_nothing_is_no_news(cast, ticket, heard, event_class):
    services.mark_read(ticket, by=cast.ana)
    assert Ticket.objects.filter(pk=ticket.pk).exists()
    assert heard(event_class) == []
