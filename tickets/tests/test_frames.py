"""Those who lose a ticket hear `delete` before those who gain it hear `update`."""

import orjson
import pytest

from tickets import receivers, services


@pytest.fixture
def frames(monkeypatch):
    """What would go to the sockets; the edge itself has tests of its own."""
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    return sent


def told(frames):
    return [
        (orjson.loads(f.data)["action"], f.audience.ticket[1] if f.audience.ticket else None)
        for f in frames
    ]


def test_a_transfer_is_told_to_the_old_queue_first(
    cast, ticket, frames, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        services.transfer_ticket(ticket, by=cast.ana, queue_id=cast.support.pk)
    assert told(frames) == [("delete", cast.sales.pk), ("update", cast.support.pk)]
    assert frames[0].event == f"company-{cast.acme.pk}-ticket"


def test_a_deleted_ticket_is_told_to_those_who_saw_it(
    cast, ticket, frames, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_ticket(ticket, by=cast.rui)
    assert told(frames) == [("delete", cast.sales.pk)]


def test_reading_clears_the_badge_everywhere(
    cast, ticket, frames, django_capture_on_commit_callbacks
):
    services.accept_ticket(ticket, by=cast.ana)
    services.mark_unread(ticket, by=cast.ana)
    with django_capture_on_commit_callbacks(execute=True):
        mark = services.mark_read(ticket, by=cast.ana)
    assert (mark.was_unread, mark.tells_network) == (True, True)
    assert told(frames)[-1] == ("updateUnread", cast.sales.pk)


def test_a_removed_persons_tickets_wait_again(cast, ticket):
    services.accept_ticket(ticket, by=cast.ana)
    assert services.release_tickets_of(cast.ana.pk) == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.agent_id) == ("pending", None)
