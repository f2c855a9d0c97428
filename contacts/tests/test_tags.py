"""Tags over the wire: labels on contacts, lanes of the board."""

import orjson
import pytest

from billing.models import Plan, Subscription
from contacts import receivers, services, wire
from contacts.events import ContactUpdated, TagCreated, TagDeleted, TagUpdated
from contacts.exceptions import TagNotFound
from contacts.identity import Identity
from contacts.models import Contact, Tag
from contacts.services import Profile, identify_contacts
from tickets.models import Ticket
from whaticket.tenancy import in_company

COLUMNS = {
    "id", "name", "color", "companyId", "kanban", "timeLane", "nextLaneId", "greetingMessageLane",
    "rollbackLaneId", "createdAt", "updatedAt",
}  # fmt: skip


@pytest.fixture
def contact(cast):
    (found,) = identify_contacts([Profile((Identity("phone", "5511955554444"),), name="Dora")])
    return found


@pytest.fixture
def label(cast):
    return Tag.objects.create(name="Premium", color="#112233")


@pytest.fixture
def lane(cast):
    return Tag.objects.create(name="Proposal", color="#445566", is_lane=True)


@pytest.fixture
def foreign_tag(cast):
    with in_company(cast.globex.pk):
        return Tag.objects.create(name="Foreign", color="#778899", pk=910_001)


@pytest.fixture
def without_board(cast):
    plan = Plan.objects.create(name="No board", users=9, connections=9, queues=9, use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)


@pytest.fixture
def frames(monkeypatch):
    """What would go to the sockets; the edge itself has tests of its own."""
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    return sent


def test_a_tag_has_exactly_the_columns_of_the_contract(api, cast):
    answer = api(cast.ana).post("/tags", {"name": "  Premium ", "color": "#A1B2C3", "kanban": 0})
    assert answer.status_code == 200
    tag = answer.json()
    assert set(tag) == COLUMNS
    assert (tag["name"], tag["color"], tag["kanban"], tag["timeLane"]) == (
        "Premium", "#A1B2C3", 0, 0,
    )  # fmt: skip
    assert (tag["nextLaneId"], tag["rollbackLaneId"], tag["greetingMessageLane"]) == (None, 0, None)
    assert tag["companyId"] == cast.acme.pk


def test_the_same_tag_again_is_the_first_one(api, cast, heard):
    body = {"name": "Premium", "color": "#A1B2C3"}
    first = api(cast.ana).post("/tags", body).json()["id"]
    assert api(cast.bia).post("/tags", body).json()["id"] == first
    # Another colour or kind is another tag.
    assert api(cast.ana).post("/tags", {**body, "color": "#000000"}).json()["id"] != first
    assert api(cast.ana).post("/tags", {**body, "kanban": 1}).json()["id"] != first
    assert heard(TagCreated)[0]["tag_id"] == first
    assert len(heard(TagCreated)) == 3


def test_a_tag_without_a_colour_gets_the_usual_one(api, cast):
    for color in ("", None):
        answer = api(cast.ana).post("/tags", {"name": f"Tag {color}", "color": color})
        assert answer.json()["color"] == "#A4CCCC"


