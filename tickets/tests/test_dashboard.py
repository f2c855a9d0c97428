"""The dashboard and its charts (rest.md §22; behaviour R-DASH 155-159)."""

import datetime

import orjson
import pytest
from django.utils import timezone

from accounts.models import User
from tickets.models import Episode
from tickets.services import accept_ticket, close_ticket
from tickets.services.ending import end_tickets
from tickets.services.episodes import note_move
from tickets.tests.histories import NOON, minutes


def dashboard(http, **params):
    response = http.get("/dashboard", params)
    assert response.status_code == 200, response.content
    return orjson.loads(response.content)


def test_the_dashboard_counts_as_the_contract_defines(api, cast, served):
    served(agent=cast.ana, waited=10, handled=30, rate=10)
    served(agent=cast.ana, waited=20, handled=50, rate=8)
    served(agent=cast.bia, waited=0, handled=10, rate=3)
    served(agent=cast.bia, waited=0, handled=0)  # averages leave out what took no time
    served(agent=cast.ana, status="open", waited=6, is_opened_by_agent=True)
    served(status="pending")
    served(agent=cast.ana, status="nps", waited=4)
    served(status="group", is_group=True)
    found = dashboard(api(cast.rui), date_from="2026-03-10", date_to="2026-03-10")
    assert found["counters"] == {
        "avgSupportTime": 30,
        "avgWaitTime": 10,
        "tickets": 8,
        "supportFinished": 4,
        "supportHappening": 1,
        "supportPending": 1,
        "supportGroups": 1,
        "leads": 0,  # their contacts came to be known today
        "activeTickets": 1,
        "passiveTickets": 7,
        "waitRating": 1,
        "withoutRating": 1,
        "withRating": 3,
        "percRating": 37.5,
        "npsPromotersPerc": 33.33,
        "npsPassivePerc": 33.33,
        "npsDetractorsPerc": 33.33,
        "npsScore": 0,
    }
    ana, bia, rui = found["attendants"]
    assert ana == {
        "id": cast.ana.pk,
        "name": "Ana",
        "online": ana["online"],
        "avgWaitTime": 10,
        "avgSupportTime": 40,
        "tickets": 4,
        "rating": "9.00",
        "countRating": 2,
    }
    assert (bia["tickets"], bia["rating"], bia["countRating"]) == (2, "3.00", 1)
    assert (rui["tickets"], rui["rating"], rui["countRating"]) == (0, "0.00", 0)


def test_a_service_of_many_days_counts_every_day(api, cast, served):
    served(agent=cast.ana, waited=0, handled=3 * 24 * 60 + 5)
    counters = dashboard(api(cast.rui))["counters"]
    assert counters["avgSupportTime"] == 3 * 24 * 60 + 5


def test_leads_are_new_contacts_with_one_stretch_of_service(api, cast, served, customer):
    today = timezone.now()
    served(opened=today)
    twice = served(opened=today)
    Episode.objects.create(ticket=twice, created_at=today, finished_at=today)
    served(opened=today, contact=customer("Old", "5511944443333"))
    type(twice.contact).objects.filter(name="Old").update(created_at=NOON)
    assert dashboard(api(cast.rui), days=0)["counters"]["leads"] == 1
    assert dashboard(api(cast.rui), days=0)["counters"]["tickets"] == 4


def test_days_reach_back_from_today(api, cast, served):
    now = timezone.now()
    served(opened=now)
    served(opened=now - datetime.timedelta(days=7))
    served(opened=now - datetime.timedelta(days=9))
    http = api(cast.rui)
    assert [dashboard(http, days=n)["counters"]["tickets"] for n in (0, 7, 30)] == [1, 2, 3]
    assert dashboard(http)["counters"]["tickets"] == 3


def test_an_agent_sees_own_numbers_unless_allowed_the_dashboard(api, cast, served):
    served(agent=cast.ana, waited=1, handled=10)
    served(agent=cast.bia, queue=cast.support, waited=1, handled=90)
    served(agent=cast.bia, queue=cast.support, status="open")
    served(status="pending")
    served(status="pending", queue=cast.support)
    found = dashboard(api(cast.ana))
    assert [row["name"] for row in found["attendants"]] == ["Ana"]
    counters = found["counters"]
    assert (counters["tickets"], counters["avgSupportTime"]) == (1, 10)
    assert (counters["supportHappening"], counters["supportPending"]) == (0, 1)
    User.objects.filter(pk=cast.ana.pk).update(sees_dashboard=True)
    counters = dashboard(api(User.objects.get(pk=cast.ana.pk)))["counters"]
    assert (counters["tickets"], counters["avgSupportTime"]) == (5, 50)
    assert (counters["supportHappening"], counters["supportPending"]) == (1, 2)


def test_a_removed_agent_stays_with_the_work_that_was_theirs(api, cast, served):
    served(agent=cast.bia, waited=1, handled=10)
    User.objects.filter(pk__in=[cast.bia.pk, cast.ana.pk]).update(removed_at=timezone.now())
    assert [row["name"] for row in dashboard(api(cast.rui))["attendants"]] == ["Bia", "Rui"]


