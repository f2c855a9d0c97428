"""Report numbers equal a plain recomputation over random histories.

The recomputation knows no SQL: it walks the history that was drawn, row by row.
"""

import datetime
import statistics
from dataclasses import dataclass

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Tag
from tickets.services import reports
from tickets.services.reports import GROUPS, SummaryFilter, TicketFilter, scope_of
from tickets.tests.histories import STORIES, ZONE, Office, Story, Stretch, history, periods
from whatsapp.models import Connection


@pytest.fixture
def office(cast):
    second = Connection.objects.create(name="second", driver="sandbox", number="5511900000003")
    return Office(
        people=[cast.ana, cast.bia, cast.rui],
        queues=[cast.sales, cast.support],
        connections=[cast.number, second],
        tags=[Tag.objects.create(name=f"tag {n}") for n in range(3)],
    )


# ------------------------------------------------------------------------------- recomputation


def took(start, end):
    """Minutes from one moment to another; none where either is missing or they are reversed."""
    return 0 if start is None or end is None else max((end - start).total_seconds() / 60, 0)


def mean(values):
    some = [value for value in values if value > 0]
    return statistics.fmean(some) if some else 0


def percent(part, whole):
    return part * 100 / whole if whole else 0


def day_of(moment):
    return moment.astimezone(ZONE).date()


def within(period, moment):
    if moment is None:
        return False
    day = day_of(moment)
    return (period.first is None or day >= period.first) and (
        period.last is None or day <= period.last
    )


def served_until(story, stretch):
    return stretch.closed or story.finished(stretch)


def close_to(value):
    return pytest.approx(value, abs=0.0051)


def plain_dashboard(stories, period, me):
    """The dashboard's counters of a history; `me` is the place of whose numbers alone count."""
    basis = [
        (story, one)
        for story in stories
        if within(period, story.opened)
        for one in story.stretches
        if me is None or one.agent == me
    ]
    rates = [one.rate for _, one in basis if one.rated]
    promoters = sum(rate > 8 for rate in rates)
    detractors = sum(rate < 7 for rate in rates)
    closed = [one for story, one in basis if story.status == "closed"]
    return {
        "avgSupportTime": close_to(
            mean(took(one.taken, served_until(story, one)) for story, one in basis)
        ),
        "avgWaitTime": close_to(mean(took(one.began, one.taken) for _, one in basis)),
        "tickets": len(basis),
        "supportFinished": len(closed),
        "supportGroups": sum(story.is_group for story, _ in basis),
        "leads": sum(
            len(story.stretches) == 1 and me in {None, story.stretches[0].agent}
            for story in stories
            if within(period, story.known_since) and not story.is_group
        ),
        "activeTickets": sum(story.by_agent for story, _ in basis),
        "passiveTickets": sum(not story.by_agent for story, _ in basis),
        "waitRating": sum(
            story.status == "nps" and story.finished(one) is None for story, one in basis
        ),
        "withRating": sum(one.rated is not None for one in closed),
        "withoutRating": sum(one.rated is None for one in closed),
        "percRating": close_to(percent(len(rates), len(basis))),
        "npsPromotersPerc": close_to(percent(promoters, len(rates))),
        "npsPassivePerc": close_to(percent(len(rates) - promoters - detractors, len(rates))),
        "npsDetractorsPerc": close_to(percent(detractors, len(rates))),
        "npsScore": close_to(percent(promoters - detractors, len(rates))),
    }


def plain_attendant(stories, period, place):
    basis = [
        (story, one)
        for story in stories
        if within(period, story.opened)
        for one in story.stretches
        if one.agent == place
    ]
    rates = [one.rate for _, one in basis if one.rated]
    return {
        "avgSupportTime": close_to(
            mean(took(one.taken, served_until(story, one)) for story, one in basis)
        ),
        "avgWaitTime": close_to(mean(took(one.began, one.taken) for _, one in basis)),
        "tickets": len(basis),
        "rating": close_to(statistics.fmean(rates) if rates else 0),
        "countRating": len(rates),
    }


@dataclass
class Fact:
    """Something that counts: when and where it came to be."""

    kind: str
    at: datetime.datetime
    story: Story
    place: Story | Stretch
    minutes: float = 0
    rate: int | None = None


