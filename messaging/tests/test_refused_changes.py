"""The network refuses an edit, a deletion or a reaction: we show again what the customer sees."""

import orjson
import pytest
from django.utils import timezone

from dispatch.models import Outbox
from messaging.events import MessageChangeRefused
from messaging.models import Message
from messaging.receivers import messages as receivers
from messaging.services.changes import apply_reaction, apply_revoke
from messaging.services.delete import delete_message
from messaging.services.edit import edit_message
from messaging.services.ledger import Rise, raise_statuses
from messaging.services.react import react_to
from messaging.services.send import Draft, send_message
from messaging.tests.frames import Heard
from messaging.wire import messages_json
from whatsapp.drivers.base import (
    Accepted,
    ErrorClass,
    Person,
    Reacted,
    Rejected,
    Revoked,
    send_error,
)
from whatsapp.drivers.registry import capabilities_of
from whatsapp.services import leases, outbound

SANDBOX = capabilities_of("sandbox")


@pytest.fixture
def lease(cast):
    leases.want_session(cast.acme.pk, cast.number.pk)
    return leases.take_leases("one", 1)[0]


@pytest.fixture
def written(mine, cast):
    return send_message(mine, Draft(body="It costs 10"), by=cast.ana)


@pytest.fixture
def out(written, lease):
    """What the customer has on the phone."""
    settle(lease, accepted())
    raise_statuses(written.connection_id, [Rise("delivered", written.wire_id)])
    written.refresh_from_db()
    return written


@pytest.fixture
def told(monkeypatch, django_capture_on_commit_callbacks):
    """What clients hear of messages."""
    heard = Heard(django_capture_on_commit_callbacks)
    monkeypatch.setattr(receivers, "emit", heard.frames.extend)
    return heard


def claim(lease):
    return outbound.claim_work(lease, limit=10, busy=[])


def settle(lease, result):
    (work,) = claim(lease)
    outbound.record_result(lease, work, result, "sandbox", SANDBOX)


def accepted():
    return Accepted(wire_id="", at=timezone.now())


def refused(reason="The time for it is over"):
    return Rejected(error=send_error(ErrorClass.CONTENT, "too_late", reason, permanent=True))


def seen(message):
    return orjson.loads(messages_json([message.pk])[message.pk])


def test_a_refused_edit_gives_the_earlier_text_back_and_says_why(lease, out, cast, mine, heard):
    edit_message(out, body="It costs 12", by=cast.ana)
    settle(lease, refused())

    out.refresh_from_db()
    mine.refresh_from_db()
    assert (out.body, out.edited_at, out.data["edits"]) == ("It costs 10", None, [])
    assert (out.status, mine.last_message) == ("delivered", "It costs 10")
    assert seen(out)["failure"] == {
        "class": "content",
        "code": "too_late",
        "reason": "The time for it is over",
        "change": "edit",
    }
    (event,) = heard(MessageChangeRefused)
    assert (event["message_id"], event["change"]) == (out.pk, "edit")


def test_a_refused_deletion_brings_the_message_back_and_says_why(lease, out, cast):
    delete_message(out, by=cast.ana)
    settle(lease, refused())

    shown = seen(out)
    assert (shown["isDeleted"], shown["body"], shown["ack"]) == (False, "It costs 10", 2)
    assert shown["failure"]["change"] == "revoke"


def test_agents_see_the_refusal_at_once(lease, out, cast, told):
    edit_message(out, body="It costs 12", by=cast.ana)
    with told.during() as frames:
        settle(lease, refused())
    (frame,) = [frame for frame in frames if frame.event.endswith("-appMessage")]
    data = orjson.loads(frame.data)
    assert (data["action"], data["message"]["body"]) == ("update", "It costs 10")
    assert data["message"]["failure"]["reason"] == "The time for it is over"


