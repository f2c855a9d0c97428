"""Claim, act, record: in order within a chat, never twice, never by a worker without the lease."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.models import Outbox
from messaging.models import Message
from messaging.services.send import Draft, send_message
from whatsapp.drivers.base import Accepted, ErrorClass, Rejected, Unknown, send_error
from whatsapp.drivers.registry import capabilities_of
from whatsapp.services import leases, outbound

SANDBOX = capabilities_of("sandbox")
CLOUD = capabilities_of("cloud")


@pytest.fixture
def lease(cast):
    leases.want_session(cast.acme.pk, cast.number.pk)
    return leases.take_leases("one", 1)[0]


@pytest.fixture
def say(cast, ticket):
    return lambda text: send_message(ticket, Draft(body=text), by=cast.rui)


def claim(lease, busy=()):
    return outbound.claim_work(lease, limit=10, busy=busy)


def other_chat(message):
    Outbox.objects.filter(message_id=message.pk).update(chat="phone:other")


def successor(lease):
    leases.release(lease)
    return leases.take_leases("two", 1)[0]


def record(lease, work, result, capabilities=SANDBOX):
    outbound.record_result(lease, work, result, "sandbox", capabilities)


def refused(*, permanent, retry_after=None):
    return Rejected(
        error=send_error(
            ErrorClass.TRANSIENT, "131000", "No", permanent=permanent, retry_after=retry_after
        )
    )


def accepted():
    return Accepted(wire_id="WIRE", at=timezone.now())


def test_a_chat_is_worked_on_one_message_at_a_time_and_in_order(lease, say):
    first, second, elsewhere = say("one"), say("two"), say("three")
    other_chat(elsewhere)

    work = claim(lease)
    assert [item.message_id for item in work] == [first.pk, elsewhere.pk]
    assert claim(lease) == []
    record(lease, work[0], accepted())
    assert [item.message_id for item in claim(lease)] == [second.pk]
    first.refresh_from_db()
    assert first.status == Message.Status.ACCEPTED


def test_a_busy_chat_is_left_alone(lease, say):
    message = say("one")
    assert claim(lease, busy=[message.chat]) == []


def test_a_held_message_holds_back_what_was_written_after_it(lease, say):
    first = say("one")
    say("two")
    Outbox.objects.filter(message_id=first.pk).update(state=Outbox.State.HELD)
    assert claim(lease) == []


def test_a_postponed_message_is_not_overtaken(lease, say):
    first = say("one")
    say("two")
    Outbox.objects.filter(message_id=first.pk).update(
        not_before=timezone.now() + timedelta(minutes=1)
    )
    assert claim(lease) == []


def test_without_the_lease_nothing_is_claimed(lease, say):
    say("one")
    successor(lease)
    assert claim(lease) == []


def test_a_dead_workers_send_is_repeated_where_the_network_shows_one_id_once(lease, say):
    message = say("one")
    claim(lease)
    new = successor(lease)
    outbound.recover_claims(new, SANDBOX)

    (again,) = claim(new)
    assert again.message_id == message.pk
    (built,) = outbound.outgoing_of([again]).values()
    assert built.client_message_id == message.wire_id


def test_a_dead_workers_send_is_unknown_where_it_could_show_twice(lease, say):
    message = say("one")
    claim(lease)
    new = successor(lease)
    outbound.recover_claims(new, CLOUD)

    message.refresh_from_db()
    assert message.status == Message.Status.UNKNOWN
    assert not Outbox.objects.filter(message_id=message.pk).exists()
    assert claim(new) == []


def test_a_send_cut_off_by_a_lost_connection_is_settled_by_the_same_worker(lease, say):
    message = say("one")
    claim(lease)
    outbound.recover_claims(lease, SANDBOX)
    assert [item.message_id for item in claim(lease)] == [message.pk]


def test_recovery_leaves_the_successors_claims_alone(lease, say):
    message = say("one")
    new = successor(lease)
    claim(new)
    outbound.recover_claims(lease, CLOUD)

    message.refresh_from_db()
    assert message.status == Message.Status.SENDING
    assert Outbox.objects.get(message_id=message.pk).claimed_by == new.token


def test_a_temporary_refusal_is_tried_again_and_a_lasting_one_fails(lease, say):
    message = say("one")
    for wait in outbound.RETRY_SECONDS:
        (work,) = claim(lease)
        record(lease, work, refused(permanent=False))
        left = Outbox.objects.get(message_id=message.pk).not_before - timezone.now()
        assert wait - 2 <= left.total_seconds() <= wait
        Outbox.objects.update(not_before=timezone.now())
    (work,) = claim(lease)
    record(lease, work, refused(permanent=False))

    message.refresh_from_db()
    assert (message.status, message.failure_code) == (Message.Status.FAILED, "131000")
    assert not Outbox.objects.filter(message_id=message.pk).exists()


def test_a_permanent_refusal_fails_at_once(lease, say):
    message = say("one")
    (work,) = claim(lease)
    record(lease, work, refused(permanent=True))
    message.refresh_from_db()
    assert message.status == Message.Status.FAILED


def test_a_lost_answer_is_unknown_and_never_sent_again(lease, say):
    message = say("one")
    (work,) = claim(lease)
    record(lease, work, Unknown(reason="timeout"), CLOUD)
    message.refresh_from_db()
    assert message.status == Message.Status.UNKNOWN
    assert claim(lease) == []


def test_a_lost_answer_is_asked_again_where_that_is_harmless(lease, say):
    message = say("one")
    (work,) = claim(lease)
    record(lease, work, Unknown(reason="timeout"), SANDBOX)
    Outbox.objects.update(not_before=timezone.now())
    assert [item.message_id for item in claim(lease)] == [message.pk]


def test_what_the_network_said_is_kept_even_when_the_lease_is_lost(lease, say):
    message = say("one")
    (work,) = claim(lease)
    new = successor(lease)
    outbound.recover_claims(new, SANDBOX)
    record(lease, work, accepted())

    message.refresh_from_db()
    assert message.status == Message.Status.ACCEPTED
    # The row is the successor's now; it sends the same id again, which is shown once.
    assert Outbox.objects.filter(message_id=message.pk).exists()