def test_the_wait_lasts_until_an_agent_takes_the_ticket_up(api, cast, ticket):
    before = timezone.now() - minutes(30)
    Episode.objects.filter(ticket=ticket).update(queued_at=before, created_at=before)
    close_ticket(accept_ticket(ticket, by=cast.ana), by=cast.ana)
    counters = dashboard(api(cast.rui))["counters"]
    assert counters["avgWaitTime"] == pytest.approx(30, abs=0.5)
    assert counters["supportFinished"] == 1


# ------------------------------------------------------------------------------- charts


def chart(http, what, **params):
    response = http.get(f"/dashboard/{what}", params)
    assert response.status_code == 200, response.content
    return response.json()


DAY = {"initialDate": "2026-03-10", "finalDate": "2026-03-10"}
WEEK = {"initialDate": "2026-03-09", "finalDate": "2026-03-15"}


def test_tickets_per_agent_lists_who_had_none_last(api, cast, served):
    served(agent=cast.bia)
    served(agent=cast.bia)
    served(agent=cast.ana)
    served(agent=cast.ana, opened=NOON + datetime.timedelta(days=1))
    assert chart(api(cast.rui), "ticketsUsers", **DAY) == {
        "data": [
            {"quantidade": 2, "nome": "Bia"},
            {"quantidade": 1, "nome": "Ana"},
            {"quantidade": 0, "nome": "Rui"},
        ]
    }
    assert chart(api(cast.ana), "ticketsUsers", **DAY)["data"] == [{"quantidade": 1, "nome": "Ana"}]


def test_tickets_of_one_day_are_told_by_the_hour_and_of_several_by_the_day(api, cast, served):
    served(agent=cast.ana)
    served(agent=cast.bia, opened=NOON + minutes(30))
    served(agent=cast.bia, opened=NOON + minutes(60))
    served(agent=cast.bia, opened=NOON + datetime.timedelta(days=2))
    http = api(cast.rui)
    assert chart(http, "ticketsDay", **DAY) == {
        "count": 3,
        "data": [{"total": 2, "horario": 12}, {"total": 1, "horario": 13}],
    }
    assert chart(http, "ticketsDay", **WEEK) == {
        "count": 4,
        "data": [{"total": 3, "data": "10/03/2026"}, {"total": 1, "data": "12/03/2026"}],
    }
    assert chart(api(cast.ana), "ticketsDay", **WEEK)["count"] == 1


@pytest.mark.parametrize("what", ["ticketsUsers", "ticketsDay"])
def test_charts_are_no_longer_public_nor_anybody_elses(api, cast, what):
    path = f"/dashboard/{what}"
    assert api().get(path, {"companyId": cast.acme.pk}).status_code == 401
    foreign = api(cast.rui).get(path, {"companyId": cast.globex.pk})
    assert (foreign.status_code, foreign.json()["error"]) == (403, "ERR_NO_PERMISSION")
    assert api(cast.rui).get(path, {"companyId": cast.acme.pk}).status_code == 200
    for name in ("initialDate", "finalDate", "companyId"):
        refused = api(cast.rui).get(path, {name: "2026-03-10'; DROP TABLE tickets_ticket; --"[9:]})
        assert refused.status_code == 400


def test_days_that_cannot_be_are_refused(api, cast):
    http = api(cast.rui)
    for params in (
        {"days": "36501"},
        {"days": "-1"},
        {"date_from": "2026-02-30"},
        {"date_to": "2026-03-10T25:00:00"},
        {"date_from": "2026-03-11", "date_to": "2026-03-10"},
    ):
        response = http.get("/dashboard", params)
        assert (response.status_code, response.json()["error"]) == (400, "ERR_VALIDATION"), params


def test_a_moment_means_the_day_that_it_is_in_sao_paulo(api, cast, served):
    served()
    http = api(cast.rui)
    for moment, found in (
        ("2026-03-11T02:59:59.000Z", 1),
        ("2026-03-11T03:00:00.000Z", 0),
        ("2026-03-10T23:59:59", 1),
    ):
        counters = dashboard(http, date_from=moment)["counters"]
        assert counters["tickets"] == found, moment
    assert dashboard(http, date_from="undefined", date_to="null")["counters"]["tickets"] == 1


def test_service_ends_when_the_agent_closes_however_long_the_rating_takes(served):
    ticket = served(status="nps")
    closed = NOON + minutes(20)
    Episode.objects.filter(ticket=ticket).update(started_at=NOON, closed_at=closed)
    end_tickets([ticket])
    episode = Episode.objects.get(ticket=ticket)
    assert episode.closed_at == closed
    assert episode.finished_at > closed


def test_a_hand_over_from_agent_to_agent_keeps_nobody_waiting(cast, served):
    ticket = served(agent=cast.ana, status="open", waited=5)
    ticket.agent_id = cast.rui.pk
    note_move(ticket, at=NOON + minutes(30))
    episode = Episode.objects.get(ticket=ticket)
    assert episode.queued_at == episode.started_at == NOON + minutes(30)
    assert episode.agent_id == cast.rui.pk
