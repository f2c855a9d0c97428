"""From stored events to what they mean: in any order, past any bad one, each of them once."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from dispatch.models import Inbox
from events.models import EventRecord
from messaging.events import MessageEdited, MessageReceived
from messaging.models import InboundEvent, Message
from messaging.services import receive
from tickets.models import Ticket
from whaticket.testing.races import at_once
from whatsapp.drivers.sandbox.wire import parse_event
from whatsapp.models import Connection
from whatsapp.services.inbound import PATIENCE, project_events, store_events
from whatsapp.services.upkeep import project_all

CHAT = "5511988887777@s.whatsapp.net"
NOON = 1_790_000_000.0


def event(kind="message", id="A1", *, at=0.0, chat=CHAT, **fields):
    """One event of the simulated network, as its driver reads it."""
    if kind == "message":
        fields = {"message": {"type": "text", "text": fields.pop("text", "oi")}} | fields
    raw = {"kind": kind, "id": id, "chat": chat, "sender": chat, "at": NOON + at, **fields}
    return parse_event(raw)


def store(connection, *events):
    return store_events(connection.pk, [one for parsed in events for one in parsed])


def waiting():
    return Inbox.objects.count()


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def bad_one(monkeypatch):
    """A message that something written along with it refuses."""

    def refuse(_connection, messages):
        if any(message.wire_id == "BAD" for message in messages):
            raise KeyError("cannot be")

    monkeypatch.setattr(receive, "_followers", [*receive._followers, refuse])


def test_an_edit_that_overtook_its_message_waits_for_it(cast, heard):
    store(cast.number, event("edit", "A1", at=5, text="it costs 12"))
    assert project_all(cast.number.pk) == 0
    assert waiting() == 1
    store(cast.number, event(id="A1", text="it costs 10"))
    project_all(cast.number.pk)
    message = Message.objects.get()
    assert (message.body, message.data["edits"]) == ("it costs 12", ["it costs 10"])
    assert (waiting(), len(heard(MessageEdited))) == (0, 1)


def test_a_deletion_and_a_reaction_that_came_first_find_their_message_in_one_batch(cast):
    store(
        cast.number,
        event("reaction", "R1", at=3, target="A1", emoji="❤️"),
        event("revoke", "A2", at=4),
        event(id="A2", text="typo", at=2),
        event(id="A1", text="bom dia", at=1),
    )
    project_all(cast.number.pk)
    reaction = Message.objects.get(kind="reaction")
    assert reaction.quoted.wire_id == "A1"
    assert Message.objects.get(wire_id="A2").deleted_at is not None
    assert waiting() == 0


def test_messages_in_the_wrong_order_stand_in_the_networks_order(cast):
    store(cast.number, event(id="A3", text="three", at=3), event(id="A1", text="one", at=1))
    store(cast.number, event(id="A2", text="two", at=2))
    project_all(cast.number.pk)
    rows = Message.objects.order_by("sent_at").values_list("body", flat=True)
    assert list(rows) == ["one", "two", "three"]
    assert Ticket.objects.get().last_message == "three"


def test_what_waits_for_its_message_does_not_hold_up_what_came_later(cast):
    store(cast.number, event("edit", "NEVER", text="x"), event(id="A1"), event(id="A2"))
    project_all(cast.number.pk)
    assert Message.objects.count() == 2
    assert waiting() == 1


def test_what_waits_in_vain_is_kept_with_the_reason(cast):
    store(cast.number, event("edit", "NEVER", text="x"))
    InboundEvent.objects.update(received_at=timezone.now() - PATIENCE - timedelta(minutes=1))
    assert project_all(cast.number.pk) == 1
    kept = InboundEvent.objects.get()
    assert (kept.failure, waiting()) == ("its message never came", 0)
    assert kept.projected_at is not None


def test_a_bad_event_blocks_nothing_behind_it_and_is_kept_with_the_reason(cast, bad_one):
    store(cast.number, event(id="A1"), event(id="BAD", at=1), event(id="A2", at=2))
    assert project_all(cast.number.pk) == 3
    assert set(Message.objects.values_list("wire_id", flat=True)) == {"A1", "A2"}
    (kept,) = InboundEvent.objects.exclude(failure="")
    assert (kept.wire_id, kept.failure) == ("BAD", "KeyError: 'cannot be'")
    assert kept.raw["message"]["text"] == "oi"
    assert waiting() == 0


def test_a_kept_event_can_be_read_again_when_its_fault_is_mended(cast, monkeypatch, bad_one):
    store(cast.number, event(id="BAD"))
    project_all(cast.number.pk)
    monkeypatch.undo()
    kept = InboundEvent.objects.get()
    Inbox.objects.create(company_id=cast.acme.pk, connection_id=cast.number.pk, event_id=kept.pk)
    project_all(cast.number.pk)
    assert Message.objects.get().wire_id == "BAD"
    assert InboundEvent.objects.get().failure == ""


def test_a_database_that_is_away_makes_no_event_bad(cast, monkeypatch):
    def be_away(_connection, _messages):
        raise OperationalError("the connection is lost")

    store(cast.number, event(id="A1"))
    with monkeypatch.context() as patch:
        patch.setattr(receive, "_followers", [be_away])
        with pytest.raises(OperationalError):
            project_events(cast.number.pk)
    project_all(cast.number.pk)
    assert Message.objects.get().wire_id == "A1"
    assert InboundEvent.objects.get().failure == ""


def test_a_death_in_the_middle_leaves_everything_for_the_next(cast, monkeypatch, heard):
    def die(_connection, _messages):
        raise Killed

    store(cast.number, event(id="A1"), event(id="A2"))
    with monkeypatch.context() as patch:
        patch.setattr(receive, "_followers", [*receive._followers, die])
        with pytest.raises(Killed):
            project_events(cast.number.pk)
    assert (Message.objects.count(), waiting()) == (0, 2)
    project_all(cast.number.pk)
    assert (Message.objects.count(), waiting()) == (2, 0)
    assert len(heard(MessageReceived)) == 2


def test_the_events_of_a_connection_that_is_gone_are_nobodys(cast):
    store(cast.number, event())
    assert project_events(cast.number.pk + 1) == 0
    assert store_events(cast.number.pk, []) == 0
    assert waiting() == 1


def test_of_projectors_at_once_each_event_is_projected_by_one(scratch_company):
    connection = Connection.objects.create(name="race", number="5511900000009", status="CONNECTED")
    chats = [f"55119{number:08d}@s.whatsapp.net" for number in range(20)]
    store(
        connection,
        *(
            event(id=f"{chat[:13]}-{place}", chat=chat, at=place, text=str(place))
            for place in range(15)
            for chat in chats
        ),
    )
    counts = at_once(lambda _: project_all(connection.pk), range(4))
    # Those who find the connection taken leave it to the one who has it.
    counts.append(project_all(connection.pk))
    assert sum(counts) == 300
    assert Message.objects.count() == 300
    assert EventRecord.objects.filter(name=MessageReceived.name).count() == 300
    assert not Inbox.objects.filter(company_id=scratch_company.pk).exists()
    assert Ticket.objects.count() == 20
    assert set(Ticket.objects.values_list("unread_count", "last_message")) == {(15, "14")}
