"""Notes: what agents write down about a contact, for each other."""

import pytest

from contacts.models import ContactMerge
from contacts.services import merge_contacts, undo_merge
from tickets import services
from tickets.events import NoteAdded, NoteChanged, NoteDeleted
from tickets.exceptions import NoteNotFound
from tickets.models import TicketNote
from whaticket.exceptions import NoPermission

COLUMNS = {"id", "note", "userId", "contactId", "ticketId", "createdAt", "updatedAt"}


@pytest.fixture
def note(cast, ticket):
    return TicketNote.objects.create(
        note="Likes tea", author=cast.ana, contact=ticket.contact, ticket=ticket
    )


def body_of(ticket, **more):
    return {"note": "Call on Monday", "contactId": ticket.contact_id, "ticketId": ticket.pk, **more}


def test_a_note_is_its_writers(api, cast, ticket, heard):
    answer = api(cast.ana).post("/ticket-notes", body_of(ticket))
    assert answer.status_code == 200
    assert set(answer.json()) == COLUMNS
    assert answer.json() | {"id": 0, "createdAt": "", "updatedAt": ""} == {
        "id": 0, "note": "Call on Monday", "userId": cast.ana.pk, "contactId": ticket.contact_id,
        "ticketId": ticket.pk, "createdAt": "", "updatedAt": "",
    }  # fmt: skip
    assert [row["ticket_id"] for row in heard(NoteAdded)] == [ticket.pk]
    assert set(api(cast.ana).get(f"/ticket-notes/{answer.json()['id']}").json()) == COLUMNS


def test_the_list_is_of_a_contact_and_a_ticket_newest_first(api, cast, ticket, note, make_ticket):
    other = make_ticket()
    TicketNote.objects.create(note="Of another", author=cast.ana, contact=other.contact)
    alone = TicketNote.objects.create(note="On the contact", contact=ticket.contact)
    http = api(cast.ana)
    rows = http.get("/ticket-notes/list", {"contactId": ticket.contact_id}).json()
    assert [row["id"] for row in rows] == [alone.pk, note.pk]
    assert set(rows[1]) == COLUMNS | {"user", "contact", "ticket"}
    assert rows[1]["user"] == {"id": cast.ana.pk, "name": "Ana", "email": cast.ana.email}
    assert rows[1]["contact"] == {"id": ticket.contact_id, "name": "Carla Customer"}
    assert set(rows[1]["ticket"]) == {"id", "status", "createdAt"}
    assert (rows[0]["user"], rows[0]["ticket"]) == (None, None)
    both = {"contactId": ticket.contact_id, "ticketId": ticket.pk}
    assert [row["id"] for row in http.get("/ticket-notes/list", both).json()] == [note.pk]


