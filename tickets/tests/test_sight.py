"""Who sees which ticket: the filter for lists and the test for sockets are one rule."""

from dataclasses import replace

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickets.models import Queue, Ticket, TicketCount
from tickets.selection import CLOSED, GROUP, OPEN, PENDING, SEARCH, Wish
from tickets.sight import Sight, TicketFacts
from tickets.wire.compiled import counted, listed

FLAG = st.booleans()


@pytest.fixture
def zoo(cast, make_ticket):
    """A ticket of every kind that the rule tells apart."""
    agents = [None, cast.ana, cast.bia]
    for status in Ticket.Status.values:
        for queue in (None, cast.sales, cast.support):
            for agent in agents:
                for is_group in (False, True):
                    make_ticket(status=status, queue=queue, agent=agent, is_group=is_group)
    return Ticket.objects.all()


def facts(ticket):
    return TicketFacts(
        ticket.status, ticket.queue_id, ticket.agent_id, ticket.is_group, ticket.connection_id
    )


@st.composite
def sights(draw, user_id, queue_ids, connection_id):
    return Sight(
        user_id=user_id,
        is_admin=draw(FLAG),
        queue_ids=frozenset(draw(st.sets(st.sampled_from(queue_ids)))),
        sees_unqueued=draw(FLAG),
        sees_groups=draw(FLAG),
        sees_all_users=draw(FLAG),
        sees_all_history=draw(FLAG),
        connection_id=draw(st.sampled_from([None, connection_id, connection_id + 999])),
    )


def test_the_filter_and_the_test_agree_and_counts_agree_with_lists(cast, zoo):
    queue_ids = list(Queue.objects.values_list("pk", flat=True))
    rows = list(zoo)

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        sight=sights(cast.ana.pk, queue_ids, cast.number.pk),
        status=st.sampled_from([None, OPEN, PENDING, GROUP, CLOSED, SEARCH]),
        show_all=FLAG,
        asked=st.one_of(st.none(), st.sets(st.sampled_from(queue_ids)).map(tuple)),
    )
    def agree(sight, status, show_all, asked):
        seen = set(Ticket.objects.visible_to(sight).values_list("pk", flat=True))
        assert seen == {row.pk for row in rows if sight.allows(facts(row))}
        reach = set(Ticket.objects.within_reach_of(sight).values_list("pk", flat=True))
        assert seen <= reach
        wish = Wish(status=status, queue_ids=asked, show_all=show_all)
        where, params = listed(sight, wish)
        shown = {t.pk for t in Ticket.objects.extra(where=[where], params=params)}
        assert shown <= seen
        where, params = counted(sight, wish)
        total = TicketCount.objects.extra(where=[where], params=params).aggregate(n=Sum("amount"))
        assert (total["n"] or 0) == len(shown)

    agree()


def test_counts_follow_every_kind_of_change(cast, zoo):
    def truth():
        return Ticket.objects.filter(status="open", queue=cast.sales).count()

    def told():
        rows = TicketCount.objects.filter(status="open", queue_id=cast.sales.pk)
        return rows.aggregate(n=Sum("amount"))["n"] or 0

    assert told() == truth() > 0
    Ticket.objects.filter(queue=cast.support).update(queue=cast.sales)
    assert told() == truth()
    Ticket.objects.filter(status="open", agent=None).delete()
    assert told() == truth()
    for _ in range(12):  # enough rows to be folded together on the way
        Ticket.objects.filter(status="pending").update(status="open")
        Ticket.objects.filter(status="open").update(status="pending")
        assert told() == truth()
    assert TicketCount.objects.count() < 1200


def test_open_shows_ones_own_and_everyones_only_to_whom_it_is_allowed(api, cast, make_ticket):
    mine = make_ticket(status="open", agent=cast.ana)
    make_ticket(status="open", agent=cast.bia)
    http = api(cast.ana)
    for show_all in ("false", "true"):
        answer = http.get("/tickets", {"status": "open", "showAll": show_all}).json()
        assert [row["id"] for row in answer["tickets"]] == [mine.pk]
        assert answer["count"] == 1
    answer = api(cast.rui).get("/tickets", {"status": "open", "showAll": "true"}).json()
    assert answer["count"] == 2


def test_a_sight_is_a_key(cast):
    one = Sight.of(cast.ana, frozenset({1}))
    assert hash(one) == hash(replace(one))
