"""The ticket report (rest.md §7)."""

import datetime

import orjson
import pytest

from contacts.models import ContactTag, Tag
from tickets.models import Ticket, TicketTag
from tickets.tests.histories import NOON, ZONE, minutes
from whatsapp.models import Connection


def report(http, **params):
    response = http.get("/ticketreport/reports", params)
    assert response.status_code == 200, response.content
    return orjson.loads(response.content)


def ids(found):
    return [row["id"] for row in found["tickets"]]


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