def test_pages_of_notes_are_searched_by_part_of_the_text(api, cast, ticket, note):
    TicketNote.objects.bulk_create(
        [TicketNote(note=f"Ligação {n}", contact=ticket.contact, ticket=ticket) for n in range(21)]
    )
    http = api(cast.ana)
    first = http.get("/ticket-notes").json()
    assert (len(first["ticketNotes"]), first["count"], first["hasMore"]) == (20, 22, True)
    last = http.get("/ticket-notes", {"pageNumber": "2"}).json()
    assert [row["note"] for row in last["ticketNotes"]] == ["Ligação 0", "Likes tea"]
    assert (last["count"], last["hasMore"]) == (22, False)
    assert http.get("/ticket-notes", {"searchParam": "LIGACAO"}).json()["count"] == 21
    assert http.get("/ticket-notes", {"searchParam": "%"}).json()["count"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("get", "/ticket-notes/{note}", None, {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("put", "/ticket-notes/{note}", {"id": 1, "note": "Likes coffee"},
         {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("delete", "/ticket-notes/{note}", None, {"ana": 403, "bia": 403, "rui": 200, "eva": 404}),
        ("post", "/ticket-notes", {"note": "Call"},
         {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("get", "/ticket-notes", None, {"ana": 200, "bia": 200, "rui": 200, "eva": 200}),
        ("get", "/ticket-notes/list", None, {"ana": 200, "bia": 200, "rui": 200, "eva": 200}),
    ],
)  # fmt: skip
def test_who_may_do_what_with_notes(api, cast, ticket, note, method, path, body, roles):
    from django.db import transaction

    if method == "post":
        body = body_of(ticket, **body)
    for who, status in roles.items():
        with transaction.atomic():
            answer = getattr(api(getattr(cast, who)), method)(path.format(note=note.pk), body)
            assert answer.status_code == status, (who, answer.content)
            transaction.set_rollback(True)
    assert getattr(api(), method)(path.format(note=note.pk), body).status_code == 401


def test_notes_on_tickets_out_of_sight_are_in_no_list(api, cast, ticket, note):
    for who, count in (("ana", 1), ("rui", 1), ("bia", 0), ("eva", 0)):
        http = api(getattr(cast, who))
        assert http.get("/ticket-notes").json()["count"] == count
        assert len(http.get("/ticket-notes/list", {"ticketId": ticket.pk}).json()) == count


def test_a_note_is_changed_and_removed(api, cast, note, heard):
    path = f"/ticket-notes/{note.pk}"
    assert api(cast.ana).put(path, {"note": "Likes coffee"}).json()["note"] == "Likes coffee"
    api(cast.ana).put(path, {"note": "Likes coffee"})
    assert len(heard(NoteChanged)) == 1
    assert set(api(cast.rui).delete(path).json()) == {"message"}
    assert api(cast.rui).get(path).json() == {"error": "ERR_NO_TICKETNOTE_FOUND"}
    assert [row["note_id"] for row in heard(NoteDeleted)] == [note.pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": "ab"}, {"note": ""}, {"note": "x" * 256}, {"note": None}, {"contactId": "x"},
        {"contactId": None}, {"ticketId": "x"}, {"ticketId": -1}, {"note": "a\x00bc"},
    ],
)  # fmt: skip
def test_bad_notes_are_refused_and_nothing_changes(api, cast, ticket, note, wrong):
    answer = api(cast.ana).post("/ticket-notes", body_of(ticket, **wrong))
    is_short = "note" in wrong and len(wrong["note"] or "") < 3
    code = "ERR_TICKETNOTE_INVALID_NAME" if is_short else "ERR_VALIDATION"
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    if "note" in wrong:
        assert api(cast.ana).put(f"/ticket-notes/{note.pk}", wrong).status_code == 400
    assert list(TicketNote.objects.values_list("note", flat=True)) == ["Likes tea"]


def test_a_note_names_a_contact_and_a_ticket_of_that_contact(api, cast, ticket, make_ticket):
    http = api(cast.ana)
    other = make_ticket()
    for wrong, code in [
        ({"ticketId": other.pk}, "ERR_NO_TICKET_FOUND"),
        ({"ticketId": 999_999_999}, "ERR_NO_TICKET_FOUND"),
        ({"contactId": 999_999_999}, "ERR_NO_CONTACT_FOUND"),
    ]:
        answer = http.post("/ticket-notes", body_of(ticket, **wrong))
        assert (answer.status_code, answer.json()["error"]) == (404, code)
    assert http.post("/ticket-notes", body_of(ticket, ticketId=None)).json()["ticketId"] is None
    for params in ({"contactId": "x"}, {"ticketId": "-1"}):
        assert http.get("/ticket-notes/list", params).status_code == 400


@pytest.mark.parametrize("path", ["/ticket-notes", "/ticket-notes/list"])
def test_a_list_of_notes_costs_the_same_however_long(
    api, cast, ticket, django_assert_max_num_queries, path
):
    http = api(cast.ana)
    http.get(path)  # notes presence once
    for amount in (1, 40):
        for _ in range(amount):
            TicketNote.objects.create(note="Tea", contact=ticket.contact, ticket=ticket)
        # Entering the company, where the connection stood elsewhere; the session with its person
        # and company; the person's queues; the list with its total.
        with django_assert_max_num_queries(5):
            assert http.get(path).status_code == 200


def test_notes_follow_a_contact_that_is_merged_and_come_back(
    cast, ticket, note, customer, make_ticket
):
    other = make_ticket(contact=customer("C.", "5511966665555"), status="closed")
    theirs = TicketNote.objects.create(note="Theirs", contact=other.contact, ticket=other)
    merge_contacts(ticket.contact, other.contact, by=cast.rui)
    assert set(ticket.contact.notes.all()) == {note, theirs}
    undo_merge(ContactMerge.objects.get(), by=cast.rui)
    assert list(ticket.contact.notes.all()) == [note]
    assert list(other.contact.notes.all()) == [theirs]


def test_a_note_that_somebody_just_removed_is_not_found(cast, note):
    stale = TicketNote.objects.get(pk=note.pk)
    note.delete()
    with pytest.raises(NoteNotFound):
        services.change_note(stale, "Likes coffee", by=cast.ana)
    with pytest.raises(NoteNotFound):
        services.delete_note(stale, by=cast.ana)


def test_an_agent_removes_only_notes_of_their_own(cast, note):
    with pytest.raises(NoPermission):
        services.delete_note(note, by=cast.bia)
    services.delete_note(note, by=cast.ana)
    assert not TicketNote.objects.exists()
