"""The steps of an inbound message, in the order of behaviour rule 20.

A step says when it may have something to do (`wants`, asked in the batch that stores a message, of
what is in memory) and does it (`take`, in the turn's transaction). Another app registers steps of
its own with `add_step` when it is made ready, at a letter of that rule (q to u and y are free).
What has to ask the network does not do so here: such a step writes down its own work, plans
it in the agenda and stops the pipeline.
"""

import datetime
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from django.utils import timezone

from companies.models import CompanySettings
from contacts.models import Contact
from messaging.models import Message
from messaging.services.say import say
from tickets.models import Queue, Ticket
from whatsapp.models import Connection


class Outcome(Enum):
    """What a step says to those after it."""

    ON = "on"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message just stored, with what is known of its surroundings without asking anybody."""

    message: Message
    ticket: Ticket
    connection: Connection
    settings: CompanySettings
    # The queue that the ticket was opened into with this very message.
    entered: Queue | None = None

    @property
    def is_chatter(self) -> bool:
        """Tell whether it belongs to a group that is no ticket: the bot has no business there."""
        return self.ticket.is_group and not self.connection.groups_as_tickets


@dataclass
class Situation:
    """One turn: the message, its ticket (locked and fresh), and how to answer."""

    message: Message
    ticket: Ticket
    connection: Connection
    settings: CompanySettings
    now: datetime.datetime = field(default_factory=timezone.now)
    # Set where an earlier step has used the words up: a "1" that meant yes chooses no queue.
    is_answered: bool = False

    @property
    def contact(self) -> Contact:
        return self.ticket.contact

    @property
    def is_chatter(self) -> bool:
        """Tell whether it is a group that is no ticket."""
        return self.ticket.is_group and not self.connection.groups_as_tickets

    @property
    def answer(self) -> str:
        """What the customer chose or typed: the id of a button or row, else the text."""
        if self.is_answered:
            return ""
        return str(self.message.data.get("reply_id") or self.message.body).strip()

    @cached_property
    def queues(self) -> list[Queue]:
        """The connection's queues, in the order of its menu."""
        return list(self.connection.queues.all())

    def key(self, part: str) -> str:
        """Make the key under which a part of the answer to this message is sent once."""
        return f"bot:{self.message.pk}:{part}"

    def say(
        self, text: str, part: str, *, media_path: str = "", quoted: Message | None = None
    ) -> Message | None:
        """Send a text to the customer, once for this message and part; None where it cannot be."""
        return say(self.ticket, text, key=self.key(part), media_path=media_path, quoted=quoted)


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A place in the order of rule 20 and what is done there."""

    place: str
    wants: Callable[[Arrival], bool] = field(compare=False)
    take: Callable[[Situation], Outcome] = field(compare=False)
    hears_calls: bool = field(compare=False, default=False)

    def is_about(self, message: Message) -> bool:
        """Tell whether it is for messages of this kind: a call says nothing to a menu."""
        return self.hears_calls or message.kind != Message.Kind.CALL


_steps: list[Step] = []


def add_step(
    place: str,
    *,
    wants: Callable[[Arrival], bool],
    take: Callable[[Situation], Outcome],
    hears_calls: bool = False,
) -> None:
    """Register a step at a letter of rule 20; raise ValueError where the place is taken."""
    if any(step.place == place for step in _steps):
        raise ValueError(f"two steps at {place!r}")
    insort(_steps, Step(place, wants, take, hears_calls))


def is_wanted(arrival: Arrival) -> bool:
    """Tell whether any step may have something to do for a message."""
    return any(step.is_about(arrival.message) and step.wants(arrival) for step in _steps)


def take_steps(situation: Situation) -> None:
    """Go through the steps until one stops or the conversation is over (behaviour 22)."""
    for step in _steps:
        if situation.ticket.status == Ticket.Status.CLOSED:
            return
        if step.is_about(situation.message) and step.take(situation) is Outcome.STOP:
            return
