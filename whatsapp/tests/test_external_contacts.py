"""What programs read and write of contacts and messages (rest.md §8, §10)."""

import datetime

import orjson
import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactField, Tag
from messaging.models import Message
from whatsapp.api import external_contacts
from whatsapp.tests.external import key_of, program

BODY = {"number": "5511955554444", "name": "Dora", "email": "d@x.example"}


@pytest.fixture
def platform(api, settings):
    settings.COMPANY_TOKEN = "of-the-platform"
    return program(api, "of-the-platform")


@pytest.fixture
def http(cast, api):
    return program(api, key_of(cast))


def read(answer):
    return orjson.loads(answer.getvalue())


def ask(http, path, body):
    """GET with a body, as the contract has it."""
    return http.generic("GET", path, orjson.dumps(body), content_type="application/json")


def test_the_platform_names_the_company_in_the_body(cast, platform, ticket):
    for company, names in ((cast.acme, ["Carla Customer"]), (cast.globex, [])):
        found = read(ask(platform, "/api/contacts", {"companyId": company.pk}))
        assert [row["name"] for row in found["contacts"]] == names
        assert found["count"] == len(names)
        counted = ask(platform, "/api/contacts-count", {"companyId": str(company.pk)})
        assert counted.json() == {"count": len(names)}
    query = platform.get("/api/contacts-count", {"companyId": cast.acme.pk})
    assert query.json() == {"count": 1}


def test_a_token_reads_its_own_company_whatever_it_names(cast, http, ticket):
    found = read(ask(http, "/api/contacts", {"companyId": cast.globex.pk}))
    assert [row["companyId"] for row in found["contacts"]] == [cast.acme.pk]
    assert ask(http, "/api/contacts-count", {"companyId": cast.globex.pk}).json() == {"count": 1}


def test_contacts_carry_tags_and_free_fields(http, ticket):
    ticket.contact.tags.add(Tag.objects.create(name="vip"))
    ContactField.objects.create(contact=ticket.contact, name="code", value="7")
    (row,) = read(http.get("/api/contacts"))["contacts"]
    assert set(row["tags"][0]) == {"id", "name", "color", "updatedAt"}
    assert set(row["extraInfo"][0]) == {"id", "name", "value"}
    assert (row["tags"][0]["name"], row["extraInfo"][0]["value"]) == ("vip", "7")
    assert http.get("/api/contacts")["RateLimit-Limit"]


def test_any_number_of_contacts_is_read_page_by_page(http, monkeypatch, cast):
    monkeypatch.setattr(external_contacts, "PAGE", 2)
    Contact.objects.bulk_create(Contact(name=f"n{n}", address=f"55119{n}") for n in range(5))
    found = read(http.get("/api/contacts"))
    assert (found["count"], len(found["contacts"])) == (5, 5)


def test_one_page_costs_the_same_for_one_and_forty(http, cast):
    def cost():
        with CaptureQueriesContext(database) as seen:
            read(http.get("/api/contacts"))
        return len(seen)

    Contact.objects.create(name="one", address="1")
    cost()
    few = cost()
    Contact.objects.bulk_create(Contact(name=f"n{n}", address=f"55119{n}") for n in range(40))
    assert cost() == few


@pytest.mark.parametrize("company", [None, "x", 0, -1, 10**15, "9" * 50, [], {}])
@pytest.mark.parametrize("path", ["/api/contacts", "/api/contacts-count"])
def test_a_company_nobody_knows_is_refused(platform, path, company):
    answer = ask(platform, path, {"companyId": company})
    assert answer.status_code in {400, 404}
    assert answer.json()["error"] in {"ERR_VALIDATION", "ERR_NO_COMPANY_FOUND"}


@pytest.mark.parametrize("path", ["/api/contacts", "/api/contacts-count", "/api/messagesRange"])
def test_others_are_refused(api, cast, settings, path):
    settings.COMPANY_TOKEN = ""
    assert api().get(path).status_code == 401
    assert api(cast.rui).get(path).status_code == 403
    assert program(api, "").get(path).status_code == 401
    assert program(api, "of-the-platform").get(path).status_code == 403


def test_a_contact_is_added_once_and_changed_by_its_number(cast, http):
    made = http.post("/api/contacts", BODY)
    assert made.status_code == 200, made.content
    again = http.post("/api/contacts", BODY | {"number": "551155554444", "name": "Dora D."})
    assert (again.json()["id"], again.json()["name"]) == (made.json()["id"], "Dora D.")
    kept = http.post("/api/contacts", {"number": BODY["number"]}).json()
    assert (kept["name"], kept["email"]) == ("Dora D.", "d@x.example")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, [], {"number": "1"}, {"number": {}}, BODY | {"name": "a\x00"}, BODY | {"email": []}],
)
def test_a_bad_contact_is_refused(http, body):
    answer = http.post("/api/contacts", body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("ERR_")
    assert not Contact.objects.exists()


# ---------------------------------------------------------------------------- messagesRange


def message_of(ticket, cast, body, day, **fields):
    at = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Message.objects.create(
        ticket=ticket,
        contact=ticket.contact,
        connection=cast.number,
        body=body,
        sent_at=at,
        **fields,
    )


def test_messages_of_some_days_are_raw_rows(cast, platform, ticket, monkeypatch):
    monkeypatch.setattr(external_contacts, "PAGE", 1)
    message_of(ticket, cast, "before", "2026-01-09")
    file = "0123456789abcdef0123456789abcdef.png"
    message_of(ticket, cast, "first", "2026-01-10", media_path=file, media_name="a.png")
    message_of(ticket, cast, "last", "2026-01-11")
    message_of(ticket, cast, "after", "2026-01-12")
    days = {"companyId": cast.acme.pk, "startDate": "2026-01-10", "lastDate": "2026-01-11"}
    found = read(ask(platform, "/api/messagesRange", days))
    assert [row["body"] for row in found] == ["first", "last"]
    assert found[0]["mediaUrl"] == file, "not expanded"
    assert {"id", "ticketId", "contactId", "fromMe", "ack", "wid", "createdAt"} <= set(found[0])
    foreign = days | {"companyId": cast.globex.pk}
    assert read(ask(platform, "/api/messagesRange", foreign)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"startDate": None}, {"lastDate": "soon"}, {"startDate": "2026-02-30"}, {"startDate": 7},
        {"startDate": "2026-01-12"}, {"lastDate": "2026-03-01"}, {"startDate": "0001-01-01"},
        {"startDate": "2026-01-10'; DROP TABLE x; --"}, {"startDate": []},
    ],
)  # fmt: skip
def test_days_that_are_none_are_refused(cast, platform, change):
    days = {"companyId": cast.acme.pk, "startDate": "2026-01-10", "lastDate": "2026-01-11"}
    answer = ask(platform, "/api/messagesRange", days | change)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_a_connections_token_reads_no_messages(http):
    assert http.get("/api/messagesRange").status_code == 403
