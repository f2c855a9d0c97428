"""Tags, the lane and notes in the side panel: what it shows, and who may change what."""

import pytest

from billing.models import Plan, Subscription
from console.tests.pages import FRAGMENT
from contacts.models import Tag
from tickets.models import Ticket, TicketNote
from whaticket.tenancy import in_company


@pytest.fixture
def label(cast):
    return Tag.objects.create(name="Premium", color="#112233")


@pytest.fixture
def lanes(cast):
    return [Tag.objects.create(name=name, is_lane=True) for name in ("Proposal", "Won")]


@pytest.fixture
def note(cast, ticket):
    return TicketNote.objects.create(
        note="Likes <tea>", author=cast.ana, contact=ticket.contact, ticket=ticket
    )


def panel(client, ticket):
    answer = client.get(f"/app/t/{ticket.pk}/details/", **FRAGMENT)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_panel_shows_labels_lanes_and_notes(browser, cast, ticket, label, lanes, note):
    ticket.tags.add(label, lanes[1])
    Tag.objects.create(name="Another")
    html = panel(browser(cast.ana), ticket)
    assert f"/app/t/{ticket.pk}/tags/{label.pk}/remove/" in html
    assert '<option value="Another">' in html
    assert '<option value="Premium">' not in html
    assert f'<option value="{lanes[1].pk}" selected>Won' in html
    assert f'<option value="{lanes[0].pk}" >Proposal' in html
    assert "Likes &lt;tea&gt;" in html
    assert f"/app/notes/{note.pk}/delete/" in html


def test_only_ones_own_notes_can_be_removed(browser, cast, ticket, note):
    TicketNote.objects.filter(pk=note.pk).update(author=cast.rui)
    path = f"/app/notes/{note.pk}/delete/"
    ana, rui = browser(cast.ana), browser(cast.rui)
    assert path not in panel(ana, ticket)
    answer = ana.post(path, **FRAGMENT)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION")
    # Administrators remove any.
    TicketNote.objects.filter(pk=note.pk).update(author=cast.ana)
    assert path in panel(rui, ticket)
    assert rui.post(path, **FRAGMENT).status_code == 200
    assert not TicketNote.objects.exists()


def test_an_agent_tags_a_ticket_with_what_there_is_or_something_new(browser, cast, ticket, label):
    client = browser(cast.ana)
    path = f"/app/t/{ticket.pk}/tags/"
    for name in (" premium ", "Brand new", "brand NEW"):
        assert client.post(path, {"name": name}, **FRAGMENT).status_code == 200
    assert [tag.name for tag in ticket.tags.order_by("pk")] == ["Premium", "Brand new"]
    assert client.post(f"{path}{label.pk}/remove/", **FRAGMENT).status_code == 200
    assert [tag.name for tag in ticket.tags.all()] == ["Brand new"]
    for name in ("", "ab", "x" * 256, "\x00\x00\x00"):
        answer = client.post(path, {"name": name}, **FRAGMENT)
        assert (answer.status_code, answer.json()["fields"]) == (400, ["name"])
    assert Tag.objects.count() == 2


def test_an_agent_moves_a_ticket_over_the_board(browser, cast, ticket, label, lanes):
    client = browser(cast.ana)
    path = f"/app/t/{ticket.pk}/lane/"
    for lane in lanes:
        assert client.post(path, {"lane": lane.pk}, **FRAGMENT).status_code == 200
        assert list(ticket.tags.all()) == [lane]
    assert client.post(path, {"lane": ""}, **FRAGMENT).status_code == 200
    assert list(ticket.tags.all()) == []
    for wrong in (label.pk, "x", "9" * 30, 999_999):
        answer = client.post(path, {"lane": wrong}, **FRAGMENT)
        assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_TAG_FOUND")


def test_an_agent_writes_a_note(browser, cast, ticket):
    client = browser(cast.ana)
    path = f"/app/t/{ticket.pk}/notes/"
    assert client.post(path, {"note": " Call on Monday "}, **FRAGMENT).status_code == 200
    (note,) = TicketNote.objects.all()
    assert (note.note, note.author, note.ticket) == ("Call on Monday", cast.ana, ticket)
    assert "Call on Monday" in panel(client, ticket)
    for text in ("", "ab", "x" * 256):
        answer = client.post(path, {"note": text}, **FRAGMENT)
        assert (answer.status_code, answer.json()["fields"]) == (400, ["note"])
    assert TicketNote.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/app/t/{t}/tags/", {"name": "Premium"}),
        ("/app/t/{t}/tags/{label}/remove/", {}),
        ("/app/t/{t}/lane/", {"lane": ""}),
        ("/app/t/{t}/notes/", {"note": "A note"}),
        ("/app/notes/{note}/delete/", {}),
    ],
)
def test_only_those_who_see_the_ticket_change_it(browser, cast, ticket, label, note, path, body):
    ticket.tags.add(label)
    where = path.format(t=ticket.pk, label=label.pk, note=note.pk)
    for who in ("bia", "eva"):
        assert browser(getattr(cast, who)).post(where, body, **FRAGMENT).status_code == 404
    assert browser().post(where, body, **FRAGMENT).status_code == 401
    assert browser(cast.ana).get(where, **FRAGMENT).status_code == 405
    assert list(ticket.tags.all()) == [label]
    assert list(TicketNote.objects.all()) == [note]
    assert browser(cast.ana).post(where, body, **FRAGMENT).status_code == 200


def test_another_companys_label_is_not_found(browser, cast, ticket):
    with in_company(cast.globex.pk):
        foreign = Tag.objects.create(name="Foreign", is_lane=True, pk=910_003)
    client = browser(cast.ana)
    answer = client.post(f"/app/t/{ticket.pk}/lane/", {"lane": foreign.pk}, **FRAGMENT)
    assert answer.status_code == 404
    answer = client.post(f"/app/t/{ticket.pk}/tags/{foreign.pk}/remove/", **FRAGMENT)
    assert answer.status_code == 404


def test_a_plan_without_a_board_shows_no_lanes(browser, cast, ticket, lanes):
    plan = Plan.objects.create(name="No board", users=9, connections=9, queues=9, use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    client = browser(cast.ana)
    assert "/lane/" not in panel(client, ticket)
    answer = client.post(f"/app/t/{ticket.pk}/lane/", {"lane": lanes[0].pk}, **FRAGMENT)
    assert answer.status_code == 403
    assert not Ticket.objects.get(pk=ticket.pk).tags.exists()


def test_the_panel_costs_the_same_for_many_tags_and_notes(
    browser, cast, ticket, django_assert_max_num_queries
):
    client = browser(cast.ana)
    panel(client, ticket)
    counts = []
    for amount in (1, 40):
        for number in range(amount):
            ticket.tags.add(Tag.objects.create(name=f"Tag {amount} {number}"))
            TicketNote.objects.create(
                note="A note", author=cast.ana, contact=ticket.contact, ticket=ticket
            )
        with django_assert_max_num_queries(40) as spent:
            panel(client, ticket)
        counts.append(len([q for q in spent if "SET search_path" not in q["sql"]]))
    assert counts[0] == counts[1]