def facts_of(stories):
    for story in stories:
        yield Fact("opened", story.opened, story, story)
        for one in story.stretches:
            end = story.finished(one)
            answers = [
                at
                for at, origin, private in story.messages()
                if at >= one.began
                and (end is None or at <= end)
                and origin in {"agent", "phone"}
                and not private
            ]
            if answers and not story.by_agent:
                yield Fact("answered", one.began, story, one, took(one.began, min(answers)))
            if one.taken:
                yield Fact("waited", one.taken, story, one, took(one.began, one.taken))
            if one.closed:
                yield Fact("served", one.closed, story, one, took(one.taken, one.closed))
            if one.rated:
                yield Fact("rated", one.rated, story, one, rate=one.rate)


def durations(facts, kind):
    some = [fact.minutes for fact in facts if fact.kind == kind and fact.minutes > 0]
    if not some:
        return (0, None, None, None)
    return (
        len(some),
        close_to(statistics.fmean(some)),
        close_to(statistics.median(some)),
        close_to(max(some)),
    )


def plain_numbers(facts):
    rates = [fact.rate for fact in facts if fact.kind == "rated"]
    return {
        "opened": sum(fact.kind == "opened" for fact in facts),
        "closed": sum(fact.kind == "served" for fact in facts),
        "first_response": durations(facts, "answered"),
        "waiting": durations(facts, "waited"),
        "handling": durations(facts, "served"),
        "ratings": (
            len(rates),
            close_to(statistics.fmean(rates)) if rates else None,
            sum(rate > 8 for rate in rates),
            sum(7 <= rate <= 8 for rate in rates),
            sum(rate < 7 for rate in rates),
        ),
    }


def numbers(found):
    def values(one):
        return tuple(getattr(one, name) for name in one.__dataclass_fields__)

    return {
        "opened": found.opened,
        "closed": found.closed,
        "first_response": values(found.first_response),
        "waiting": values(found.waiting),
        "handling": values(found.handling),
        "ratings": values(found.ratings),
    }


def keys_of(fact, group, office):
    """Under which keys of a grouping something counts."""
    if group == "agent":
        return [office.agent(fact.place.agent)]
    if group == "queue":
        return [office.queue(fact.place.queue)]
    if group == "connection":
        return [office.connection(fact.place.connection)]
    if group == "tag":
        tags = fact.story.own_tags | fact.story.contact_tags
        return [office.tags[tag].pk for tag in tags] or [None]
    if group == "day":
        return [day_of(fact.at).isoformat()]
    return [fact.at.astimezone(ZONE).hour]


@dataclass
class Limits:
    """What of the work is looked at; places, where empty does not limit and queue -1 is none."""

    queues: set[int]
    agents: set[int]
    connections: set[int]
    tags: set[int]
    with_groups: bool

    def leave(self, fact):
        queue = -1 if fact.place.queue is None else fact.place.queue
        tags = fact.story.own_tags | fact.story.contact_tags
        return (
            (not self.queues or queue in self.queues)
            and (not self.agents or fact.place.agent in self.agents)
            and (not self.connections or fact.place.connection in self.connections)
            and (not self.tags or self.tags & tags)
            and (self.with_groups or not fact.story.is_group)
        )

    def wanted(self, office, period):
        return SummaryFilter(
            period=period,
            queue_ids=tuple(0 if q == -1 else office.queues[q].pk for q in self.queues),
            agent_ids=tuple(map(office.agent, self.agents)),
            connection_ids=tuple(map(office.connection, self.connections)),
            tag_ids=tuple(office.tags[tag].pk for tag in self.tags),
            with_groups=self.with_groups,
        )


def rarely(strategy):
    return st.just(set()) | strategy


LIMITS = st.builds(
    Limits,
    queues=rarely(st.sets(st.integers(-1, 1))),
    agents=rarely(st.sets(st.integers(0, 2))),
    connections=rarely(st.sets(st.integers(0, 1))),
    tags=rarely(st.sets(st.integers(0, 2))),
    with_groups=st.booleans(),
)

