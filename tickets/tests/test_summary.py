"""Summaries and their score (docs/reports.md), beyond the contract."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import User
from contacts.models import Tag
from messaging.models import Message
from tickets.models import TicketTag
from tickets.tests.histories import NOON, ZONE, minutes

DAY = {"dateFrom": "2026-03-10", "dateTo": "2026-03-10"}
NO_TIME = {"count": 0, "average": None, "median": None, "longest": None}


def summary(http, **params):
    response = http.get("/reports/summary", {**DAY, **params})
    assert response.status_code == 200, response.content
    return response.json()


def by_key(found):
    return {row["key"]: row for row in found["rows"]}


def test_a_summary_tells_what_each_agent_did(api, cast, served):
    first = served(agent=cast.ana, waited=10, handled=30, rate=10)
    served(agent=cast.ana, waited=20, handled=50, rate=6)
    served(agent=cast.bia, waited=0, handled=10)
    served(status="pending")
    Message.objects.create(ticket=first, origin="bot", sent_at=NOON + minutes(1))
    Message.objects.create(ticket=first, origin="agent", is_private=True, sent_at=NOON + minutes(2))
    Message.objects.create(ticket=first, origin="agent", sent_at=NOON + minutes(12))
    Message.objects.create(ticket=first, origin="agent", sent_at=NOON + minutes(15))
    found = summary(api(cast.rui))
    assert (found["groupBy"], found["dateFrom"], found["dateTo"]) == (
        "agent", "2026-03-10", "2026-03-10",
    )  # fmt: skip
    rows = by_key(found)
    assert rows[cast.ana.pk] == {
        "key": cast.ana.pk,
        "name": "Ana",
        "opened": 2,
        "closed": 2,
        "firstResponse": {"count": 1, "average": 12, "median": 12, "longest": 12},
        "waiting": {"count": 2, "average": 15, "median": 15, "longest": 20},
        "handling": {"count": 2, "average": 40, "median": 40, "longest": 50},
        "ratings": {
            "count": 2,
            "average": 8,
            "promoters": 1,
            "passives": 0,
            "detractors": 1,
            "score": 0,
        },
    }
    assert rows[cast.bia.pk]["waiting"] == NO_TIME
    assert rows[None]["opened"] == 1
    assert (rows[None]["closed"], rows[None]["name"]) == (0, None)
    assert [row["name"] for row in found["rows"]] == ["Ana", "Bia", None]
    assert (found["total"]["opened"], found["total"]["closed"]) == (4, 3)
    assert found["total"]["handling"]["median"] == 30


def test_a_number_belongs_to_the_day_and_hour_at_which_it_came_to_be(api, cast, served):
    served(
        agent=cast.ana,
        opened=datetime.datetime(2026, 3, 10, 23, 30, tzinfo=ZONE),
        waited=10,
        handled=60,
        rate=9,
    )
    http = api(cast.rui)
    both = {"dateTo": "2026-03-11"}
    days = by_key(summary(http, groupBy="day", **both))
    assert set(days) == {"2026-03-10", "2026-03-11"}
    assert (days["2026-03-10"]["opened"], days["2026-03-10"]["waiting"]["count"]) == (1, 1)
    assert (days["2026-03-10"]["closed"], days["2026-03-11"]["closed"]) == (0, 1)
    assert days["2026-03-11"]["ratings"]["score"] == 100
    hours = by_key(summary(http, groupBy="hour", **both))
    assert (hours[23]["opened"], hours[0]["closed"]) == (1, 1)


def test_a_ticket_counts_under_each_of_its_tags_and_once_in_all(api, cast, served):
    vip, lane = Tag.objects.create(name="vip"), Tag.objects.create(name="lane", is_lane=True)
    ticket = served()
    TicketTag.objects.create(ticket=ticket, tag=lane)
    ticket.contact.tags.add(vip)
    served()
    found = summary(api(cast.rui), groupBy="tag")
    assert [(row["name"], row["opened"]) for row in found["rows"]] == [
        ("lane", 1),
        ("vip", 1),
        (None, 1),
    ]
    assert found["total"]["opened"] == 2
    found = summary(api(cast.rui), tags=f"[{vip.pk}]")
    assert found["total"]["opened"] == 1


def test_groups_are_left_out_until_asked_for(api, cast, served):
    served(is_group=True, status="group")
    assert summary(api(cast.rui))["total"]["opened"] == 0
    assert summary(api(cast.rui), withGroups="true")["total"]["opened"] == 1


def test_where_the_company_spoke_first_nobody_waited_for_an_answer(api, cast, served):
    ticket = served(agent=cast.ana, status="open", is_opened_by_agent=True)
    Message.objects.create(ticket=ticket, origin="agent", sent_at=NOON + minutes(3))
    assert summary(api(cast.rui))["total"]["firstResponse"] == NO_TIME


def test_without_a_period_a_summary_is_of_the_last_thirty_days(api, cast, served):
    now = timezone.now()
    for days in (0, 29, 31):
        served(opened=now - datetime.timedelta(days=days))
    found = api(cast.rui).get("/reports/summary").json()
    today = now.astimezone(ZONE).date()
    assert found["total"]["opened"] == 2
    assert found["dateTo"] == today.isoformat()
    assert found["dateFrom"] == (today - datetime.timedelta(days=29)).isoformat()


def test_an_agent_summarises_only_own_work_unless_allowed_the_dashboard(api, cast, served):
    served(agent=cast.ana, waited=1, handled=1, rate=10)
    served(agent=cast.bia, waited=1, handled=1, rate=0)
    http = api(cast.ana)
    assert list(by_key(summary(http))) == [cast.ana.pk]
    assert summary(http, users=f"[{cast.bia.pk}]")["total"]["closed"] == 0
    assert http.get("/reports/nps", DAY).json()["score"] == 100
    User.objects.filter(pk=cast.ana.pk).update(sees_dashboard=True)
    http = api(User.objects.get(pk=cast.ana.pk))
    assert set(by_key(summary(http))) == {cast.ana.pk, cast.bia.pk}
    assert http.get("/reports/nps", DAY).json()["score"] == 0


def test_the_score_is_promoters_less_detractors(api, cast, served):
    for rate in (10, 9, 9, 8, 7, 6, 0):
        served(agent=cast.ana, waited=1, handled=1, rate=rate)
    found = api(cast.rui).get("/reports/nps", DAY).json()
    assert found == {
        "dateFrom": "2026-03-10",
        "dateTo": "2026-03-10",
        "count": 7,
        "average": 7,
        "promoters": 3,
        "passives": 2,
        "detractors": 2,
        "promotersPercent": 42.86,
        "passivesPercent": 28.57,
        "detractorsPercent": 28.57,
        "score": 14.29,
        "rates": [
            {"rate": rate, "count": {0: 1, 6: 1, 7: 1, 8: 1, 9: 2, 10: 1}.get(rate, 0)}
            for rate in range(11)
        ],
    }


@pytest.mark.parametrize(
    "params",
    [
        {"groupBy": "agent; DROP TABLE tickets_ticket"},
        {"groupBy": "colour"},
        {"queueIds": "[1 OR 1=1]"},
        {"whatsapps": "[1"},
        {"dateFrom": "yesterday"},
        {"dateFrom": "0001-01-01"},
        {"dateTo": "9999-12-31"},
    ],
)
def test_a_summary_of_nothing_known_is_refused(api, cast, params):
    response = api(cast.rui).get("/reports/summary", params)
    assert (response.status_code, response.json()["error"]) == (400, "ERR_VALIDATION")