def test_a_lane_knows_where_it_leads(api, cast, lane):
    body = {
        "name": "Contacted", "color": "#010203", "kanban": 1, "timeLane": "24",
        "nextLaneId": lane.pk, "rollbackLaneId": lane.pk, "greetingMessageLane": "Still there?",
    }  # fmt: skip
    tag = api(cast.ana).post("/tags", body).json()
    assert {key: tag[key] for key in body} == {**body, "timeLane": 24}
    # Zero, null and empty mean none.
    changed = {"nextLaneId": 0, "rollbackLaneId": "", "timeLane": "", "greetingMessageLane": ""}
    tag = api(cast.rui).put(f"/tags/{tag['id']}", changed).json()
    assert (tag["nextLaneId"], tag["rollbackLaneId"], tag["timeLane"]) == (None, 0, 0)
    assert tag["name"] == "Contacted"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "ab"}, {"name": ""}, {"name": "  a  "}, {"name": "x" * 256}, {},
        {"name": "Fine", "color": "red"}, {"name": "Fine", "color": "#fff;background:url(x)"},
        {"name": "Fine", "kanban": 2}, {"name": "Fine", "timeLane": -1},
        {"name": "Fine", "timeLane": 10**9}, {"name": "Fine", "nextLaneId": "x"},
        {"name": "Fine", "nextLaneId": 10**30}, {"name": "Fine", "rollbackLaneId": [1]},
        {"name": "Fine", "greetingMessageLane": "x" * 4097}, {"name": "a\x00bc"},
    ],
)  # fmt: skip
def test_bad_tags_are_refused_and_nothing_changes(api, cast, label, body):
    answer = api(cast.ana).post("/tags", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    if body:
        answer = api(cast.ana).put(f"/tags/{label.pk}", body)
        assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert list(Tag.objects.values_list("name", flat=True)) == ["Premium"]


def test_a_lane_leads_only_to_lanes_of_its_company(api, cast, lane, label, foreign_tag):
    for target in (label.pk, foreign_tag.pk, 999_999_999):
        for key in ("nextLaneId", "rollbackLaneId"):
            answer = api(cast.rui).put(f"/tags/{lane.pk}", {key: target})
            assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_TAG_FOUND")
    answer = api(cast.rui).put(f"/tags/{lane.pk}", {"nextLaneId": lane.pk})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    lane.refresh_from_db()
    assert (lane.next_lane_id, lane.rollback_lane_id) == (None, None)


def test_lanes_are_changed_by_administrators_only(api, cast, lane, label):
    ana, rui = api(cast.ana), api(cast.rui)
    assert ana.put(f"/tags/{label.pk}", {"name": "Gold"}).json()["name"] == "Gold"
    # Also where the body hides that it is a lane.
    for body in ({"name": "Mine", "kanban": 1}, {"name": "Mine"}, {"name": "Mine", "kanban": 0}):
        answer = ana.put(f"/tags/{lane.pk}", body)
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION")
    assert ana.put(f"/tags/{label.pk}", {"kanban": 1}).status_code == 403
    assert rui.put(f"/tags/{lane.pk}", {"name": "Theirs", "kanban": 1}).status_code == 200


def test_a_label_does_not_become_a_lane(api, cast, lane, label):
    assert api(cast.rui).put(f"/tags/{label.pk}", {"kanban": 1}).status_code == 400
    assert api(cast.rui).put(f"/tags/{lane.pk}", {"kanban": 0}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/tags/{foreign}", None),
        ("put", "/tags/{foreign}", {"name": "Mine now"}),
        ("delete", "/tags/{foreign}", None),
        ("delete", "/tags-contacts/{foreign}/{contact}", None),
        ("delete", "/tags-contacts/{label}/999999999", None),
        ("post", "/tags/sync", {"contactId": "{contact}", "tags": [{"id": "{foreign}"}]}),
        ("post", "/tags/sync", {"contactId": 999_999_999, "tags": []}),
    ],
)
def test_other_companies_tags_and_contacts_are_not_found(
    api, cast, contact, label, foreign_tag, method, path, body
):
    ids = {"foreign": foreign_tag.pk, "contact": contact.pk, "label": label.pk}
    contact.tags.add(label)
    if body is not None:
        body = orjson.loads(
            orjson.dumps(body).decode()
            .replace('"{contact}"', str(contact.pk)).replace('"{foreign}"', str(foreign_tag.pk))
        )  # fmt: skip
    answer = getattr(api(cast.rui), method)(path.format(**ids), body)
    assert answer.status_code == 404
    assert answer.json()["error"] in {"ERR_NO_TAG_FOUND", "ERR_NO_CONTACT_FOUND"}
    assert list(contact.tags.all()) == [label]
    with in_company(cast.globex.pk):
        assert Tag.objects.get(pk=foreign_tag.pk).name == "Foreign"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/tags"), ("post", "/tags"), ("get", "/tags/list"), ("get", "/tag/kanban"),
        ("get", "/tags/1"), ("put", "/tags/1"), ("delete", "/tags/1"), ("post", "/tags/sync"),
        ("delete", "/tags-contacts/1/1"),
    ],
)  # fmt: skip
def test_strangers_are_asked_who_they_are(api, cast, method, path):
    answer = getattr(api(), method)(path)
    assert (answer.status_code, answer.json()["error"]) == (401, "ERR_SESSION_EXPIRED")


