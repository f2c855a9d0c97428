"""Connections: their rules, and who hears of what (rest.md §9, behaviour 13)."""

import json

import orjson
import pytest
from django.utils import timezone

from contacts.models import Contact
from tickets.models import Ticket
from whaticket.tenancy import current_company_id, in_company
from whatsapp import receivers
from whatsapp.events import ConnectionUpdated, ImportedTicketsClosed
from whatsapp.exceptions import NoDefaultConnection
from whatsapp.models import Connection
from whatsapp.services import sessions
from whatsapp.services.connections import default_connection


@pytest.fixture
def frames(monkeypatch):
    """Frames with the company they go to; the edge itself has tests of its own."""
    sent = []

    def emit(frames):
        sent.extend((current_company_id(), frame) for frame in frames)

    monkeypatch.setattr(receivers, "emit", emit)
    return sent


@pytest.fixture
def operator(cast):
    from accounts.services import create_user

    return create_user(
        company_id=cast.globex.pk,
        email="op@globex.example",
        password="correct horse",
        name="Op",
        is_super=True,
    )


def number(name, **fields):
    return Connection.objects.create(name=name, **{"status": "CONNECTED"} | fields)


# ------------------------------------------------------------------------------- the rules


@pytest.mark.parametrize("greeting", [None, "", "   "])
def test_several_queues_need_a_greeting(cast, api, greeting):
    body = {
        "name": "New",
        "queueIds": [cast.sales.pk, cast.support.pk],
        "greetingMessage": greeting,
    }
    rui = api(cast.rui)
    answer = rui.post("/whatsapp", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_WAPP_GREETING_REQUIRED")
    assert Connection.objects.count() == 1
    assert rui.post("/whatsapp", body | {"greetingMessage": "Choose"}).status_code == 200
    # One queue asks nothing.
    one = {"name": "Another", "queueIds": [cast.sales.pk]}
    assert rui.post("/whatsapp", one).status_code == 200


def test_a_greeting_cannot_be_taken_from_under_several_queues(cast, api):
    path, rui = f"/whatsapp/{cast.number.pk}", api(cast.rui)
    body = {"name": "acme number", "queueIds": [cast.sales.pk, cast.support.pk]}
    answer = rui.put(path, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_WAPP_GREETING_REQUIRED")
    # `requestQR` leaves the queues as they are: they still need one.
    answer = rui.put(path, {"name": "acme number", "greetingMessage": "", "requestQR": True})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_WAPP_GREETING_REQUIRED")
    assert cast.number.queues.count() == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x"}, "ERR_WAPP_INVALID_NAME"),
        ({"name": "acme number"}, "ERR_WAPP_NAME_ALREADY_EXISTS"),
        ({"name": "New", "queueIds": [10**15]}, "ERR_VALIDATION"),
        ({"name": "New", "sendIdQueue": 10**15}, "ERR_VALIDATION"),
        ({"name": "New", "expiresTicket": "soon"}, "ERR_VALIDATION"),
        ({"name": "New", "collectiveVacationStart": "soon"}, "ERR_VALIDATION"),
        ({"name": "New", "schedules": "never"}, "ERR_VALIDATION"),
        ({"name": "New", "driver": "telegram"}, "ERR_UNKNOWN_DRIVER"),
    ],
)
def test_a_connection_that_cannot_be_is_refused(cast, api, body, code):
    answer = api(cast.rui).post("/whatsapp", body)
    assert answer.status_code == 400
    assert answer.json()["error"] in {code, "ERR_INVALID_SCHEDULES"}
    assert Connection.objects.count() == 1


def test_vacations_and_imports_are_kept_as_they_are_written(cast, api):
    body = {
        "name": "New",
        "collectiveVacationMessage": "Away",
        "collectiveVacationStart": "2026-12-20",
        "collectiveVacationEnd": "2027-01-03T00:00",
        "importOldMessages": "2026-01-31T08:00",
        "importRecentMessages": "",
    }
    row = api(cast.rui).post("/whatsapp", body).json()
    assert (row["collectiveVacationStart"], row["collectiveVacationEnd"]) == (
        "2026-12-20", "2027-01-03",
    )  # fmt: skip
    assert (row["importOldMessages"], row["importRecentMessages"]) == ("2026-01-31T08:00", None)


