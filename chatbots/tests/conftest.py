"""A number that two queues answer, a customer who writes, and what the bot says to it."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from chatbots.models import PendingText, Turn
from chatbots.services.later import say_pending
from chatbots.services.turns import answer_ticket
from companies.services import forget_settings
from messaging.models import Message
from messaging.services.receive import receive_messages
from messaging.tests.test_receive import CARLA, arrival
from tickets.models import Ticket
from tickets.tests.conftest import customer, make_ticket  # noqa: F401 (fixtures)


@pytest.fixture
def settings_are(acme):
    """`settings_are(asks_rating=True)`: what the company has switched on from now on."""

    def change(**fields):
        type(acme.settings).objects.filter(company=acme).update(**fields)
        forget_settings(acme.pk)

    yield change
    forget_settings(acme.pk)


@pytest.fixture
def number_is(cast):
    """`number_is(greeting_message="Oi")`: how the number is set up from now on."""

    def change(**fields):
        for name, value in fields.items():
            setattr(cast.number, name, value)
        cast.number.save(update_fields=list(fields))

    return change


class Chat:
    """A customer's side of a conversation."""

    def __init__(self, number, who=CARLA):
        self.number, self.who, self.count = number, who, 0

    def hear(self, text="oi", *, is_answered=True, **content):
        """Let the customer write; the bot takes its turn unless told not to."""
        self.count += 1
        event = arrival(
            f"{self.who.value}-{self.count}", text, who=self.who, seconds=self.count, **content
        )
        (message,) = receive_messages(self.number, [event])
        if is_answered:
            self.answer()
        return message

    def answer(self):
        """Let the bot take every turn that waits, and say what it was about to say."""
        for ticket in Ticket.objects.order_by("pk"):
            answer_ticket(ticket.pk)
        self.settle()

    def settle(self):
        """Let the moment of pending texts come."""
        PendingText.objects.update(due_at=timezone.now())
        for ticket_id in PendingText.objects.values_list("ticket_id", flat=True):
            say_pending(ticket_id)

    @property
    def ticket(self):
        return Ticket.objects.filter(connection=self.number).order_by("-pk").first()

    @property
    def said(self):
        """What the bot has said so far, without its mark."""
        rows = Message.objects.filter(origin="bot").order_by("pk")
        return [body.removeprefix("\u200e") for body in rows.values_list("body", flat=True)]

    @property
    def turns(self):
        return Turn.objects.count()


@pytest.fixture
def chat(cast):
    return Chat(cast.number)


@pytest.fixture
def one_queue(cast):
    """The number is answered by Sales only."""
    cast.number.queues.set([cast.sales])
    return SimpleNamespace(queue=cast.sales)
