"""The ticket report, the dashboard and the live panels (rest.md §7, §22; behaviour R-DASH)."""

import datetime

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from contacts.models import ContactTag, Tag
from tickets.models import Episode, Ticket, TicketTag
from tickets.services import accept_ticket, close_ticket
from tickets.tests.histories import NOON, ZONE, minutes
from whaticket.tenancy import in_company
from whatsapp.models import Connection


def report(http, **params):
    response = http.get("/ticketreport/reports", params)
    assert response.status_code == 200, response.content
    return orjson.loads(response.content)


def ids(found):
    return [row["id"] for row in found["tickets"]]


# ------------------------------------------------------------------------------- the report


def test_a_row_of_the_report_has_the_contracts_keys_and_texts(api, cast, served):
    ticket = served(agent=cast.ana, waited=5, handled=26 * 60 + 7, rate=9, last_message="obrigado")
    found = report(api(cast.rui))
    assert found == {
        "tickets": [
            {
                "id": ticket.pk,
                "whatsappName": "acme number",
                "contactName": ticket.contact.name,
                "userName": "Ana",
                "queueName": "Sales",
                "lastMessage": "obrigado",
                "uuid": str(ticket.uuid),
                "status": "FECHADO",
                "createdAt": "10/03/2026 12:00",
                "closedAt": "11/03/2026 14:12",
                "supportTime": "1d 2h 7m",
                "NPS": 9,
            }
        ],
        "totalTickets": {"total": "1"},
    }


def test_a_ticket_nobody_took_up_has_no_names_no_times_and_no_rating(api, cast, served):
    served(status="pending", queue=None)
    (row,) = report(api(cast.rui))["tickets"]
    assert (row["userName"], row["queueName"], row["closedAt"]) == (None, None, None)
    assert (row["supportTime"], row["NPS"], row["status"]) == ("0d 0h 0m", 0, "PENDENTE")


def test_every_status_has_its_word(api, cast, served):
    for status in ("open", "pending", "group", "closed", "nps", "lgpd"):
        served(status=status)
    words = {row["status"] for row in report(api(cast.rui))["tickets"]}
    assert words == {"ABERTO", "FECHADO", "PENDENTE", "GRUPO", "NPS", "LGPD"}


@pytest.fixture
def two(cast, served, customer):
    """A ticket of Ana's, and one of Bia's that differs from it in everything."""
    other = Connection.objects.create(name="second", driver="sandbox", number="5511900000003")
    return (
        served(
            contact=customer("Júlia Prado", "5521955554444"),
            agent=cast.ana,
            waited=1,
            handled=1,
            rate=10,
        ),
        served(
            contact=customer("Marco Polo", "5531966665555"),
            agent=cast.bia,
            queue=cast.support,
            connection=other,
            status="open",
            opened=NOON + datetime.timedelta(days=1),
        ),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("searchParam", lambda t, cast: "julia"),
        ("searchParam", lambda t, cast: "552195"),
        ("contactId", lambda t, cast: str(t.contact_id)),
        ("contactId", lambda t, cast: f"[{t.contact_id}]"),
        ("whatsappId", lambda t, cast: f'["{t.connection_id}"]'),
        ("status", lambda t, cast: '["closed", "nps"]'),
        ("status", lambda t, cast: "closed"),
        ("queueIds", lambda t, cast: f"[{t.queue_id}]"),
        ("users", lambda t, cast: f"[{cast.ana.pk}]"),
        ("dateTo", lambda t, cast: "2026-03-10"),
        ("onlyRated", lambda t, cast: "true"),
    ],
)
def test_each_filter_of_the_report_leaves_what_it_says(api, cast, two, name, value):
    first, second = two
    http = api(cast.rui)
    assert ids(report(http)) == [second.pk, first.pk]
    assert ids(report(http, **{name: value(first, cast)})) == [first.pk]


def test_a_tag_of_the_ticket_or_of_its_contact_filters_the_report(api, cast, two):
    lane, label = Tag.objects.create(name="lane", is_lane=True), Tag.objects.create(name="label")
    TicketTag.objects.create(ticket=two[0], tag=lane)
    ContactTag.objects.create(contact=two[1].contact, tag=label)
    http = api(cast.rui)
    assert ids(report(http, tags=f"[{lane.pk}]")) == [two[0].pk]
    assert ids(report(http, tags=f"[{label.pk}]")) == [two[1].pk]
    assert len(ids(report(http, tags=f"[{label.pk}, {lane.pk}]"))) == 2


