"""The queues page: who may, their order, all that a queue is kept with, and what its end leaves."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import create_user
from billing.models import Plan, Subscription
from companies.hours import BOUNDS, DAYS
from companies.services import change_setting, forget_settings
from console.tests.pages import FRAGMENT
from messaging.models import FileList
from tickets import services
from tickets.events import QueueMembersChanged, QueueUpdated
from tickets.exceptions import QueueNotFound
from tickets.models import Queue, QueueMember
from tickets.services import DistributionChange

HOURS = ("08:00", "12:00", "13:00", "18:00")


def week(**states):
    """Give the fields of a week: open all day, but for the days named."""
    fields = {}
    for day in DAYS:
        fields[f"{day}_is"] = states.get(day, "open")
        for bound, time in zip(BOUNDS, HOURS, strict=True):
            fields[f"{day}_{bound}"] = time
    return fields


def form(**fields):
    return {
        "name": "Finance",
        "color": "#0aaff0",
        "greeting_message": "Olá {{firstName}},\r\nfinanceiro.",
        "out_of_hours_message": "Amanhã às 8.",
        "distribution": "off",
        **week(),
        **fields,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/app/queues/"),
        ("get", "/app/queues/rows/"),
        ("post", "/app/queues/order/"),
        ("get", "/app/queues/new/"),
        ("post", "/app/queues/new/"),
        ("get", "/app/queues/{sales}/"),
        ("post", "/app/queues/{sales}/"),
        ("get", "/app/queues/{sales}/delete/"),
        ("post", "/app/queues/{sales}/delete/"),
    ],
)
def test_only_administrators_come_here(browser, cast, method, path):
    address = path.format(sales=cast.sales.pk)
    body = {"queue": [cast.sales.pk]} if "order" in path else form()
    for user in (cast.ana, cast.bia):
        assert getattr(browser(user), method)(address, body, **FRAGMENT).status_code == 403
    assert getattr(browser(), method)(address, **FRAGMENT).status_code == 401
    if "{sales}" in path:
        missing = path.format(sales=10**17)
        answer = getattr(browser(cast.rui), method)(missing, body, **FRAGMENT)
        assert answer.status_code == 404
    assert getattr(browser(cast.rui), method)(address, body, **FRAGMENT).status_code == 200
    assert b'href="/app/queues/"' not in browser(cast.bia).get("/app/").content


def test_a_queue_of_another_company_is_not_there(browser, cast):
    # Ids begin anew in every company; this one is past those of acme.
    for _ in range(5):
        found = Queue.objects.create(name=f"Q{_}", color=f"#00000{_}")
    for path in ("", "delete/"):
        assert browser(cast.eva).get(f"/app/queues/{found.pk}/{path}").status_code == 404
    answer = browser(cast.eva).post(f"/app/queues/{found.pk}/delete/", **FRAGMENT)
    assert answer.status_code == 404
    assert Queue.objects.filter(pk=found.pk).exists()


def test_a_queue_is_kept_with_its_words_hours_files_people_and_distribution(browser, cast, heard):
    files = FileList.objects.create(name="Prices")
    answer = browser(cast.rui).post(
        "/app/queues/new/",
        form(
            **week(monday="hours", sunday="closed"),
            file_list_id=files.pk,
            closes_tickets="on",
            members=[cast.ana.pk, cast.bia.pk],
            **{f"capacity_{cast.ana.pk}": "4"},
            distribution="least_busy",
            agent_capacity="8",
            wait_minutes="10",
            opens_assigned="on",
        ),
        **FRAGMENT,
    )
    assert answer.status_code == 200, answer.content
    made = Queue.objects.get(pk=answer.json()["id"])
    assert (made.name, made.color, made.greeting_message) == (
        "Finance", "#0aaff0", "Olá {{firstName}},\nfinanceiro.",
    )  # fmt: skip
    assert (made.file_list_id, made.closes_tickets) == (files.pk, True)
    assert (made.distribution, made.opens_assigned, made.agent_capacity) == ("least_busy", True, 8)
    assert (made.router_is_on, made.router_minutes) == (True, 10)
    days = {day["weekdayEn"]: tuple(day[bound] for bound in BOUNDS) for day in made.schedules}
    assert days == {"monday": HOURS, "sunday": ("",) * 4}
    members = QueueMember.objects.filter(queue=made).values_list("user_id", "capacity")
    assert dict(members) == {cast.ana.pk: 4, cast.bia.pk: None}
    assert heard(QueueMembersChanged)[-1]["by_id"] == cast.rui.pk


def test_what_is_shown_of_a_queue_is_kept_when_it_is_sent_back(browser, cast):
    day = dict(zip(BOUNDS, ("09:30", "17:00", "", ""), strict=True))
    cast.sales.schedules = [
        {"weekday": "Segunda-feira", "weekdayEn": "monday", **day},
        {"weekday": "Domingo", "weekdayEn": "sunday", **dict.fromkeys(BOUNDS, "")},
    ]
    cast.sales.integration_id, cast.sales.position = 7, 3
    cast.sales.save()
    client = browser(cast.rui)
    html = client.get(f"/app/queues/{cast.sales.pk}/").content.decode()
    assert f'name="members" value="{cast.ana.pk}" checked' in html
    assert f'name="members" value="{cast.bia.pk}" >' in html
    assert 'name="monday_startTimeA" value="09:30"' in html
    body = form(
        name="Sales",
        color="#112233",
        members=[cast.ana.pk],
        **week(monday="hours", sunday="closed")
        | {f"monday_{bound}": time for bound, time in day.items()},
    )
    assert client.post(f"/app/queues/{cast.sales.pk}/", body, **FRAGMENT).status_code == 200
    kept = Queue.objects.get(pk=cast.sales.pk)
    assert kept.schedules == cast.sales.schedules
    # What this page does not show stays as it is.
    assert (kept.integration_id, kept.position) == (7, 3)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "F"}, "name"),
        ({"name": "Support"}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"color": "red"}, "color"),
        ({"color": "#445566"}, "color"),
        ({"distribution": "fair"}, "distribution"),
        ({"agent_capacity": "-1"}, "agent_capacity"),
        ({"agent_capacity": "many"}, "agent_capacity"),
        ({"wait_minutes": "9999999"}, "wait_minutes"),
        ({"file_list_id": "77"}, "file_list_id"),
        ({"members": ["x"]}, "members"),
        ({"greeting_message": "\x00"}, "greeting_message"),
        ({"monday_is": "sometimes"}, "monday_is"),
        ({"monday_is": "hours", "monday_startTimeA": "8h"}, "monday_is"),
        ({"monday_is": "hours", "monday_endTimeA": ""}, "monday_is"),
        ({"monday_is": "hours", "monday_endTimeB": ""}, "monday_is"),
        ({"monday_is": "hours", "monday_startTimeA": "12:30"}, "monday_is"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_changes_nothing(english, cast, wrong, field):
    before = Queue.objects.count()
    answer = english(cast.rui).post("/app/queues/new/", form(**wrong), **FRAGMENT)
    assert answer.status_code == 400
    told = answer.json()
    assert list(told["problems"]) == [field]
    assert "ERR_" not in told["problems"][field]
    assert Queue.objects.count() == before


def test_a_limit_that_is_no_number_or_a_stranger_undoes_the_whole_queue(browser, cast):
    client = browser(cast.rui)
    body = form(members=[cast.ana.pk], **{f"capacity_{cast.ana.pk}": "a lot"})
    told = client.post("/app/queues/new/", body, **FRAGMENT).json()
    assert list(told["problems"]) == [f"capacity_{cast.ana.pk}"]
    answer = client.post("/app/queues/new/", form(members=[cast.eva.pk]), **FRAGMENT)
    assert answer.status_code in (400, 404)
    assert not Queue.objects.filter(name="Finance").exists()


def test_a_full_plan_is_said_in_words_and_makes_no_queue(english, cast):
    plan = Plan.objects.create(name="Two", users=9, connections=1, queues=2, amount=1)
    Subscription.objects.update_or_create(company=cast.acme, defaults={"plan": plan})
    client = english(cast.rui)
    for path in ("/app/queues/", "/app/queues/new/"):
        assert "Your plan allows 2 queues" in client.get(path).content.decode()
    told = client.post("/app/queues/new/", form(), **FRAGMENT).json()
    assert told["message"] == "Your plan allows no more queues."
    assert Queue.objects.count() == 2


def test_queues_stand_in_the_order_they_were_put(browser, cast, heard):
    third = Queue.objects.create(name="Third", color="#010203")
    client = browser(cast.rui)
    # Who does not know of the third one leaves it at the end.
    answer = client.post(
        "/app/queues/order/", {"queue": [cast.support.pk, cast.sales.pk]}, **FRAGMENT
    )
    assert answer.status_code == 200
    assert list(Queue.objects.all()) == [cast.support, cast.sales, third]
    assert {row["queue_id"] for row in heard(QueueUpdated)} == {
        cast.support.pk, cast.sales.pk, third.pk,
    }  # fmt: skip
    told = len(heard(QueueUpdated))
    services.order_queues([cast.support.pk], by=None)
    assert len(heard(QueueUpdated)) == told
    for wrong in ([], ["x"], [cast.sales.pk, 10**17]):
        answer = client.post("/app/queues/order/", {"queue": wrong}, **FRAGMENT)
        assert answer.status_code == 400
    with pytest.raises(QueueNotFound):
        services.order_queues([10**17], by=None)
    assert list(Queue.objects.all()) == [cast.support, cast.sales, third]


def test_the_end_of_a_queue_says_what_it_leaves_and_leaves_it(english, cast, ticket):
    client = english(cast.rui)
    asked = client.get(f"/app/queues/{cast.sales.pk}/delete/", **FRAGMENT).content.decode()
    assert "One open ticket stays, without a queue" in asked
    assert "One person answers it no more." in asked
    assert "One connection no longer offers it" in asked
    assert client.post(f"/app/queues/{cast.sales.pk}/delete/", **FRAGMENT).status_code == 200
    ticket.refresh_from_db()
    assert ticket.queue_id is None
    html = client.get("/app/queues/").content.decode()
    assert "Support" in html
    assert ">Sales<" not in html


def test_rows_say_whether_a_queue_works_where_its_hours_count(english, cast):
    client = english(cast.rui)
    shut = [{"weekday": day, "weekdayEn": day, **dict.fromkeys(BOUNDS, "")} for day in DAYS]
    Queue.objects.filter(pk=cast.sales.pk).update(
        schedules=shut, out_of_hours_message="Closed, sorry."
    )
    Queue.objects.filter(pk=cast.support.pk).update(schedules=shut)
    html = client.get("/app/queues/").content.decode()
    assert "open now" not in html
    assert "closed now" not in html
    assert "These hours do not count now" in client.get("/app/queues/new/").content.decode()
    change_setting(
        "scheduleType", "queue", company_id=cast.acme.pk, by_id=cast.rui.pk, is_operator=False
    )
    forget_settings(cast.acme.pk)
    html = client.get("/app/queues/").content.decode()
    # Sales is shut; Support has nothing to say to latecomers, so it counts as open.
    assert (html.count("closed now"), html.count("open now")) == (1, 1)
    assert "These hours do not count now" not in client.get("/app/queues/new/").content.decode()


def test_the_list_and_a_queue_cost_the_same_for_few_and_for_many(browser, cast):
    client = browser(cast.rui)

    def cost():
        found = []
        for path in ("/app/queues/rows/", f"/app/queues/{cast.sales.pk}/"):
            with CaptureQueriesContext(connection) as spent:
                assert client.get(path, **FRAGMENT).status_code == 200
            found.append(len(spent))
        return found

    cost()
    few = cost()
    for n in range(8):
        one = create_user(
            company_id=cast.acme.pk, email=f"p{n}@acme.example", password=None, name=f"P{n}"
        )
        queue = services.set_up_queue(
            None,
            by=cast.rui,
            fields={"name": f"Queue {n}", "color": f"#00aa0{n}"},
            member_ids=[one.pk, cast.ana.pk],
            distribution=DistributionChange(mode="next"),
        )
        QueueMember.objects.get_or_create(queue=cast.sales, user=one)
        assert queue.distribution == "next"
    assert cost() == few