# One test's fixtures serve all its examples; each example is rolled back.
many = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@many
@given(stories=STORIES, period=periods(), own=st.booleans())
def test_the_dashboard_equals_a_plain_recomputation(office, stories, period, own):
    viewer = office.people[0] if own else office.people[2]
    with history(office, stories):
        found = orjson.loads(reports.dashboard(scope_of(viewer), period))
    counters = found["counters"]
    happening, pending = counters.pop("supportHappening"), counters.pop("supportPending")
    assert counters == plain_dashboard(stories, period, 0 if own else None)
    if own:
        assert happening == sum((s.status, s.agent) == ("open", 0) for s in stories)
        # Hers, and what waits unassigned in her queue.
        assert pending == sum(
            s.status == "pending"
            and (s.agent == 0 or (s.agent is None and s.queue == 0 and not s.is_group))
            for s in stories
        )
    else:
        assert happening == sum(s.status == "open" for s in stories)
        assert pending == sum(s.status == "pending" for s in stories)
    for row in found["attendants"]:
        place = [person.pk for person in office.people].index(row["id"])
        plain = plain_attendant(stories, period, place)
        assert {key: row[key] for key in plain} | {"rating": float(row["rating"])} == plain
    assert len(found["attendants"]) == (1 if own else 3)


@many
@given(
    stories=STORIES,
    period=periods(),
    limits=LIMITS,
    group=st.sampled_from(GROUPS),
    own=st.booleans(),
)
def test_every_summary_equals_a_plain_recomputation(office, stories, period, limits, group, own):
    scope = scope_of(office.people[0] if own else office.people[2])
    wanted = limits.wanted(office, period)
    with history(office, stories):
        found = reports.summary(scope, wanted, by=group)
        nps, each = reports.ratings(scope, wanted)
    facts = [
        fact
        for fact in facts_of(stories)
        if within(period, fact.at) and limits.leave(fact) and (not own or fact.place.agent == 0)
    ]
    groups = {}
    for fact in facts:
        for key in keys_of(fact, group, office):
            groups.setdefault(key, []).append(fact)
    assert numbers(found.total) == plain_numbers(facts)
    assert {row.key: numbers(row.numbers) for row in found.rows} == {
        key: plain_numbers(some) for key, some in groups.items()
    }
    assert nps == found.total.ratings
    assert each == [sum(fact.rate == rate for fact in facts) for rate in range(11)]


@many
@given(stories=STORIES, period=periods())
def test_charts_and_the_ticket_report_equal_a_plain_recomputation(office, stories, period):
    manager = scope_of(office.people[2])
    with history(office, stories):
        agents = reports.tickets_per_agent(manager, period)
        days = reports.tickets_per_day(manager, period)
        hours = reports.tickets_per_hour(manager, period)
        report = orjson.loads(
            reports.ticket_report(manager.sight, TicketFilter(period=period), page=1, size=100)
        )
    opened = [story for story in stories if within(period, story.opened)]
    assert {name: amount for amount, name in agents} == {
        person.name: sum(story.agent == place for story in opened)
        for place, person in enumerate(office.people)
    }
    moments = [story.opened.astimezone(ZONE) for story in opened]
    assert dict(days) == {
        text: sum(moment.strftime("%d/%m/%Y") == text for moment in moments)
        for text in {moment.strftime("%d/%m/%Y") for moment in moments}
    }
    assert dict(hours) == {
        hour: sum(moment.hour == hour for moment in moments)
        for hour in {moment.hour for moment in moments}
    }
    assert report["totalTickets"]["total"] == str(len(opened))

    def row(story):
        total = sum(took(one.taken, served_until(story, one)) for one in story.stretches)
        minutes = int(total + 1e-9)
        rates = [one.rate for one in story.stretches if one.rated]
        return (
            story.opened.astimezone(ZONE).strftime("%d/%m/%Y %H:%M"),
            f"{minutes // 1440}d {minutes % 1440 // 60}h {minutes % 60}m",
            rates[-1] if rates else 0,
        )

    assert sorted((r["createdAt"], r["supportTime"], r["NPS"]) for r in report["tickets"]) == (
        sorted(map(row, opened))
    )
