"""Tickets over the wire: who may do what, and what comes back."""

import json
from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.models import User
from tickets.models import Queue, QueueMember, Ticket
from whatsapp.models import Connection

TICKET_ROW = {
    "id", "uuid", "userId", "queueId", "isGroup", "channel", "status", "contactId",
    "useIntegration", "lastMessage", "updatedAt", "unreadMessages", "contact", "queue", "user",
    "tags", "whatsapp",
}  # fmt: skip


def ids(answer):
    return [row["id"] for row in answer.json()["tickets"]]


def test_a_row_has_exactly_the_keys_of_the_contract(api, cast, ticket):
    answer = api(cast.ana).get("/tickets", {"status": "pending"}).json()
    assert set(answer) == {"tickets", "count", "hasMore"}
    (row,) = answer["tickets"]
    assert set(row) == TICKET_ROW
    assert row["contact"]["number"] == "5511988887777"
    assert row["queue"]["name"] == "Sales"
    assert row["updatedAt"].endswith("Z")
    assert len(row["updatedAt"]) == 24
    assert answer["count"] == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("ana", 200), ("bia", 404), ("rui", 200), ("eva", 404)],
)
@pytest.mark.parametrize("path", ["/tickets/{id}", "/tickets/u/{uuid}", "/tickets-log/{id}"])
def test_a_ticket_is_read_by_its_queue_and_admins(api, cast, ticket, who, status, path):
    answer = api(getattr(cast, who)).get(path.format(id=ticket.pk, uuid=ticket.uuid))
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("post", "/tickets/{id}/accept", {}, {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("post", "/tickets/{id}/unread", {}, {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("post", "/tickets/{id}/read", {}, {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("put", "/tickets/{id}", {"status": "closed"},
         {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("delete", "/tickets/{id}", None, {"ana": 403, "bia": 403, "rui": 200, "eva": 404}),
        ("post", "/tickets/closeAll", {"status": "pending"}, {"ana": 403, "bia": 403, "rui": 200}),
        ("get", "/tickets", None, {"ana": 200, "bia": 200, "rui": 200, "eva": 200}),
        ("get", "/ticket/kanban", None, {"ana": 200, "bia": 200, "rui": 200, "eva": 200}),
        ("get", "/queue", None, {"ana": 200, "rui": 200, "eva": 200}),
        ("get", "/queue/{queue}", None, {"ana": 200, "rui": 200, "eva": 400}),
        ("post", "/queue", {"name": "New", "color": "#abcdef"}, {"ana": 403, "rui": 200}),
        ("put", "/queue/{queue}", {"name": "Neu"}, {"ana": 403, "rui": 201, "eva": 400}),
        ("delete", "/queue/{queue}", None, {"ana": 403, "rui": 200, "eva": 400}),
    ],
)  # fmt: skip
def test_who_may_do_what(api, cast, ticket, method, path, body, roles):
    where = path.format(id=ticket.pk, queue=cast.support.pk)
    for who, status in roles.items():
        with transaction.atomic():
            answer = getattr(api(getattr(cast, who)), method)(where, body)
            assert answer.status_code == status, (who, answer.content)
            transaction.set_rollback(True)
    assert getattr(api(), method)(where, body).status_code == 401


def test_the_loser_of_a_race_gets_a_409_with_a_code(api, cast, ticket):
    QueueMember.objects.create(queue=cast.sales, user=cast.bia)
    assert api(cast.ana).post(f"/tickets/{ticket.pk}/accept").json()["userId"] == cast.ana.pk
    answer = api(cast.bia).post(f"/tickets/{ticket.pk}/accept")
    assert (answer.status_code, answer.json()) == (409, {"error": "ERR_TICKET_TAKEN"})
    answer = api(cast.bia).put(f"/tickets/{ticket.pk}", {"status": "open", "userId": cast.bia.pk})
    assert answer.status_code == 409


def test_a_second_conversation_with_one_contact_is_refused_with_the_first(api, cast, ticket):
    body = {"contactId": ticket.contact_id, "userId": cast.ana.pk, "status": "open"}
    answer = api(cast.ana).post("/tickets", body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "ERR_OTHER_OPEN_TICKET"
    assert answer.json()["ticket"]["id"] == ticket.pk


@pytest.fixture
def numbers(cast):
    """Ana's own number, and one that is nobody's; the default one is the cast's."""
    own, spare = (
        Connection.objects.create(name=name, status="CONNECTED") for name in ("own", "spare")
    )
    User.objects.filter(pk=cast.ana.pk).update(connection_id=own.pk)
    return SimpleNamespace(own=own, spare=spare, default=cast.number)


def test_a_conversation_begins_on_the_agents_own_number_or_the_default_one(
    api, cast, customer, numbers
):
    """Behaviour 13 and 40: only what is connected is chosen unasked."""
    body = {"contactId": customer("Dora", "5511955554444").pk}

    def begin(**more):
        with transaction.atomic():
            answer = api(User.objects.get(pk=cast.ana.pk)).post("/tickets", {**body, **more})
            transaction.set_rollback(True)
        return answer.json().get("whatsappId", answer.json().get("error"))

    def fall(number):
        Connection.objects.filter(pk=number.pk).update(status="DISCONNECTED")

    assert begin() == begin(whatsappId="") == begin(whatsappId=None) == numbers.own.pk
    fall(numbers.own)
    assert begin() == numbers.default.pk
    fall(numbers.default)
    assert begin() == numbers.spare.pk
    fall(numbers.spare)
    assert begin() == "ERR_NO_DEF_WAPP_FOUND"
    assert not Ticket.objects.exists()
    # Whoever names one means it; what is written waits for it.
    assert begin(whatsappId=numbers.default.pk) == numbers.default.pk


def test_a_transfer_moves_the_ticket_out_of_sight(api, cast, ticket):
    path = f"/tickets/{ticket.pk}"
    body = {"queueId": cast.support.pk, "userId": None, "status": "pending", "isTransfered": True}
    answer = api(cast.ana).put(path, body)
    assert (answer.status_code, answer.json()["queueId"]) == (200, cast.support.pk)
    assert api(cast.ana).get(path).status_code == 404
    assert api(cast.bia).get(path).status_code == 200


def test_reopening_beside_a_live_ticket_gives_the_live_one(api, cast, ticket, make_ticket):
    old = make_ticket(contact=ticket.contact, status="closed", agent=cast.ana)
    answer = api(cast.ana).put(f"/tickets/{old.pk}", {"status": "open", "userId": cast.ana.pk})
    assert answer.json()["id"] == ticket.pk
    old.refresh_from_db()
    assert old.status == "closed"


def test_the_log_tells_a_transfer_of_both_sides(api, cast, ticket):
    api(cast.rui).put(
        f"/tickets/{ticket.pk}",
        {"queueId": cast.support.pk, "userId": cast.bia.pk, "status": "open", "isTransfered": True},
    )
    words = [row["type"] for row in api(cast.rui).get(f"/tickets-log/{ticket.pk}").json()]
    assert words[:2] == ["receivedTransfer", "transfered"]
    assert words[-1] == "create"


def test_pages_of_a_cursor_are_stable_while_tickets_arrive(api, cast, make_ticket):
    made = {make_ticket(status="pending").pk for _ in range(90)}
    http = api(cast.ana)
    seen, cursor = [], ""
    while cursor is not None:
        answer = http.get("/tickets", {"status": "pending", "cursor": cursor})
        seen += ids(answer)
        cursor = answer.json()["cursor"]
        make_ticket(status="pending")
    assert len(seen) == len(set(seen)) == 90
    assert set(seen) == made


def test_count_and_has_more_tell_of_the_rest(api, cast, make_ticket):
    for _ in range(41):
        make_ticket(status="pending")
    first = api(cast.ana).get("/tickets", {"status": "pending"}).json()
    assert (len(first["tickets"]), first["count"], first["hasMore"]) == (40, 41, True)
    last = api(cast.ana).get("/tickets", {"status": "pending", "pageNumber": "2"}).json()
    assert (len(last["tickets"]), last["count"], last["hasMore"]) == (1, 41, False)


@pytest.mark.parametrize(
    "params",
    [
        {"queueIds": "x"}, {"queueIds": "[1e400]"}, {"queueIds": '[{"a":1}]'},
        {"status": "search", "tags": "1"},
        {"pageNumber": "0"}, {"pageNumber": "9" * 40}, {"status": "nonsense"},
        {"status": "search", "searchParam": "a\x00b"}, {"cursor": "nonsense"},
        {"cursor": "9" * 30 + ".1"}, {"status": "search", "statusFilter": "[3]"},
    ],
)  # fmt: skip
def test_hostile_parameters_are_refused_with_a_code(api, cast, params):
    answer = api(cast.ana).get("/tickets", params)
    assert answer.status_code == 400
    assert answer.json()["error"] == "ERR_VALIDATION"


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; DROP', "😀", "a" * 255])
def test_search_texts_are_taken_literally(api, cast, ticket, text):
    params = {"status": "search", "searchParam": text, "searchOnMessages": "true"}
    answer = api(cast.ana).get("/tickets", params)
    assert (answer.status_code, answer.json()["count"]) == (200, 0)


def test_search_ignores_accents_and_case(api, cast, make_ticket, customer):
    found = make_ticket(contact=customer("João Conceição", "5511933332222"))
    params = {"status": "search", "searchParam": "joao CONCEICAO"}
    assert ids(api(cast.ana).get("/tickets", params)) == [found.pk]
    assert ids(api(cast.bia).get("/tickets", params)) == []


def test_a_taken_queue_name_is_refused_with_its_code(api, cast):
    answer = api(cast.rui).post("/queue", {"name": "Sales", "color": "#aabbcc"})
    assert answer.json() == {"error": "ERR_QUEUE_NAME_ALREADY_EXISTS"}
    answer = api(cast.rui).post("/queue", {"name": "Other", "color": cast.sales.color})
    assert answer.json() == {"error": "ERR_QUEUE_COLOR_ALREADY_EXISTS"}
    assert Queue.objects.count() == 2


def test_no_secret_leaves_with_a_ticket(api, cast, ticket):
    text = json.dumps(api(cast.rui).get(f"/tickets/{ticket.pk}").json())
    assert '"facebookUserToken": null' in text
    assert "credentials" not in text