def test_labels_come_with_their_contacts_and_lanes_with_their_tickets(
    api, cast, contact, label, lane
):
    contact.tags.add(label)
    merged = Contact.objects.create(name="Old Dora", merged_into=contact)
    merged.tags.add(label)
    ticket = Ticket.objects.create(contact=contact, connection=cast.number, queue=cast.sales)
    ticket.tags.add(lane)
    answer = api(cast.ana).get("/tags").json()
    assert answer == {
        "tags": [{
            "id": label.pk, "name": "Premium", "color": "#112233",
            "contacts": [{"id": contact.pk, "name": "Dora", "number": "5511955554444"}],
        }],
        "count": 1, "hasMore": False,
    }  # fmt: skip
    (row,) = api(cast.ana).get("/tags/", {"kanban": "1"}).json()["tags"]
    assert row == {
        "id": lane.pk, "name": "Proposal", "color": "#445566",
        "ticketTags": [{"ticketId": ticket.pk, "tagId": lane.pk}],
    }  # fmt: skip
    (listed,) = api(cast.ana).get("/Tags/List").json()
    assert set(listed) == COLUMNS - {"createdAt", "updatedAt"} | {"contacts", "contactsCount"}
    assert (listed["contactsCount"], len(listed["contacts"])) == (1, 1)
    shown = api(cast.bia).get(f"/tags/{label.pk}").json()
    assert set(shown) == COLUMNS | {"contacts"}
    assert [row["name"] for row in shown["contacts"]] == ["Dora"]
    lanes = api(cast.bia).get("/tag/kanban").json()
    assert [set(row) for row in lanes["lista"]] == [COLUMNS]


def test_a_tag_on_very_many_names_some_and_counts_all(api, cast, label, lane, ticket, monkeypatch):
    monkeypatch.setattr(wire, "MOST_CARRIERS", 2)
    for name in ("Ana", "Bia", "Cid"):
        label.contacts.add(Contact.objects.create(name=name))
    (listed,) = api(cast.ana).get("/tags/list").json()
    assert ([c["name"] for c in listed["contacts"]], listed["contactsCount"]) == (["Ana", "Bia"], 3)
    (paged,) = api(cast.ana).get("/tags").json()["tags"]
    assert len(paged["contacts"]) == 2


def test_tags_are_found_by_part_of_a_name_and_one_may_be_left_out(api, cast):
    rows = [Tag.objects.create(name=name) for name in ("Ação", "reação", "Outro", "100%")]
    ana = api(cast.ana)

    def names(**params):
        return [row["name"] for row in ana.get("/tags", params).json()["tags"]]

    assert names(searchParam="ACAO") == ["Ação", "reação"]
    assert names(searchParam="%") == ["100%"]
    assert names(tagId=rows[2].pk) == ["100%", "Ação", "reação"]
    assert [row["name"] for row in ana.get("/tags/list", {"searchParam": "out"}).json()] == [
        "Outro"
    ]
    for params in ({"tagId": "x"}, {"kanban": "x"}, {"pageNumber": "0"}, {"searchParam": "\x00"}):
        assert ana.get("/tags", params).json()["error"] == "ERR_VALIDATION"


def test_a_page_holds_twenty_tags(api, cast):
    Tag.objects.bulk_create([Tag(name=f"Tag {number:02}") for number in range(21)])
    first = api(cast.ana).get("/tags").json()
    assert (len(first["tags"]), first["count"], first["hasMore"]) == (20, 21, True)
    last = api(cast.ana).get("/tags", {"pageNumber": "2"}).json()
    assert [row["name"] for row in last["tags"]] == ["Tag 20"]
    assert (last["count"], last["hasMore"]) == (21, False)
    beyond = api(cast.ana).get("/tags", {"pageNumber": "9"}).json()
    assert (beyond["tags"], beyond["count"], beyond["hasMore"]) == ([], 21, False)


@pytest.mark.parametrize("path", ["/tags", "/tags/list"])
def test_a_list_of_tags_costs_two_statements_however_long(
    api, cast, contact, django_assert_max_num_queries, path
):
    ana = api(cast.ana)
    ana.get(path)  # notes presence once
    for amount in (1, 40):
        for number in range(amount):
            Tag.objects.create(name=f"{path} {amount} {number}").contacts.add(contact)
        # Entering the company, where the connection stood elsewhere; the session with its person
        # and company; the list with its total.
        with django_assert_max_num_queries(4):
            assert ana.get(path).status_code == 200


