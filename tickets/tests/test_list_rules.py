"""Which tickets a list shows: a test for every rule of R-LIST (behaviour 148-154)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from companies.models import CompanySettings
from contacts.models import Tag
from messaging.models import Message
from tickets.models import QueueMember, Ticket


@pytest.fixture
def shown(api):
    """`shown(cast.ana, status="open")`: the tickets of a list, as a set of ids, in one page."""

    def ask(user, **params):
        answer = api(user).get("/tickets", params)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        ids = [row["id"] for row in body["tickets"]]
        assert body["count"] == len(ids)
        assert len(ids) == len(set(ids))
        return set(ids)

    return ask


@pytest.fixture
def may(cast):
    """`may(cast.ana, sees_unqueued=True)`: give somebody rights."""

    def change(user, **rights):
        User.objects.filter(pk=user.pk).update(**rights)

    return change


@pytest.fixture
def boss(cast):
    """Rui, the administrator, answers both queues as clients of the contract ask for them."""
    for queue in (cast.sales, cast.support):
        QueueMember.objects.create(queue=queue, user=cast.rui)
    return cast.rui


def queues(*them):
    return f"[{','.join(str(queue.pk) for queue in them)}]"


def pks(*tickets):
    return {ticket.pk for ticket in tickets}


def conversation(make_ticket, count=2, **fields):
    """Several closed tickets of one contact on one connection; the newest is the last."""
    made = []
    for number in range(count):
        is_newest = number == count - 1
        made.append(make_ticket(status="closed", is_newest_closed=is_newest, **fields))
        fields["contact"] = made[0].contact
    return made


# ------------------------------------------------------------------------------------ 148


def test_148_without_a_status_it_is_what_is_mine_or_waits_in_the_queues_asked_for(
    cast, make_ticket, shown, may
):
    mine = make_ticket(status="open", agent=cast.ana)
    waits = make_ticket(status="pending")
    in_support = make_ticket(status="open", agent=cast.ana, queue=cast.support)
    nowhere = make_ticket(status="pending", queue=None)
    make_ticket(status="open", agent=cast.bia)
    make_ticket(status="pending", queue=cast.support)

    assert shown(cast.ana, queueIds=queues(cast.sales)) == pks(mine, waits)
    assert shown(cast.ana, queueIds=queues(cast.support)) == pks(in_support)
    assert shown(cast.ana) == pks(mine, waits)
    may(cast.ana, sees_unqueued=True)
    assert shown(cast.ana, queueIds=queues(cast.sales)) == pks(mine, waits, nowhere)


def test_148_a_queue_that_is_not_mine_shows_nothing_of_others_however_asked(
    cast, make_ticket, shown
):
    make_ticket(status="pending", queue=cast.support)
    make_ticket(status="open", agent=cast.bia, queue=cast.support)
    for params in ({}, {"status": "pending"}, {"showAll": "true"}, {"status": "search"}):
        assert shown(cast.ana, queueIds=queues(cast.support), **params) == set()


# ------------------------------------------------------------------------------------ 149


def test_149_open_are_my_own_in_the_queues_asked_for(cast, make_ticket, shown):
    mine = make_ticket(status="open", agent=cast.ana)
    make_ticket(status="open", agent=cast.bia)
    make_ticket(status="open", agent=cast.ana, queue=cast.support)
    make_ticket(status="open", agent=cast.ana, queue=None)
    make_ticket(status="pending", agent=cast.ana)
    assert shown(cast.ana, status="open", queueIds=queues(cast.sales)) == pks(mine)


def test_149_pending_are_mine_and_nobodys(cast, make_ticket, shown):
    mine = make_ticket(status="pending", agent=cast.ana)
    free = make_ticket(status="pending")
    make_ticket(status="pending", agent=cast.bia)
    make_ticket(status="lgpd")
    assert shown(cast.ana, status="pending", queueIds=queues(cast.sales)) == pks(mine, free)


def test_149_pending_without_a_queue_needs_the_right_and_history_lifts_the_limit(
    cast, make_ticket, shown, may
):
    free = make_ticket(status="pending")
    nowhere = make_ticket(status="pending", queue=None)
    elsewhere = make_ticket(status="pending", queue=cast.support)
    asked = {"status": "pending", "queueIds": queues(cast.sales)}

    assert shown(cast.ana, **asked) == pks(free)
    may(cast.ana, sees_unqueued=True)
    assert shown(cast.ana, **asked) == pks(free, nowhere)
    may(cast.ana, sees_all_history=True)
    assert shown(cast.ana, **asked) == pks(free, nowhere, elsewhere)
    # History lifts the limit of queues and gives no right to what has none.
    may(cast.ana, sees_unqueued=False)
    assert shown(cast.ana, **asked) == pks(free, elsewhere)


def test_149_groups_need_the_right_and_keep_to_ones_own_connection(cast, make_ticket, shown, may):
    from whatsapp.models import Connection

    other = Connection.objects.create(name="other")
    here = make_ticket(status="group", is_group=True)
    nowhere = make_ticket(status="group", is_group=True, queue=None)
    there = make_ticket(status="group", is_group=True, connection=other)
    make_ticket(status="group", is_group=True, queue=cast.support)
    asked = {"status": "group", "queueIds": queues(cast.sales)}

    assert shown(cast.ana, **asked) == set()
    may(cast.ana, sees_groups=True)
    assert shown(cast.ana, **asked) == pks(here, nowhere, there)
    may(cast.ana, connection_id=other.pk)
    assert shown(cast.ana, **asked) == pks(there)


# ------------------------------------------------------------------------------------ 150


def test_150_showing_all_needs_an_administrator_or_the_right(cast, boss, make_ticket, shown, may):
    mine = make_ticket(status="open", agent=cast.ana)
    hers = make_ticket(status="open", agent=cast.bia)
    asked = {"status": "open", "showAll": "true", "queueIds": queues(cast.sales)}

    assert shown(cast.ana, **asked) == pks(mine)
    assert shown(boss, **asked) == pks(mine, hers)
    assert shown(boss, **{**asked, "showAll": "false"}) == set()
    may(cast.ana, sees_all_users=True)
    assert shown(cast.ana, **asked) == pks(mine, hers)


@pytest.mark.parametrize(
    ("history", "unqueued", "seen"),
    [
        (False, False, {"sales"}),
        (False, True, {"sales", "none"}),
        (True, False, {"sales", "support"}),
        (True, True, {"sales", "support", "none"}),
    ],
)
def test_150_which_queues_all_means(cast, boss, make_ticket, shown, may, history, unqueued, seen):
    rows = {
        "sales": make_ticket(status="open", agent=cast.bia),
        "support": make_ticket(status="open", agent=cast.bia, queue=cast.support),
        "none": make_ticket(status="open", agent=cast.bia, queue=None),
    }
    rights = {"sees_all_history": history, "sees_unqueued": unqueued}
    expected = {rows[name].pk for name in seen}
    asked = {"status": "open", "showAll": "true", "queueIds": queues(cast.sales)}
    may(boss, **rights)
    may(cast.ana, sees_all_users=True, **rights)
    assert shown(boss, **asked) == expected
    assert shown(cast.ana, **asked) == expected


def test_150_pending_of_all_includes_who_has_yet_to_consent(cast, boss, make_ticket, shown):
    waits, asks = make_ticket(status="pending"), make_ticket(status="lgpd")
    asked = {"status": "pending", "queueIds": queues(cast.sales)}
    assert shown(boss, **asked) == pks(waits)
    assert shown(boss, showAll="true", **asked) == pks(waits, asks)


# ------------------------------------------------------------------------------------ 151


def test_151_closed_shows_the_newest_of_each_conversation(cast, make_ticket, shown):
    from whatsapp.models import Connection

    *_, newest = conversation(make_ticket, 3, agent=cast.ana)
    other = Connection.objects.create(name="other")
    elsewhere = make_ticket(status="closed", contact=newest.contact, connection=other)
    asked = {"status": "closed", "queueIds": queues(cast.sales)}
    assert shown(cast.ana, **asked) == pks(newest, elsewhere)


def test_151_closed_keeps_to_the_queues_and_none_needs_the_right(cast, make_ticket, shown, may):
    here = make_ticket(status="closed")
    nowhere = make_ticket(status="closed", queue=None)
    make_ticket(status="closed", queue=cast.support)
    asked = {"status": "closed", "queueIds": queues(cast.sales)}
    assert shown(cast.ana, **asked) == pks(here)
    # What one may not open is not listed either, whatever is asked for.
    assert shown(cast.ana, showAll="true", **asked) == pks(here)
    may(cast.ana, sees_unqueued=True)
    assert shown(cast.ana, **asked) == pks(here, nowhere)


def test_151_an_administrator_sees_their_own_unless_all_are_asked_for(
    cast, boss, make_ticket, shown
):
    mine = make_ticket(status="closed", agent=boss)
    hers = make_ticket(status="closed", agent=cast.ana)
    nowhere = make_ticket(status="closed", agent=cast.ana, queue=None)
    asked = {"status": "closed", "queueIds": queues(cast.sales)}
    assert shown(boss, **asked) == pks(mine)
    assert shown(boss, showAll="true", **asked) == pks(mine, hers, nowhere)


# ------------------------------------------------------------------------------------ 152


def test_152_a_search_finds_the_newest_of_each_conversation(cast, make_ticket, shown, customer):
    joana = customer("Joana Conceição", "5511944443333")
    *_, newest = conversation(make_ticket, 2, contact=joana)
    make_ticket(status="pending", contact=customer("Pedro", "5511944442222"))
    for text in ("joana conceicao", "CONCEIÇÃO", "44443333"):
        assert shown(cast.ana, status="search", searchParam=text) == pks(newest)
    live = make_ticket(status="pending", contact=joana)
    assert shown(cast.ana, status="search", searchParam="joana") == pks(live)


def test_152_a_search_is_among_own_waiting_closed_and_groups_unless_all(
    cast, boss, make_ticket, shown, may
):
    found = {
        "own": make_ticket(status="open", agent=cast.ana),
        "pending": make_ticket(status="pending"),
        "closed": make_ticket(status="closed", agent=cast.bia),
    }
    group = make_ticket(status="group", is_group=True)
    foreign = make_ticket(status="open", agent=cast.bia)
    asked = {"status": "search", "queueIds": queues(cast.sales)}

    assert shown(cast.ana, **asked) == pks(*found.values())
    may(cast.ana, sees_groups=True)
    assert shown(cast.ana, **asked) == pks(*found.values(), group)
    assert shown(boss, **asked) == pks(found["pending"], found["closed"], group)
    assert shown(boss, showAll="true", **asked) == pks(*found.values(), group, foreign)


def test_152_messages_are_searched_only_when_asked(cast, make_ticket, shown):
    ticket = make_ticket(status="pending")
    make_ticket(status="pending")
    Message.objects.create(
        ticket=ticket, contact=ticket.contact, body="segunda via do BOLETO", sent_at=timezone.now()
    )
    asked = {"status": "search", "searchParam": "boleto"}
    assert shown(cast.ana, **asked) == set()
    assert shown(cast.ana, searchOnMessages="true", **asked) == pks(ticket)


def test_152_filters_by_tags_of_the_contact_people_connections_and_status(
    cast, boss, make_ticket, shown
):
    from whatsapp.models import Connection

    other = Connection.objects.create(name="other")
    tag = Tag.objects.create(name="vip")
    tagged = make_ticket(status="pending")
    tagged.contact.tags.add(tag)
    hers = make_ticket(status="open", agent=cast.bia)
    there = make_ticket(status="closed", connection=other)
    every = {"showAll": "true", "queueIds": queues(cast.sales)}
    for params, ticket in (
        ({"tags": f"[{tag.pk}]"}, tagged),
        ({"users": f"[{cast.bia.pk}]"}, hers),
        ({"whatsapps": f"[{other.pk}]"}, there),
        ({"statusFilter": '["closed"]'}, there),
    ):
        assert shown(boss, status="search", **every, **params) == pks(ticket)
    # Elsewhere they do not limit.
    assert shown(boss, status="open", users=f"[{cast.ana.pk}]", **every) == pks(hers)


# ------------------------------------------------------------------------------------ 153


@pytest.mark.parametrize("waiting_is_news", [False, True])
def test_153_what_deserves_a_notification(cast, make_ticket, shown, may, waiting_is_news):
    CompanySettings.objects.filter(company=cast.acme).update(notifies_pending=waiting_is_news)
    unread = {"unread_count": 2}
    mine = make_ticket(status="open", agent=cast.ana, **unread)
    waits = make_ticket(status="pending", **unread)
    nowhere = make_ticket(status="pending", queue=None, **unread)
    group = make_ticket(status="group", is_group=True, **unread)
    make_ticket(status="open", agent=cast.ana)
    make_ticket(status="open", agent=cast.bia, **unread)
    make_ticket(status="open", agent=cast.ana, queue=cast.support, **unread)
    make_ticket(status="pending", queue=cast.support, **unread)
    for over in ("closed", "lgpd", "nps"):
        make_ticket(status=over, agent=cast.ana, **unread)
    news = pks(mine, waits) if waiting_is_news else pks(mine)

    assert shown(cast.ana, withUnreadMessages="true") == news
    may(cast.ana, sees_groups=True)
    assert shown(cast.ana, withUnreadMessages="true") == news | pks(group)
    may(cast.ana, sees_unqueued=True)
    more = pks(group, nowhere) if waiting_is_news else pks(group)
    assert shown(cast.ana, withUnreadMessages="true") == news | more


# ------------------------------------------------------------------------------------ 154


def test_154_the_newest_change_first_or_last_forty_a_page(api, cast, make_ticket):
    now = timezone.now()
    tickets = [make_ticket(status="pending") for _ in range(43)]
    for age, ticket in enumerate(tickets):
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now - timedelta(minutes=age))
    order = [ticket.pk for ticket in tickets]

    def page(**params):
        answer = api(cast.ana).get("/tickets", {"status": "pending", **params}).json()
        return [row["id"] for row in answer["tickets"]], answer["count"], answer["hasMore"]

    assert page() == (order[:40], 43, True)
    assert page(pageNumber=2) == (order[40:], 43, False)
    assert page(sortTickets="DESC") == page()
    assert page(sortTickets="ASC") == (order[::-1][:40], 43, True)
    assert page(sortTickets="ASC", pageNumber=2) == (order[::-1][40:], 43, False)