def test_queue_zero_is_no_queue(api, cast, two, served):
    loose = served(queue=None)
    http = api(cast.rui)
    assert ids(report(http, queueIds="[0]")) == [loose.pk]
    assert set(ids(report(http, queueIds=f"[0, {cast.sales.pk}]"))) == {loose.pk, two[0].pk}


def test_days_of_the_report_begin_at_midnight_in_sao_paulo(api, cast, served):
    late = served(opened=datetime.datetime(2026, 3, 10, 23, 59, tzinfo=ZONE))
    early = served(opened=datetime.datetime(2026, 3, 11, 0, 0, tzinfo=ZONE))
    http = api(cast.rui)
    assert ids(report(http, dateFrom="2026-03-10", dateTo="2026-03-10")) == [late.pk]
    assert ids(report(http, dateFrom="2026-03-11", dateTo="2026-03-11")) == [early.pk]


def test_pages_of_the_report_do_not_overlap_and_know_the_total(api, cast, served):
    made = [served(opened=NOON + minutes(n)).pk for n in range(5)]
    http = api(cast.rui)
    pages = [report(http, page=n, pageSize=2) for n in (1, 2, 3, 4)]
    assert [pk for page in pages for pk in ids(page)] == made[::-1]
    assert {page["totalTickets"]["total"] for page in pages} == {"5"}


@pytest.mark.parametrize(
    "params",
    [
        {"queueIds": "[1"},
        {"queueIds": "1); DROP TABLE tickets_ticket; --"},
        {"users": '["1 OR 1=1"]'},
        {"status": '["open\' OR 1=1 --"]'},
        {"status": "open'"},
        {"contactId": "1 OR 1=1"},
        {"dateFrom": "2026-03-10' OR '1'='1"},
        {"dateFrom": "2026-03-11", "dateTo": "2026-03-10"},
        {"page": "0"},
        {"page": "x"},
        {"pageSize": "0"},
        {"searchParam": "a\0b"},
    ],
)
def test_a_filter_that_is_none_is_refused(api, cast, params):
    response = api(cast.rui).get("/ticketreport/reports", params)
    assert response.status_code == 400
    assert response.json()["error"] == "ERR_VALIDATION"


def test_sql_in_a_search_is_only_text(api, cast, served, customer):
    name = "Robert'); DROP TABLE tickets_ticket; -- %s 100%"
    ticket = served(contact=customer(name, "5511977778888"))
    served()
    http = api(cast.rui)
    assert ids(report(http, searchParam=name)) == [ticket.pk]
    assert ids(report(http, searchParam="' OR '1'='1")) == []
    assert ids(report(http, searchParam="%")) == [ticket.pk]
    assert Ticket.objects.count() == 2


def test_an_agent_reports_only_what_they_may_open(api, cast, served):
    own = served(agent=cast.ana, status="open")
    closed_in_queue = served(agent=cast.rui)
    served(agent=cast.bia, status="open")
    served(agent=cast.bia, queue=cast.support)
    assert set(ids(report(api(cast.ana)))) == {own.pk, closed_in_queue.pk}
    assert report(api(cast.ana))["totalTickets"] == {"total": "2"}


# ------------------------------------------------------------------------------- the dashboard


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


# ------------------------------------------------------------------------------- live panels


def test_moments_show_everybodys_tickets_to_managers_and_own_ones_to_agents(api, cast, served):
    own = served(agent=cast.ana, status="open")
    other = served(agent=cast.bia, status="open", queue=cast.support)
    served(agent=cast.ana)
    rows = api(cast.rui).get("/dashboard/moments").json()
    assert {row["id"] for row in rows} == {own.pk, other.pk}
    row = next(row for row in rows if row["id"] == own.pk)
    assert row["user"] == {"id": cast.ana.pk, "name": "Ana", "profile": "user"}
    assert row["queue"]["name"] == "Sales"
    assert set(row["contact"]) == {
        "id", "name", "number", "profilePicUrl", "companyId", "urlPicture",
    }  # fmt: skip
    rows = api(cast.ana).get("/dashboard/moments", {"userId": cast.bia.pk}).json()
    assert rows == []
    assert [r["id"] for r in api(cast.ana).get("/dashboard/moments").json()] == [own.pk]


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"status": '["pending"]'}, {"waiting"}),
        ({"queuesIds": "[%support]"}, {"other"}),
        ({"userId": "%ana"}, {"own"}),
        ({"userId": "%ana", "showAll": "true"}, {"own", "other", "waiting"}),
        ({"dateStart": "2026-03-10", "dateEnd": "2026-03-10"}, {"own", "other", "done"}),
    ],
)
def test_moments_follow_their_filters(api, cast, served, params, left):
    made = {
        "own": served(agent=cast.ana, status="open"),
        "other": served(agent=cast.bia, status="open", queue=cast.support),
        "done": served(agent=cast.ana),
        "waiting": served(status="pending", opened=NOON + datetime.timedelta(days=3)),
    }
    names = {"%support": str(cast.support.pk), "%ana": str(cast.ana.pk)}
    for word, pk in names.items():
        params = {name: value.replace(word, pk) for name, value in params.items()}
    rows = api(cast.rui).get("/dashboard/moments", params).json()
    assert {row["id"] for row in rows} == {made[name].pk for name in left}