def test_sync_replaces_a_contacts_tags_and_answers_what_was_before(
    api, cast, contact, label, heard
):
    other = Tag.objects.create(name="Other")
    contact.tags.add(label)
    answer = api(cast.ana).post("/tags/sync", {"contactId": contact.pk, "tags": [{"id": other.pk}]})
    assert [tag["id"] for tag in answer.json()["tags"]] == [label.pk]
    assert list(contact.tags.all()) == [other]
    assert [event["contact_id"] for event in heard(ContactUpdated)] == [contact.pk]
    # Plain ids will do, and the same tags again change nothing.
    api(cast.ana).post("/tags/sync", {"contactId": contact.pk, "tags": [other.pk, other.pk]})
    assert len(heard(ContactUpdated)) == 1
    assert api(cast.ana).get(f"/contactTags/{contact.pk}").json() == {"tags": True}
    api(cast.ana).post("/tags/sync", {"contactId": contact.pk, "tags": []})
    assert not contact.tags.exists()


def test_a_tag_is_taken_off_a_contact(api, cast, contact, label, heard):
    contact.tags.add(label)
    path = f"/tags-contacts/{label.pk}/{contact.pk}"
    answer = api(cast.ana).delete(path)
    assert (answer.status_code, set(answer.json())) == (200, {"message"})
    assert not contact.tags.exists()
    assert api(cast.ana).delete(path).status_code == 200
    assert [event["tag_id"] for event in heard(TagUpdated)] == [label.pk]


def test_a_removed_tag_is_on_nothing_any_more(api, cast, contact, label, lane, heard):
    contact.tags.add(label)
    Tag.objects.filter(pk=lane.pk).update(next_lane=None)
    before = Tag.objects.create(name="Before", is_lane=True, next_lane=lane, rollback_lane=lane)
    ticket = Ticket.objects.create(contact=contact, connection=cast.number)
    ticket.tags.add(lane, label)
    for tag in (label, lane):
        assert set(api(cast.ana).delete(f"/tags/{tag.pk}").json()) == {"message"}
        assert api(cast.ana).get(f"/tags/{tag.pk}").json() == {"error": "ERR_NO_TAG_FOUND"}
    assert not contact.tags.exists()
    assert not ticket.tags.exists()
    before.refresh_from_db()
    assert (before.next_lane_id, before.rollback_lane_id) == (None, None)
    assert [event["tag_id"] for event in heard(TagDeleted)] == [label.pk, lane.pk]


def test_everybody_hears_of_tags_under_the_name_without_a_hyphen(
    api, cast, contact, frames, django_capture_on_commit_callbacks
):
    http = api(cast.rui)

    def told(method, path, body=None):
        frames.clear()
        with django_capture_on_commit_callbacks(execute=True):
            answer = getattr(http, method)(path, body)
        assert answer.status_code == 200
        tags = [frame for frame in frames if frame.event == f"company{cast.acme.pk}-tag"]
        return answer.json(), [orjson.loads(frame.data) for frame in tags]

    tag, (heard,) = told("post", "/tags", {"name": "Premium"})
    assert (heard["action"], heard["tag"]["id"]) == ("create", tag["id"])
    assert heard["tag"]["contacts"] == []
    contact.tags.add(tag["id"])
    _, (heard,) = told("put", f"/tags/{tag['id']}", {"name": "Gold"})
    assert (heard["action"], heard["tag"]["name"]) == ("update", "Gold")
    assert [row["id"] for row in heard["tag"]["contacts"]] == [contact.pk]
    _, (heard,) = told("delete", f"/tags-contacts/{tag['id']}/{contact.pk}")
    assert (heard["action"], heard["tag"]["contacts"]) == ("update", [])
    _, (heard,) = told("delete", f"/tags/{tag['id']}")
    assert heard == {"action": "delete", "tagId": tag["id"]}


def test_a_plan_without_a_board_has_no_lanes(api, cast, lane, label, without_board):
    rui = api(cast.rui)
    for answer in (
        rui.get("/tag/kanban"),
        rui.get("/tags", {"kanban": "1"}),
        rui.get("/tags/list", {"kanban": "1"}),
        rui.post("/tags", {"name": "A lane", "kanban": 1}),
        rui.put(f"/tags/{lane.pk}", {"name": "A lane"}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")
    assert rui.get("/tags").json()["count"] == 1
    assert rui.post("/tags", {"name": "A label"}).status_code == 200


def test_a_tag_that_somebody_just_removed_is_not_found(cast, contact, label):
    stale = Tag.objects.get(pk=label.pk)
    label.delete()
    for attempt in (
        lambda: services.update_tag(stale, by=cast.rui, name="Gold"),
        lambda: services.delete_tag(stale, by=cast.rui),
        lambda: services.set_contact_tags(contact, [stale.pk], by=cast.rui),
    ):
        with pytest.raises(TagNotFound):
            attempt()