def test_a_queue_of_another_company_is_no_queue(cast, api):
    body = {"name": "New", "queueIds": [cast.foreign_queue.pk]}
    answer = api(cast.rui).post("/whatsapp", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


# ----------------------------------------------------------------------- the default one (13)


def test_the_persons_own_connection_wins_then_the_one_asked_for_then_the_default(cast):
    own, other = number("own"), number("other")
    cast.ana.connection_id = own.pk
    assert default_connection(cast.ana, other.pk) == own
    assert default_connection(cast.bia, other.pk) == other
    assert default_connection(cast.bia) == cast.number
    assert default_connection() == cast.number


def test_only_connected_ones_count(cast):
    own, other = number("own", status="DISCONNECTED"), number("other")
    cast.ana.connection_id = own.pk
    assert default_connection(cast.ana) == cast.number
    Connection.objects.filter(pk=cast.number.pk).update(status="PENDING")
    assert default_connection(cast.ana) == other
    assert default_connection(cast.ana, own.pk) == other
    Connection.objects.update(status="OPENING")
    with pytest.raises(NoDefaultConnection) as refusal:
        default_connection(cast.ana)
    assert refusal.value.code == "ERR_NO_DEF_WAPP_FOUND"


def test_only_the_first_connection_of_a_company_becomes_the_default_by_itself(cast, api):
    with in_company(cast.globex.pk):
        Connection.objects.all().delete()
    eva = api(cast.eva)
    first = eva.post("/whatsapp", {"name": "First", "isDefault": False}).json()
    second = eva.post("/whatsapp", {"name": "Second", "isDefault": True}).json()
    assert (first["isDefault"], second["isDefault"]) == (True, False)
    eva.put(f"/whatsapp/{second['id']}", {"name": "Second", "isDefault": True})
    rows = {row["name"]: row["isDefault"] for row in eva.get("/whatsapp/").json()}
    assert rows == {"First": False, "Second": True}


# --------------------------------------------------------------------------------- frames


def told(frames, event):
    return [(orjson.loads(f.data), f.audience.users) for _, f in frames if f.event == event]


def test_a_change_is_told_with_codes_to_those_who_manage_and_without_to_the_others(
    cast, api, frames, django_capture_on_commit_callbacks
):
    Connection.objects.filter(pk=cast.number.pk).update(qrcode="scan me")
    with django_capture_on_commit_callbacks(execute=True):
        body = {"name": "Renamed", "greetingMessage": "hi"}
        assert api(cast.rui).put(f"/whatsapp/{cast.number.pk}", body).status_code == 200
    found = told(frames, f"company-{cast.acme.pk}-whatsapp")
    assert {tuple(sorted(users)): data["whatsapp"]["qrcode"] for data, users in found} == {
        (cast.rui.pk,): "scan me",
        tuple(sorted([cast.ana.pk, cast.bia.pk])): "",
    }
    assert {(d["action"], d["whatsapp"]["name"]) for d, _ in found} == {("update", "Renamed")}


def test_a_new_default_tells_of_the_former_one_too(
    cast, api, frames, django_capture_on_commit_callbacks
):
    other = number("other")
    with django_capture_on_commit_callbacks(execute=True):
        api(cast.rui).put(f"/whatsapp/{other.pk}", {"name": "other", "isDefault": True})
    rows = {
        data["whatsapp"]["name"]: data["whatsapp"]["isDefault"]
        for data, _ in told(frames, f"company-{cast.acme.pk}-whatsapp")
    }
    assert rows == {"other": True, "acme number": False}


def test_a_removed_connection_is_told_by_its_number(
    cast, api, frames, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert api(cast.rui).delete(f"/whatsapp/{cast.number.pk}").status_code == 200
    (frame, _), *_ = told(frames, f"company-{cast.acme.pk}-whatsapp")
    assert frame == {"action": "delete", "whatsappId": cast.number.pk}


def test_the_state_of_a_session_is_told(cast, frames, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sessions.record_qr(cast.number.pk, "the code", 1)
    found = told(frames, f"company-{cast.acme.pk}-whatsappSession")
    assert {tuple(sorted(users)): data["session"]["qrcode"] for data, users in found} == {
        (cast.rui.pk,): "the code",
        tuple(sorted([cast.ana.pk, cast.bia.pk])): "",
    }
    assert {(d["action"], d["session"]["status"]) for d, _ in found} == {("update", "qrcode")}
    assert all({"id", "retries", "updatedAt"} <= set(data["session"]) for data, _ in found)


def test_operators_hear_of_what_one_of_them_changed_elsewhere(
    cast, api, operator, frames, heard, django_capture_on_commit_callbacks
):
    path = f"/whatsapp-admin/{cast.number.pk}?companyId={cast.acme.pk}"
    body = json.dumps({"name": "By the operator", "greetingMessage": "hi"})
    with django_capture_on_commit_callbacks(execute=True):
        answer = api(operator).put(path, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    (found,) = [(company, f) for company, f in frames if f.event == "admin-whatsapp"]
    assert (found[0], found[1].audience.users) == (cast.globex.pk, (operator.pk,))
    data = orjson.loads(found[1].data)
    assert (data["action"], data["whatsapp"]["name"]) == ("update", "By the operator")
    assert data["whatsapp"]["companyId"] == cast.acme.pk
    # The company itself hears it as any other change; nothing moved to the operator's company.
    assert heard(ConnectionUpdated)
    assert told(frames, f"company-{cast.acme.pk}-whatsapp")
    with in_company(cast.globex.pk):
        assert list(Connection.objects.values_list("name", "is_default")) == [
            ("globex number", True)
        ]


# ------------------------------------------------------------------------ imported tickets


def ticket_of(cast, connection, **fields):
    contact = Contact.objects.create(name="x", address=str(Contact.objects.count()))
    return Ticket.objects.create(contact=contact, connection=connection, **fields)


def test_imported_tickets_that_wait_are_closed_and_no_others(
    cast, api, frames, heard, django_capture_on_commit_callbacks
):
    now, other = timezone.now(), number("other")
    imported = [ticket_of(cast, cast.number, imported_at=now) for _ in range(3)]
    kept = [
        ticket_of(cast, cast.number),
        ticket_of(cast, cast.number, imported_at=now, status="open", agent=cast.ana),
        ticket_of(cast, other, imported_at=now),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        answer = api(cast.rui).post(f"/closedimported/{cast.number.pk}")
    assert (answer.status_code, answer.json()) == (200, "whatsapp")
    closed = Ticket.objects.filter(status="closed")
    assert set(closed) == set(imported)
    assert {ticket.status for ticket in Ticket.objects.filter(pk__in=[t.pk for t in kept])} == {
        "pending", "open",
    }  # fmt: skip
    assert told(frames, f"importMessages-{cast.acme.pk}")[0][0] == {"action": "refresh"}
    assert heard(ImportedTicketsClosed)[0]["count"] == 3
