"""The ledger of what goes out: it rises, whatever the order of the news."""

import itertools

import pytest

from messaging.events import MessageStatusChanged
from messaging.models import Message
from messaging.services.ledger import RANK, Rise, raise_statuses
from messaging.services.send import Draft, send_message

NEWS = ["accepted", "sent", "delivered", "read"]


@pytest.fixture
def message(ticket, cast):
    return send_message(ticket, Draft(body="olá"), by=cast.ana)


@pytest.mark.parametrize("order", list(itertools.permutations(NEWS)))
def test_any_order_of_receipts_ends_at_the_highest(message, order):
    for status in order:
        raise_statuses(message.connection_id, [Rise(status, message.wire_id)])
    message.refresh_from_db()
    assert message.status == "read"


def test_several_receipts_in_one_batch_count_as_their_highest(message, heard):
    rises = [Rise(status, message.wire_id) for status in reversed(NEWS)]
    assert raise_statuses(message.connection_id, rises) == 1
    assert [event["status"] for event in heard(MessageStatusChanged)] == ["read"]


def test_the_same_receipt_again_is_no_news(message, heard):
    raise_statuses(message.connection_id, [Rise("delivered", message.wire_id)])
    assert raise_statuses(message.connection_id, [Rise("delivered", message.wire_id)]) == 0
    assert len(heard(MessageStatusChanged)) == 1


def test_a_message_given_up_is_taken_back_by_a_late_proof(message):
    raise_statuses(
        message.connection_id,
        [Rise("failed", "", message.pk, failure_class="window", failure_code="131047")],
    )
    message.refresh_from_db()
    assert (message.status, message.failure_code) == ("failed", "131047")
    raise_statuses(message.connection_id, [Rise("delivered", message.wire_id)])
    message.refresh_from_db()
    assert (message.status, message.failure_code) == ("delivered", "")


def test_an_unknown_message_is_found_by_the_id_the_network_gives_back(message):
    Message.objects.filter(pk=message.pk).update(wire_id=None, status="unknown")
    raise_statuses(message.connection_id, [Rise("sent", "wamid.9", message.pk)])
    message.refresh_from_db()
    assert (message.status, message.wire_id) == ("sent", "wamid.9")


def test_a_receipt_of_another_connection_touches_nothing(message):
    assert raise_statuses(message.connection_id + 1, [Rise("read", message.wire_id)]) == 0


def test_what_was_received_has_no_ledger(message):
    Message.objects.filter(pk=message.pk).update(from_me=False, status="received")
    assert raise_statuses(message.connection_id, [Rise("read", message.wire_id)]) == 0


def test_every_outgoing_status_has_a_rank():
    assert set(RANK) == set(Message.Status) - {Message.Status.RECEIVED}
