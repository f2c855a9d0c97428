"""Histories of tickets for tests of reports: drawn at random, then stored row by row."""

import datetime
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import transaction
from hypothesis import strategies as st

from contacts.models import Contact, ContactTag
from messaging.models import Message
from tickets.models import Episode, Rating, Ticket, TicketTag
from tickets.services.reports import Period

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime.datetime(2026, 3, 10, 12, tzinfo=ZONE)
MONDAY = datetime.datetime(2026, 3, 9, tzinfo=ZONE)
# Four days, to the second; a minute before and after midnight come up often.
MOMENTS = st.one_of(
    st.integers(0, 4 * 86_400),
    st.builds(
        lambda day, second: day * 86_400 + second, st.integers(1, 3), st.sampled_from([-1, 0, 1])
    ),
).map(lambda seconds: MONDAY + datetime.timedelta(seconds=seconds))
# No time at all is frequent, and left out of averages; clocks that go backwards happen.
SECONDS = st.sampled_from([-30, 0, 0, 1, 59, 60, 61, 600, 3_601, 90_000])
PLACES = st.sampled_from([None, 0, 1])
TAGS = st.sets(st.integers(0, 2), max_size=2)


def minutes(count):
    return datetime.timedelta(minutes=count)


@dataclass
class Stretch:
    """An episode as drawn; `agent`, `queue` and `connection` are places in lists, or None."""

    agent: int | None
    queue: int | None
    connection: int | None
    began: datetime.datetime
    wait: int | None
    service: int | None
    rating_after: int | None
    rate: int
    messages: list[tuple[int, str, bool]]

    @property
    def taken(self):
        return None if self.wait is None else self.began + datetime.timedelta(seconds=self.wait)

    @property
    def closed(self):
        """When service ended, or None; it can end before anybody took it up."""
        if self.service is None:
            return None
        return (self.taken or self.began) + datetime.timedelta(seconds=self.service)

    @property
    def rated(self):
        if self.rating_after is None or self.closed is None:
            return None
        return self.closed + datetime.timedelta(seconds=self.rating_after)


@dataclass
class Story:
    """A ticket as drawn, with all that happened on it."""

    status: str
    agent: int | None
    queue: int | None
    connection: int | None
    is_group: bool
    by_agent: bool
    opened: datetime.datetime
    known_since: datetime.datetime
    own_tags: set[int]
    contact_tags: set[int]
    stretches: list[Stretch] = field(default_factory=list)

    def finished(self, stretch):
        """Only the last stretch can lack its end."""
        is_last = stretch is self.stretches[-1]
        if is_last and (stretch.closed is None or self.status == "nps"):
            return None
        return stretch.rated or stretch.closed or stretch.began

    def messages(self):
        for stretch in self.stretches:
            for seconds, origin, is_private in stretch.messages:
                yield stretch.began + datetime.timedelta(seconds=seconds), origin, is_private


STRETCHES = st.builds(
    Stretch,
    agent=st.sampled_from([None, 0, 0, 1, 2]),
    queue=PLACES,
    connection=PLACES,
    began=MOMENTS,
    wait=st.none() | SECONDS,
    service=st.none() | SECONDS,
    rating_after=st.none() | st.sampled_from([0, 30, 90_000]),
    rate=st.integers(0, 10),
    messages=st.lists(
        st.tuples(
            st.sampled_from([-5, 0, 30, 60, 700, 90_000]),
            st.sampled_from(["contact", "agent", "phone", "bot", "flow"]),
            st.booleans(),
        ),
        max_size=3,
    ),
)
STORIES = st.lists(
    st.builds(
        Story,
        status=st.sampled_from(["open", "pending", "closed", "closed", "group", "nps", "lgpd"]),
        agent=st.sampled_from([None, 0, 0, 1, 2]),
        queue=PLACES,
        connection=st.sampled_from([0, 1]),
        is_group=st.sampled_from([False, False, True]),
        by_agent=st.booleans(),
        opened=MOMENTS,
        known_since=MOMENTS,
        own_tags=TAGS,
        contact_tags=TAGS,
        stretches=st.lists(STRETCHES, max_size=3),
    ),
    max_size=7,
)
DAYS = st.integers(-1, 5).map(lambda days: MONDAY.date() + datetime.timedelta(days=days))


@st.composite
def periods(draw):
    first, last = sorted([draw(DAYS), draw(DAYS)])
    return Period(draw(st.sampled_from([first, first, None])), draw(st.sampled_from([last, None])))


@dataclass
class Office:
    """What places in a history stand for."""

    people: list
    queues: list
    connections: list
    tags: list

    def agent(self, place):
        return None if place is None else self.people[place].pk

    def queue(self, place):
        return None if place is None else self.queues[place].pk

    def connection(self, place):
        return None if place is None else self.connections[place].pk


def write(office, stories):
    """Store a history."""
    for number, story in enumerate(stories):
        contact = Contact.objects.create(
            name=f"Customer {number}",
            address=f"55119{number:08}",
            is_group=story.is_group,
            created_at=story.known_since,
        )
        ticket = Ticket.objects.create(
            contact=contact,
            status=story.status,
            agent_id=office.agent(story.agent),
            queue_id=office.queue(story.queue),
            connection_id=office.connection(story.connection),
            is_group=story.is_group,
            is_opened_by_agent=story.by_agent,
            created_at=story.opened,
        )
        TicketTag.objects.bulk_create(
            TicketTag(ticket=ticket, tag=office.tags[tag]) for tag in story.own_tags
        )
        ContactTag.objects.bulk_create(
            ContactTag(contact=contact, tag=office.tags[tag]) for tag in story.contact_tags
        )
        episodes = Episode.objects.bulk_create(
            Episode(
                ticket=ticket,
                agent_id=office.agent(one.agent),
                queue_id=office.queue(one.queue),
                connection_id=office.connection(one.connection),
                created_at=one.began,
                queued_at=one.began,
                started_at=one.taken,
                closed_at=one.closed,
                finished_at=story.finished(one),
            )
            for one in story.stretches
        )
        Rating.objects.bulk_create(
            Rating(ticket=ticket, episode=episode, agent_id=episode.agent_id, rate=one.rate,
                   created_at=one.rated)
            for one, episode in zip(story.stretches, episodes, strict=True)
            if one.rated
        )  # fmt: skip
        Message.objects.bulk_create(
            Message(ticket=ticket, contact=contact, sent_at=at, origin=origin, is_private=private)
            for at, origin, private in story.messages()
        )


class history:
    """A stored history that is gone after the block."""

    def __init__(self, office, stories):
        self.office, self.stories = office, stories

    def __enter__(self):
        self.block = transaction.atomic()
        self.block.__enter__()
        write(self.office, self.stories)

    def __exit__(self, *_):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
