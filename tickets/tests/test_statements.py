"""What a list costs: so many statements, whether it has one row or ten.

Each request may spend one more to enter the company, where its connection stood elsewhere before.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, ContactField, Tag
from messaging.models import Message

# The session with its person, company and queues; the page with its total.
LIST = 2


@pytest.fixture
def cost():
    """`cost(http, path)`: the statements of a request, the one that enters the company left out."""

    def measure(http, path):
        with CaptureQueriesContext(connection) as spent:
            answer = http.get(path)
        assert answer.status_code == 200
        return len([q for q in spent.captured_queries if "SET search_path" not in q["sql"]])

    return measure


@pytest.fixture
def fill(cast, make_ticket):
    """`fill(10)`: that many more tickets of each list, with tags, fields and a message each."""
    tag = Tag.objects.create(name="vip")

    def make(amount):
        for status in ("open", "pending", "closed"):
            for _ in range(amount):
                ticket = make_ticket(status=status, agent=None if status == "pending" else cast.rui)
                ticket.tags.add(tag)
                ticket.contact.tags.add(tag)
                ContactField.objects.create(contact=ticket.contact, name="code", value="7")
                Message.objects.create(
                    ticket=ticket, contact=ticket.contact, body="boleto", sent_at=timezone.now()
                )

    return make


@pytest.mark.parametrize(
    "path",
    [
        "/tickets?status=open&showAll=true",
        "/tickets?status=pending&showAll=true",
        "/tickets?status=closed&showAll=true",
        "/tickets?status=open&showAll=true&cursor=",
        "/tickets?status=search&searchParam=customer&showAll=true",
        "/tickets?status=search&searchParam=boleto&searchOnMessages=true&showAll=true",
        "/ticket/kanban?showAll=true",
    ],
)
def test_a_list_of_tickets_costs_two_statements_however_long(api, cast, cost, fill, path):
    http = api(cast.rui)
    http.get(path)  # notes presence once
    # The board asks besides whether the plan has one.
    expected = LIST + ("kanban" in path)
    fill(1)
    assert cost(http, path) == expected
    fill(10)
    assert cost(http, path) == expected


def test_a_ticket_read_again_costs_two_statements(
    api, cast, cost, make_ticket, django_capture_on_commit_callbacks
):
    ticket = make_ticket(status="open", agent=cast.rui)
    http = api(cast.rui)
    with django_capture_on_commit_callbacks(execute=True):
        http.get(f"/tickets/{ticket.pk}")  # notes presence, and the look
    # The session with its person, company and queues; the ticket.
    assert cost(http, f"/tickets/{ticket.pk}") == 2


def test_a_search_of_contacts_costs_two_statements_however_long(api, cast, cost, fill):
    http = api(cast.rui)
    http.get("/contacts")
    for path in ("/contacts?searchParam=customer", "/contacts", "/contacts?isGroup=false"):
        fill(1)
        # The session with its person and company; the page with its total.
        assert cost(http, path) == 2
        fill(10)
        assert cost(http, path) == 2
    assert Contact.objects.count() > 30


def test_the_look_at_a_ticket_is_logged_once_in_five_minutes(
    api, cast, make_ticket, django_capture_on_commit_callbacks, monkeypatch
):
    from events.models import EventRecord
    from tickets.services import view

    ticket = make_ticket(status="open", agent=cast.rui)
    looks = EventRecord.objects.filter(name="ticket.viewed", ticket_id=ticket.pk)
    http = api(cast.rui)

    def look(http=http):
        with django_capture_on_commit_callbacks(execute=True):
            http.get(f"/tickets/{ticket.pk}")
        return looks.count()

    assert look() == 1
    assert look() == 1
    # Somebody else's look is another one.
    other = make_ticket(status="open", agent=cast.ana)
    with django_capture_on_commit_callbacks(execute=True):
        http.get(f"/tickets/{other.pk}")
        api(cast.ana).get(f"/tickets/{other.pk}")
    assert EventRecord.objects.filter(name="ticket.viewed", ticket_id=other.pk).count() == 2
    monkeypatch.setattr(view, "_ONE_LOOK", 0.0)
    assert look() == 2
