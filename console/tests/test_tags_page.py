"""The page of tags and lanes: who changes what, what is refused, what it costs."""

import pytest

from billing.models import Plan, Subscription
from console.reads import tags as reads
from console.tests.pages import FRAGMENT
from contacts.models import Contact, Tag
from whaticket.tenancy import in_company


@pytest.fixture
def label(cast):
    return Tag.objects.create(name="Premium <b>", color="#abc")


@pytest.fixture
def lanes(cast):
    return [Tag.objects.create(name=name, is_lane=True) for name in ("Proposal", "Won")]


def form(**fields):
    return {"name": "Wholesale", "color": "#2f7fd1", **fields}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/app/tags/", {"ana": 200, "rui": 200, "eva": 200}),
        ("get", "/app/tags/rows/", {"ana": 200, "eva": 200}),
        ("get", "/app/tags/add/", {"ana": 200, "eva": 200}),
        ("get", "/app/tags/add/?kind=lane", {"ana": 200, "rui": 200}),
        ("get", "/app/tags/{label}/edit/", {"ana": 200, "eva": 404}),
        ("post", "/app/tags/{label}/edit/", {"eva": 404, "ana": 200}),
        ("get", "/app/tags/{lane}/edit/", {"ana": 403, "rui": 200, "eva": 404}),
        ("post", "/app/tags/{lane}/edit/", {"ana": 403, "eva": 404, "rui": 200}),
        ("get", "/app/tags/{lane}/delete/", {"ana": 200, "eva": 404}),
        ("post", "/app/tags/{label}/delete/", {"eva": 404, "ana": 200}),
    ],
)
def test_only_those_who_may_get_an_answer(browser, cast, label, lanes, method, path, statuses):
    address = path.format(label=label.pk, lane=lanes[0].pk)
    for name, status in statuses.items():
        client = browser(getattr(cast, name))
        answer = getattr(client, method)(address, form() if method == "post" else {}, **FRAGMENT)
        assert answer.status_code == status, name
    assert getattr(browser(), method)(address, **FRAGMENT).status_code == 401


def test_the_page_shows_the_companys_tags_with_who_carries_them(
    browser, cast, ticket, label, lanes
):
    ticket.tags.add(label, lanes[1])
    ticket.contact.tags.add(label)
    with in_company(cast.globex.pk):
        Tag.objects.create(name="Foreign")
    context = browser(cast.ana).get("/app/tags/").context
    (row,) = context["labels"].rows
    assert (row.tag, row.contacts, row.tickets) == (label, "1", "1")
    assert [(row.tag.name, row.tickets) for row in context["lanes"]] == [
        ("Proposal", "0"),
        ("Won", "1"),
    ]
    html = browser(cast.ana).get("/app/tags/").content.decode()
    assert "Premium &lt;b&gt;" in html
    # Lanes are changed by administrators.
    assert f"/app/tags/{lanes[0].pk}/edit/" not in html
    assert f"/app/tags/{lanes[0].pk}/edit/" in browser(cast.rui).get("/app/tags/").content.decode()


def test_a_label_is_made_once_and_an_odd_colour_stays_when_it_is_renamed(browser, cast, label):
    client = browser(cast.ana)
    assert client.post("/app/tags/add/", form(name=" Wholesale ")).status_code == 200
    again = client.post("/app/tags/add/", form(), **FRAGMENT)
    assert (again.status_code, again.json()["fields"]) == (400, ["name"])
    path = f"/app/tags/{label.pk}/edit/"
    assert 'value="#aabbcc"' in client.get(path, **FRAGMENT).content.decode()
    assert client.post(path, form(name="VIP", color="#AABBCC")).status_code == 200
    label.refresh_from_db()
    assert (label.name, label.color) == ("VIP", "#abc")


