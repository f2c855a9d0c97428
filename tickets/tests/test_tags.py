"""Tags on tickets: labels, one lane at a time, and who hears of them."""

import orjson
import pytest

from billing.models import Plan, Subscription
from contacts.exceptions import TagNotFound
from contacts.models import Tag
from contacts.services import create_tag, delete_tag
from tickets import receivers, services
from tickets.events import TicketLaneChanged, TicketTagged, TicketUntagged
from tickets.models import Ticket, TicketTag
from whaticket.tenancy import in_company
from whaticket.testing.races import at_once


@pytest.fixture
def label(cast):
    return Tag.objects.create(name="Premium", color="#112233")


@pytest.fixture
def lanes(cast):
    return [Tag.objects.create(name=name, is_lane=True) for name in ("New", "Proposal", "Won")]


@pytest.fixture
def without_board(cast):
    plan = Plan.objects.create(name="No board", users=9, connections=9, queues=9, use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)


def test_a_tag_is_put_on_a_ticket_once(api, cast, ticket, label, heard):
    path = f"/ticket-tags/{ticket.pk}/{label.pk}"
    answer = api(cast.ana).put(path)
    assert answer.status_code == 201
    assert set(answer.json()) == {"ticketId", "tagId", "createdAt", "updatedAt"}
    assert (answer.json()["ticketId"], answer.json()["tagId"]) == (ticket.pk, label.pk)
    assert api(cast.ana).put(path).json() == answer.json()
    assert [row["tag_id"] for row in heard(TicketTagged)] == [label.pk]
    shown = api(cast.ana).get(f"/tickets/{ticket.pk}").json()
    assert shown["tags"] == [{"id": label.pk, "name": "Premium", "color": "#112233"}]
    assert shown["ticketTags"] == [{"tagId": label.pk}]


def test_a_ticket_is_in_one_lane(api, cast, ticket, label, lanes, heard):
    http = api(cast.ana)
    for tag in (label, lanes[0], lanes[1], lanes[1]):
        assert http.put(f"/ticket-tags/{ticket.pk}/{tag.pk}").status_code == 201
    assert set(ticket.tags.all()) == {label, lanes[1]}
    assert [(row["former_lane_id"], row["lane_id"], row["cause"]) for row in heard(
        TicketLaneChanged
    )] == [(None, lanes[0].pk, "agent"), (lanes[0].pk, lanes[1].pk, "agent")]  # fmt: skip


def test_only_lanes_are_taken_off_a_ticket(api, cast, ticket, label, lanes, heard):
    ticket.tags.add(label, lanes[0], lanes[2])
    answer = api(cast.ana).delete(f"/ticket-tags/{ticket.pk}")
    assert (answer.status_code, set(answer.json())) == (200, {"message"})
    assert list(ticket.tags.all()) == [label]
    # Where there is nothing to take off, nothing happens.
    assert api(cast.ana).delete(f"/ticket-tags/{ticket.pk}").status_code == 200
    assert [row["lane_id"] for row in heard(TicketLaneChanged)] == [None]


def test_a_label_is_taken_off_a_ticket(cast, ticket, label, lanes, heard):
    ticket.tags.add(label, lanes[0])
    for _ in range(2):
        services.untag_ticket(ticket, label, by=cast.ana)
    assert list(ticket.tags.all()) == [lanes[0]]
    services.untag_ticket(ticket, lanes[1], by=cast.ana)
    assert list(ticket.tags.all()) == [lanes[0]]
    services.untag_ticket(ticket, lanes[0], by=cast.ana)
    assert list(ticket.tags.all()) == []
    assert [row["tag_id"] for row in heard(TicketUntagged)] == [label.pk]


@pytest.mark.parametrize(
    ("method", "path"), [("put", "/ticket-tags/{t}/{tag}"), ("delete", "/ticket-tags/{t}")]
)
def test_tags_of_a_ticket_are_for_those_who_see_it(api, cast, ticket, lanes, method, path):
    ticket.tags.add(lanes[0])
    where = path.format(t=ticket.pk, tag=lanes[1].pk)
    for who in ("bia", "eva"):
        answer = getattr(api(getattr(cast, who)), method)(where)
        assert (answer.status_code, answer.json()) == (404, {"error": "ERR_NO_TICKET_FOUND"})
    assert getattr(api(), method)(where).status_code == 401
    assert list(ticket.tags.all()) == [lanes[0]]
    assert getattr(api(cast.ana), method)(where).status_code in {200, 201}


