"""Defects of the original in rest.md §§2 to 5 that stay closed, where no other test says so."""

import datetime

import orjson
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from companies import services
from companies.models import Company
from companies.tests.test_settings import picture

SECRETS = ("argon2", "md5$", "passwordHash", "tokenVersion", "token_version", "secret")


@pytest.fixture
def signup(plan):
    return {
        "companyName": "Initech",
        "name": "Bill",
        "email": "bill@initech.example",
        "password": "flair",
        "phone": "5511988887777",
        "planId": plan.pk,
    }


def test_the_news_of_a_sign_in_carries_no_token_and_reaches_that_person_only(
    signed_in, cast, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("accounts.receivers.emit", sent.extend)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.ana)
    (frame,) = [frame for frame in sent if frame.event == f"company-{cast.acme.pk}-auth"]
    user = {"id": cast.ana.pk, "email": cast.ana.email, "companyId": cast.acme.pk}
    assert orjson.loads(frame.data) == {"action": "update", "user": user}
    assert frame.audience.users == (cast.ana.pk,)


def test_no_route_of_people_and_companies_shows_a_secret(api, facts, platform):
    client, ana = api(facts.rui), facts.ana.pk
    form = {"profileImage": SimpleUploadedFile("a.png", picture()), "typeArch": "user"}
    new = {"email": "new@acme.example", "password": "secret-word", "name": "New"}
    answers = [
        client.get("/users"),
        client.get("/users/list"),
        client.get(f"/users/{ana}"),
        client.post("/users", new),
        client.put(f"/users/{ana}", {"name": "Ana A"}),
        client.put(f"/users/toggleChangeWidht/{ana}", {"defaultTicketsManagerWidth": 400}),
        client.post(f"/users/{ana}/media-upload", form, format="multipart"),
        client.get("/companies/list"),
        client.get(f"/companies/{facts.acme.pk}"),
        platform.get(f"/api/users/{facts.ana.email}"),
        platform.get("/api/companies"),
        platform.get(f"/api/companiesEmail/{facts.acme.email or 'x'}"),
    ]
    for answer in answers[:-1]:
        assert answer.status_code == 200, answer.content
    for answer in answers:
        text = answer.content.decode()
        assert not [word for word in SECRETS if word in text], text[:300]


def test_the_operators_list_is_searched_and_never_ignores_the_text(api, facts):
    Company.objects.filter(pk=facts.globex.pk).update(document="99887766554")
    client = api(facts.root)
    for text in ("GLOB", "99887766554"):
        found = client.get(f"/companies?searchParam={text}").json()
        assert [row["name"] for row in found["companies"]] == ["Globex"]
    assert client.get("/companies?searchParam=nobody").json()["count"] == 0


def test_nobody_sets_the_hours_of_another_company(api, facts):
    answer = api(facts.eva).put(f"/companies/{facts.acme.pk}/schedules", {"schedules": []})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_NO_PERMISSION")


@pytest.mark.parametrize("key", ["userCreation", "allowSignup"])
def test_either_switch_closes_the_sign_up(web, facts, signup, key):
    services.set_named_setting(key, "disabled")
    answer = web.post("/auth/signup", signup)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_USER_CREATION_DISABLED")
    services.set_named_setting(key, "enabled")
    assert web.post("/auth/signup", signup).status_code == 200


@pytest.mark.parametrize(
    ("trial", "days", "due"),
    [
        (False, 30, datetime.date(2026, 3, 5)),
        (True, 0, datetime.date(2026, 3, 5)),
        (True, 30, datetime.date(2026, 4, 1)),
        (True, 2_000_000_000, datetime.date(2036, 2, 28)),
    ],
)
def test_a_trial_lasts_as_long_as_its_plan_says(web, signup, plan, trial, days, due):
    plan.trial, plan.trial_days = trial, days
    plan.save()
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        answer = web.post("/auth/signup", signup)
    assert answer.status_code == 200, answer.json()
    assert Company.objects.get(pk=answer.json()["id"]).due_on == due