def test_an_edit_the_network_takes_stays(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    settle(lease, accepted())
    shown = seen(out)
    assert (shown["body"], shown["isEdited"], shown["failure"]) == ("It costs 12", True, None)


def test_a_refusal_that_may_pass_is_tried_again_before_anything_is_undone(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    passing = send_error(ErrorClass.TRANSIENT, "131000", "Later", permanent=False)
    for _ in outbound.RETRY_SECONDS:
        settle(lease, Rejected(error=passing))
        assert seen(out)["body"] == "It costs 12"
        Outbox.objects.update(not_before=timezone.now())
    settle(lease, Rejected(error=passing))
    assert seen(out)["body"] == "It costs 10"


@pytest.mark.parametrize(
    ("first", "second", "body", "edits"),
    [
        (refused, refused, "It costs 10", []),
        (refused, accepted, "It costs 13", ["It costs 10"]),
        (accepted, refused, "It costs 12", ["It costs 10"]),
        (accepted, accepted, "It costs 13", ["It costs 10", "It costs 12"]),
    ],
)
def test_of_two_edits_each_falls_back_to_what_was_seen_before_it(
    lease, out, cast, first, second, body, edits
):
    edit_message(out, body="It costs 12", by=cast.ana)
    edit_message(out, body="It costs 13", by=cast.ana)
    settle(lease, first())
    settle(lease, second())
    out.refresh_from_db()
    assert (out.body, out.data["edits"]) == (body, edits)
    assert (out.edited_at is not None) == bool(edits)


def test_a_refused_edit_of_a_deleted_message_leaves_it_deleted(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    delete_message(out, by=cast.ana)
    settle(lease, refused())
    assert (seen(out)["body"], seen(out)["isDeleted"]) == ("It costs 10", True)
    settle(lease, refused())
    assert (seen(out)["body"], seen(out)["isDeleted"]) == ("It costs 10", False)


def test_a_tick_does_not_hide_the_refusal_and_the_next_try_does(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    settle(lease, refused())
    raise_statuses(out.connection_id, [Rise("read", out.wire_id)])
    assert (seen(out)["ack"], seen(out)["failure"]["code"]) == (3, "too_late")
    delete_message(out, by=cast.ana)
    assert (seen(out)["isDeleted"], seen(out)["failure"]) == (True, None)


def test_a_worker_without_the_lease_undoes_nothing(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    (work,) = claim(lease)
    leases.release(lease)
    successor = leases.take_leases("two", 1)[0]
    outbound.recover_claims(successor, SANDBOX)
    outbound.record_result(lease, work, refused(), "sandbox", SANDBOX)
    assert (seen(out)["body"], seen(out)["failure"]) == ("It costs 12", None)
    # The successor hears the same refusal, and it is recorded once.
    settle(successor, refused())
    assert (seen(out)["body"], seen(out)["failure"]["change"]) == ("It costs 10", "edit")


def test_a_death_between_the_answer_and_its_record_changes_nothing(lease, out, cast, monkeypatch):
    edit_message(out, body="It costs 12", by=cast.ana)
    (work,) = claim(lease)

    class Killed(BaseException):
        """The process dies here."""

    def die(*_events):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("messaging.services.refused.publish", die)
        with pytest.raises(Killed):
            outbound.record_result(lease, work, refused(), "sandbox", SANDBOX)
    assert (seen(out)["body"], seen(out)["failure"]) == ("It costs 12", None)
    outbound.recover_claims(lease, SANDBOX)
    settle(lease, refused())
    assert seen(out)["body"] == "It costs 10"


def test_what_the_phone_deleted_meanwhile_stays_deleted(lease, out, cast):
    delete_message(out, by=cast.ana)
    revoked = Revoked(
        wire_id="R1",
        chat=out.chat,
        at=timezone.now(),
        raw={},
        target=out.wire_id,
        sender=Person(identities=()),
        from_me=True,
    )
    apply_revoke(cast.number, revoked)
    settle(lease, refused())
    assert (seen(out)["isDeleted"], seen(out)["failure"]) == (True, None)


def test_what_was_corrected_before_it_left_stays_corrected(lease, written, cast):
    edit_message(written, body="It costs 12", by=cast.ana)
    work = claim(lease)
    (outgoing,) = outbound.outgoing_of(work).values()
    assert outgoing.content.text == "It costs 12"
    outbound.record_result(lease, work[0], accepted(), "sandbox", SANDBOX)
    settle(lease, refused())
    assert seen(written)["body"] == "It costs 12"


def test_what_is_corrected_while_it_leaves_says_first_what_it_said(lease, written, cast):
    work = claim(lease)
    edit_message(Message.objects.get(), body="It costs 12", by=cast.ana)
    edit_message(Message.objects.get(), body="It costs 13", by=cast.ana)
    (outgoing,) = outbound.outgoing_of(work).values()
    assert outgoing.content.text == "It costs 10"
    outbound.record_result(lease, work[0], accepted(), "sandbox", SANDBOX)
    settle(lease, refused())
    settle(lease, refused())
    assert seen(written)["body"] == "It costs 10"


def test_what_was_taken_back_before_it_left_stays_away(lease, written, cast):
    delete_message(written, by=cast.ana)
    (work,) = claim(lease)
    assert outbound.outgoing_of([work]) == {}
    outbound.drop_work(lease, work)
    settle(lease, refused("No such message"))
    assert seen(written)["isDeleted"] is True


def test_a_message_that_failed_keeps_its_own_reason(lease, written, cast):
    (work,) = claim(lease)
    edit_message(Message.objects.get(), body="It costs 12", by=cast.ana)
    outbound.record_result(lease, work, refused("No such number"), "sandbox", SANDBOX)
    settle(lease, refused("It was never sent"))
    shown = seen(written)
    assert shown["body"] == "It costs 12"
    assert (shown["status"], shown["failure"]["reason"]) == ("failed", "No such number")


def test_work_on_a_message_that_is_gone_is_settled(lease, out, cast):
    edit_message(out, body="It costs 12", by=cast.ana)
    Message.objects.all().delete()
    settle(lease, refused())
    assert not Outbox.objects.filter(kind="edit").exists()


def emoji_on(message):
    """Our emoji as agents see it, if any."""
    ours = Message.objects.filter(quoted=message, kind=Message.Kind.REACTION, deleted_at=None)
    return "".join(ours.values_list("body", flat=True))


@pytest.mark.parametrize(("first", "second"), [("👍", "🙏"), ("👍", ""), ("", "🙏")])
def test_a_refused_reaction_gives_way_to_what_the_customer_sees(
    lease, out, cast, told, first, second
):
    if first:
        react_to(out, emoji=first, by=cast.ana)
        settle(lease, accepted())
    react_to(out, emoji=second, by=cast.ana)
    assert emoji_on(out) == second
    with told.during() as frames:
        settle(lease, refused())
    assert emoji_on(out) == first
    assert seen(out)["failure"]["change"] == "react"
    updated = [orjson.loads(frame.data)["message"]["id"] for frame in frames]
    assert out.pk in updated

    react_to(out, emoji="😂", by=cast.ana)
    assert (emoji_on(out), seen(out)["failure"]) == ("😂", None)


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ((refused, refused), "👍"),
        ((refused, accepted), "😂"),
        ((accepted, refused), "🙏"),
    ],
)
def test_of_two_reactions_each_falls_back_to_what_was_seen_before_it(
    lease, out, cast, answers, left
):
    react_to(out, emoji="👍", by=cast.ana)
    settle(lease, accepted())
    react_to(out, emoji="🙏", by=cast.ana)
    react_to(out, emoji="😂", by=cast.ana)
    for answer in answers:
        settle(lease, answer())
    assert emoji_on(out) == left


def reacted(message, emoji, wire_id="P1"):
    return Reacted(
        wire_id=wire_id,
        chat=message.chat,
        at=timezone.now(),
        raw={},
        target=message.wire_id,
        sender=Person(identities=()),
        from_me=True,
        emoji=emoji,
    )


def test_a_reaction_of_the_phone_takes_the_place_of_an_agents_and_outlives_its_refusal(
    lease, out, cast
):
    react_to(out, emoji="👍", by=cast.ana)
    apply_reaction(cast.number, reacted(out, "🙏"))
    assert emoji_on(out) == "🙏"
    settle(lease, refused())
    assert emoji_on(out) == "🙏"


def test_what_the_phone_took_back_meanwhile_does_not_return(lease, out, cast):
    react_to(out, emoji="👍", by=cast.ana)
    settle(lease, accepted())
    react_to(out, emoji="", by=cast.ana)
    apply_reaction(cast.number, reacted(out, ""))
    settle(lease, refused())
    assert emoji_on(out) == ""