def test_another_companys_tag_is_not_found(api, cast, ticket):
    with in_company(cast.globex.pk):
        foreign = Tag.objects.create(name="Foreign", pk=910_002)
    for tag_id in (foreign.pk, 999_999_999):
        answer = api(cast.ana).put(f"/ticket-tags/{ticket.pk}/{tag_id}")
        assert (answer.status_code, answer.json()) == (404, {"error": "ERR_NO_TAG_FOUND"})
    assert not TicketTag.objects.exists()


def test_a_tag_change_is_told_as_an_update_and_moves_nothing(
    api, cast, ticket, label, lanes, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    changed_at = Ticket.objects.get(pk=ticket.pk).updated_at
    for method, path in [
        ("put", f"/ticket-tags/{ticket.pk}/{label.pk}"),
        ("put", f"/ticket-tags/{ticket.pk}/{lanes[0].pk}"),
        ("delete", f"/ticket-tags/{ticket.pk}"),
    ]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            getattr(api(cast.ana), method)(path)
        (frame,) = sent
        assert frame.event == f"company-{cast.acme.pk}-ticket"
        # Only those who see the ticket hear of it.
        assert frame.audience.ticket[1] == cast.sales.pk
        told = orjson.loads(frame.data)
        assert (told["action"], told["ticketId"]) == ("update", ticket.pk)
    assert [tag["id"] for tag in told["ticket"]["tags"]] == [label.pk]
    assert Ticket.objects.get(pk=ticket.pk).updated_at == changed_at


def test_a_plan_without_a_board_has_no_lanes_for_tickets(api, cast, ticket, label, lanes,
                                                         without_board):  # fmt: skip
    answer = api(cast.ana).put(f"/ticket-tags/{ticket.pk}/{lanes[0].pk}")
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")
    assert api(cast.ana).get("/ticket/kanban").status_code == 403
    assert api(cast.ana).put(f"/ticket-tags/{ticket.pk}/{label.pk}").status_code == 201
    # What it carries from better days can be taken off.
    ticket.tags.add(lanes[1])
    assert api(cast.ana).delete(f"/ticket-tags/{ticket.pk}").status_code == 200
    assert list(ticket.tags.all()) == [label]


def test_a_tag_that_somebody_just_removed_is_not_found(cast, ticket, label, lanes):
    stale = [Tag.objects.get(pk=label.pk), Tag.objects.get(pk=lanes[0].pk)]
    Tag.objects.filter(pk__in=[tag.pk for tag in stale]).delete()
    for tag in stale:
        with pytest.raises(TagNotFound):
            services.tag_ticket(ticket, tag, by=cast.ana)
    assert not TicketTag.objects.exists()


def test_eight_who_make_one_tag_find_one(scratch_team):
    def make(agent):
        return create_tag(name="Premium", color="#112233", is_lane=False, by=agent).pk

    assert len(set(at_once(make, scratch_team.agents))) == 1


def test_of_eight_who_move_a_card_at_once_one_has_the_last_word(scratch_team):
    lanes = [Tag.objects.create(name=f"Lane {n}", is_lane=True) for n in range(8)]
    at_once(lambda lane: services.tag_ticket(scratch_team.ticket, lane, by=None).pk, lanes)
    assert TicketTag.objects.filter(ticket=scratch_team.ticket).count() == 1


def test_lanes_can_be_removed_while_cards_move(scratch_team):
    lanes = [Tag.objects.create(name=f"Lane {n}", is_lane=True) for n in range(4)]
    for lane, following in zip(lanes, [*lanes[1:], lanes[0]], strict=True):
        Tag.objects.filter(pk=lane.pk).update(next_lane=following, rollback_lane=following)

    def move_or_remove(job):
        act, lane = job
        try:
            if act == "move":
                services.tag_ticket(scratch_team.ticket, lane, by=None)
            else:
                delete_tag(lane, by=None)
        except TagNotFound:
            return "gone"
        return "done"

    jobs = [(act, lane) for lane in lanes for act in ("move", "remove")]
    done = at_once(move_or_remove, jobs)
    assert done[1::2] == ["done"] * 4
    assert not Tag.objects.filter(is_lane=True).exists()
    assert not TicketTag.objects.filter(ticket=scratch_team.ticket).exists()