def test_a_lane_takes_everything_the_api_takes(browser, cast, lanes):
    fields = form(
        kind="lane",
        lane_hours="24",
        next_lane=lanes[1].pk,
        rollback_lane=lanes[0].pk,
        lane_greeting="Still there,\r\n{{firstName}}?",
    )
    made = browser(cast.rui).post("/app/tags/add/", fields, **FRAGMENT)
    lane = Tag.objects.get(pk=made.json()["id"])
    assert (lane.is_lane, lane.lane_hours, lane.next_lane, lane.rollback_lane) == (
        True,
        24,
        lanes[1],
        lanes[0],
    )
    assert lane.lane_greeting == "Still there,\n{{firstName}}?"
    cleared = form(lane_hours="", next_lane="", rollback_lane="", lane_greeting="")
    assert browser(cast.rui).post(f"/app/tags/{lane.pk}/edit/", cleared).status_code == 200
    lane.refresh_from_db()
    assert (lane.lane_hours, lane.next_lane, lane.rollback_lane, lane.lane_greeting) == (
        0,
        None,
        None,
        "",
    )


@pytest.mark.parametrize(
    ("fields", "status", "marked"),
    [
        ({"name": "ab"}, 400, ["name"]),
        ({"name": "x" * 256}, 400, ["name"]),
        ({"color": "red"}, 400, ["color"]),
        ({"lane_hours": "-1"}, 400, ["lane_hours"]),
        ({"lane_hours": "87601"}, 400, ["lane_hours"]),
        ({"lane_hours": "2"}, 400, ["next_lane"]),
        ({"lane_greeting": "x" * 4097}, 400, ["lane_greeting"]),
        ({"next_lane": "x"}, 400, ["next_lane"]),
        ({"next_lane": "{self}"}, 400, ["next_lane_id"]),
        ({"rollback_lane": "{label}"}, 404, None),
        ({"next_lane": "999999"}, 404, None),
    ],
)
def test_what_no_lane_can_be_is_refused_and_changes_nothing(
    browser, cast, label, lanes, fields, status, marked
):
    known = {"{self}": lanes[0].pk, "{label}": label.pk}
    fields = {name: known.get(value, value) for name, value in fields.items()}
    refused = browser(cast.rui).post(f"/app/tags/{lanes[0].pk}/edit/", form(**fields), **FRAGMENT)
    assert (refused.status_code, refused.json().get("fields")) == (status, marked)
    lanes[0].refresh_from_db()
    assert lanes[0].name == "Proposal"


def test_deleting_says_what_carries_it_and_takes_it_off(browser, cast, ticket, label):
    ticket.tags.add(label)
    client = browser(cast.ana)
    client.cookies["django_language"] = "en"
    assert "conversations (1)" in client.get(f"/app/tags/{label.pk}/delete/").content.decode()
    assert client.post(f"/app/tags/{label.pk}/delete/").status_code == 200
    assert not ticket.tags.exists()


def test_a_plan_without_the_board_has_labels_only(browser, cast, lanes):
    plan = Plan.objects.create(name="Small", use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    client = browser(cast.rui)
    assert "Proposal" not in client.get("/app/tags/").content.decode()
    for answer in (
        client.get("/app/tags/add/?kind=lane", **FRAGMENT),
        client.post("/app/tags/add/", form(kind="lane"), **FRAGMENT),
        client.post(f"/app/tags/{lanes[0].pk}/edit/", form(), **FRAGMENT),
    ):
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")


def test_labels_come_page_by_page_are_found_and_cost_the_same(browser, cast, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 3)
    client = browser(cast.ana)
    Tag.objects.create(name="T0")
    client.cost("/app/tags/rows/")
    few = client.cost("/app/tags/rows/")
    contact = Contact.objects.create(name="Rita")
    for n in range(1, 8):
        contact.tags.add(Tag.objects.create(name=f"T{n}"))
        Tag.objects.create(name=f"L{n}", is_lane=True)
    assert client.cost("/app/tags/rows/") == few
    seen, after = [], ""
    while after is not None:
        answer = client.get("/app/tags/rows/", {"after": after} if after else {}, **FRAGMENT)
        seen += [row.tag.name for row in answer.context["labels"].rows]
        after = answer.context["labels"].next
    assert seen == [f"T{n}" for n in range(8)]
    found = client.get("/app/tags/rows/", {"q": "t5"}, **FRAGMENT).context["labels"]
    assert [row.tag.name for row in found.rows] == ["T5"]