def test_moments_of_users_are_open_and_waiting_tickets_by_agent(api, cast, served):
    bia = served(agent=cast.bia, status="open", queue=cast.support)
    ana = served(agent=cast.ana, status="open")
    waiting = served(status="pending")
    served(agent=cast.ana)
    rows = api(cast.rui).get("/usersMoments").json()
    assert [row["id"] for row in rows] == [ana.pk, bia.pk, waiting.pk]
    assert rows[0]["user"] == {
        "id": cast.ana.pk,
        "name": "Ana",
        "profile": "user",
        "online": rows[0]["user"]["online"],
        "profileImage": None,
    }
    assert rows[0]["whatsapp"] == {"id": cast.number.pk, "name": "acme number"}
    assert rows[2]["user"] is None


def test_only_who_may_watch_live_sees_colleagues_of_the_same_queue(api, cast, served):
    own = served(agent=cast.ana, status="open")
    colleague = served(agent=cast.rui, status="open")
    served(agent=cast.bia, status="open", queue=cast.support)
    assert [row["id"] for row in api(cast.ana).get("/usersMoments").json()] == [own.pk]
    User.objects.filter(pk=cast.ana.pk).update(sees_realtime=True)
    rows = api(User.objects.get(pk=cast.ana.pk)).get("/usersMoments").json()
    assert {row["id"] for row in rows} == {own.pk, colleague.pk}


# ------------------------------------------------------------------------------- every route

PATHS = (
    "/ticketreport/reports",
    "/dashboard",
    "/dashboard/ticketsUsers",
    "/dashboard/ticketsDay",
    "/dashboard/moments",
    "/usersMoments",
    "/reports/summary",
    "/reports/nps",
    "/reports/tickets.csv",
    "/reports/tickets.xlsx",
    "/reports/summary.csv",
    "/reports/summary.xlsx",
)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reports_without_signing_in(api, path):
    response = api().get(path)
    assert (response.status_code, response.json()["error"]) == (401, "ERR_SESSION_EXPIRED")


@pytest.mark.parametrize("path", [*PATHS[:8], "/reports/tickets.csv", "/reports/summary.csv"])
def test_nothing_of_another_company_is_in_any_report(api, cast, served, path):
    now = timezone.now()
    for status in ("open", "closed", "pending"):
        served(agent=cast.ana, opened=now, status=status, waited=1, handled=2, rate=9)
    with in_company(cast.globex.pk):
        empty = api(cast.eva).get(path)
    text = b"".join(empty.streaming_content) if empty.streaming else empty.content
    assert empty.status_code == 200
    assert b"Ana" not in text
    assert b"Customer" not in text
    assert b"Sales" not in text


def test_a_report_costs_the_same_for_one_ticket_and_for_forty(api, cast, served):
    http = api(cast.rui)

    def spent(path):
        with CaptureQueriesContext(connection) as found:
            response = http.get(path)
            assert response.status_code == 200
            if response.streaming:
                assert b"".join(response.streaming_content)
        # A statement that PostgreSQL has prepared comes without its text.
        return sum("SET search_path" not in (query["sql"] or "") for query in found)

    http.get("/dashboard")  # notes presence once
    paths = [*PATHS, "/reports/summary?groupBy=tag", "/reports/summary?groupBy=day"]
    # The session with its person, company and queues; the report.
    expected = dict.fromkeys(paths, 2)
    served(agent=cast.ana, opened=timezone.now(), waited=1, handled=2, rate=9)
    assert {path: spent(path) for path in paths} == expected
    for n in range(39):
        served(
            agent=(cast.ana, cast.bia)[n % 2],
            opened=timezone.now(),
            waited=n,
            handled=2,
            rate=n % 11,
            status=("closed", "open", "pending")[n % 3],
        )
    assert {path: spent(path) for path in paths} == expected
