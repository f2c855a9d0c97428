"""The board without a screen: who is let in, what stands where, what a page costs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import Plan, Subscription
from console.reads import board as reads
from console.tests.pages import FRAGMENT
from contacts.models import Contact, Tag
from tickets.models import Ticket, TicketTag


@pytest.fixture
def lanes(cast):
    return [Tag.objects.create(name=name, is_lane=True) for name in ("Proposal", "Won")]


@pytest.fixture
def placed(cast, lanes):
    """Make tickets in a lane, the newest last; give their ids."""

    def place(lane, *names, status="open", agent=None, queue=None):
        made = []
        for name in names:
            contact = Contact.objects.create(name=name, address=f"55119{Contact.objects.count()}")
            ticket = Ticket.objects.create(
                contact=contact,
                connection=cast.number,
                queue=queue or cast.sales,
                agent=agent or cast.ana,
                status=status,
                updated_at=timezone.now() + datetime.timedelta(seconds=Ticket.objects.count()),
            )
            if lane:
                TicketTag.objects.create(ticket=ticket, tag=lane)
            made.append(ticket.pk)
        return made

    return place


def board(client, query=""):
    """Give the names of each column's cards, top down, as the page has them."""
    answer = client.get(f"/app/board/{query}", **FRAGMENT)
    assert answer.status_code == 200
    return {
        column.lane.name if column.lane else "": [card.contact.name for card in column.cards]
        for column in answer.context["columns"]
    }


@pytest.mark.parametrize("path", ["/app/board/", "/app/board/column/", "/app/board/cards/?ids=1,x"])
def test_people_of_a_company_whose_plan_has_the_board_may_see_it(browser, cast, path):
    for user in (cast.ana, cast.bia, cast.rui, cast.eva):
        assert browser(user).get(path, **FRAGMENT).status_code == 200
    assert browser().get(path, **FRAGMENT).status_code == 401
    assert 'href="/app/board/"' in browser(cast.ana).get("/app/").content.decode()
    plan = Plan.objects.create(name="Small", use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    refused = browser(cast.ana).get(path, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")
    assert 'href="/app/board/"' not in browser(cast.ana).get("/app/").content.decode()
    assert browser(cast.eva).get(path, **FRAGMENT).status_code == 200


def test_each_card_stands_in_its_lane_the_newest_first_and_only_for_eyes_that_may(
    browser, cast, lanes, placed
):
    placed(None, "Rita")
    placed(lanes[0], "Saulo", "Beatriz")
    placed(lanes[1], "Davi", agent=cast.bia, queue=cast.support)
    placed(lanes[1], "Closed", status="closed")
    all_of_it = {"": ["Rita"], "Proposal": ["Beatriz", "Saulo"], "Won": ["Davi"]}
    assert board(browser(cast.rui)) == all_of_it
    assert board(browser(cast.ana)) == all_of_it | {"Won": []}
    assert board(browser(cast.rui), "?who=mine") == {"": [], "Proposal": [], "Won": []}
    assert board(browser(cast.eva)) == {"": []}


def test_filters_narrow_the_board_and_days_make_them_rest(browser, cast, lanes, placed):
    client = browser(cast.rui)
    (rita,) = placed(None, "Rita Água")
    (saulo,) = placed(lanes[0], "Saulo", agent=cast.bia, queue=cast.support)
    label = Tag.objects.create(name="Premium")
    TicketTag.objects.create(ticket_id=saulo, tag=label)
    Ticket.objects.filter(pk=rita).update(
        unread_count=2, created_at=timezone.now() - datetime.timedelta(days=40)
    )

    def shown(query):
        return [name for names in board(client, query).values() for name in names]

    assert shown(f"?queue={cast.support.pk}") == ["Saulo"]
    assert shown(f"?agent={cast.ana.pk}") == ["Rita Água"]
    assert shown(f"?tag={label.pk}") == ["Saulo"]
    assert shown("?unread=1") == ["Rita Água"]
    assert shown("?q=agua") == ["Rita Água"]
    today = timezone.localdate().isoformat()
    assert shown(f"?since={today}&unread=1") == ["Saulo"]
    assert shown("?until=2000-01-01") == []
    for wrong in ("?since=yesterday", "?until=2000-02-31", "?since=0001-01-01"):
        refused = client.get(f"/app/board/{wrong}", **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (400, "ERR_VALIDATION")


def test_a_column_comes_page_by_page_and_says_how_many_there_are(browser, cast, lanes, placed):
    names = [f"N{n:03}" for n in range(reads.CARDS * 2 + 3)]
    placed(lanes[0], *names[::2])
    placed(lanes[0], *names[1::2], status="pending")
    client = browser(cast.rui)
    (_, column, _) = client.get("/app/board/", **FRAGMENT).context["columns"]
    assert (column.total, len(column.cards)) == (str(len(names)), reads.CARDS)
    seen, after = [card.pk for card in column.cards], column.next
    while after:
        path = f"/app/board/column/?lane={lanes[0].pk}"
        answer = client.get(path, {"lane": lanes[0].pk, "after": after}, **FRAGMENT)
        seen += [card.pk for card in answer.context["cards"]]
        after = answer.context["next"]
    assert seen == list(Ticket.objects.order_by("-updated_at", "-pk").values_list("pk", flat=True))


def test_a_column_with_very_many_says_that_there_are_more(
    browser, cast, lanes, placed, monkeypatch
):
    monkeypatch.setattr(reads, "COUNTED", 2)
    placed(lanes[0], "a", "b", "c")
    placed(None, "d", "e", "f")
    columns = browser(cast.rui).get("/app/board/", **FRAGMENT).context["columns"]
    assert [column.total for column in columns] == ["2+", "2+", "0"]


def test_after_an_event_a_card_is_told_with_its_place_or_as_gone(browser, cast, lanes, placed):
    (rita,) = placed(lanes[1], "Rita <b>")
    (hidden,) = placed(None, "Davi", agent=cast.bia, queue=cast.support)
    path = f"/app/board/cards/?ids={rita},{hidden},x,999999"
    told = browser(cast.ana).get(f"{path}&counts=1", **FRAGMENT).json()
    assert told["cards"][str(rita)]["lane"] == lanes[1].pk
    assert "Rita &lt;b&gt;" in told["cards"][str(rita)]["html"]
    assert (told["cards"][str(hidden)], told["cards"]["999999"]) == (None, None)
    assert "counts" not in browser(cast.ana).get(path, **FRAGMENT).json()
    assert told["counts"] == {"0": "0", str(lanes[0].pk): "0", str(lanes[1].pk): "1"}


def test_a_board_costs_the_same_for_one_and_for_many(browser, cast, lanes, placed):
    client = browser(cast.rui)
    paths = [
        "/app/board/",
        f"/app/board/column/?lane={lanes[0].pk}",
        "/app/board/cards/?counts=1&ids={}",
    ]

    def cost(ids):
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as spent:
                text = ",".join(map(str, ids))
                assert client.get(path.format(text), **FRAGMENT).status_code == 200
            found.append(len(spent))
        return found

    ids = placed(lanes[0], "one")
    cost(ids)
    few = cost(ids)
    for n in range(5):
        ids += placed(Tag.objects.create(name=f"L{n}", is_lane=True), *"abcd")
    assert cost(ids) == few
