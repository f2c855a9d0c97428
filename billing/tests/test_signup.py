"""A team registers itself (rest.md §2; behaviour 7 and 8)."""

import datetime
import threading

import pytest
import time_machine
from django.core import mail
from django.db import connection

from accounts import tasks
from accounts.exceptions import EmailTaken
from accounts.models import User
from billing import services
from billing.models import Subscription
from companies.events import CompanySignedUp
from companies.exceptions import CompanyNameTaken
from companies.models import Company, CompanySettings, Setting
from events.models import EventRecord
from whaticket.tenancy import in_company


@pytest.fixture
def body(plan):
    return {
        "companyName": "Initech",
        "name": "Bill",
        "email": "Bill@initech.example",
        "password": "flair",
        "phone": "5511988887777",
        "planId": plan.pk,
    }


def test_a_company_comes_with_admin_settings_plan_and_three_days(web, body, plan):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        answer = web.post("/auth/signup", body)
    assert answer.status_code == 200, answer.json()
    company = Company.objects.get(pk=answer.json()["id"])
    assert company.due_on == datetime.date(2026, 3, 5)
    assert (answer.json()["status"], answer.json()["planId"]) == (True, plan.pk)
    assert CompanySettings.objects.filter(company=company).exists()
    admin = User.objects.get(company=company)
    assert (admin.email, admin.profile, admin.is_super) == ("bill@initech.example", "admin", False)
    with in_company(company.pk):
        assert EventRecord.objects.filter(name=CompanySignedUp.name).count() == 1
    login = web.post("/auth/login", {"email": body["email"], "password": "flair"})
    assert login.status_code == 200


def test_the_welcome_carries_no_password(cast):
    Company.objects.filter(pk=cast.acme.pk).update(due_on=datetime.date(2026, 3, 5))
    assert tasks.mail_welcome(cast.rui.pk)
    assert mail.outbox[0].subject == "Acme está pronta"
    assert "correct horse" not in mail.outbox[0].body


def test_nobody_slips_into_a_company_that_exists(web, body, cast):
    answer = web.post("/auth/signup", body | {"companyId": cast.acme.pk, "profile": "admin"})
    assert answer.json()["id"] != cast.acme.pk
    assert not User.objects.filter(company=cast.acme, email="bill@initech.example").exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "ana@acme.example"}, 400, "ERR_EMAIL_ALREADY_EXISTS"),
        ({"companyName": "Acme"}, 400, "ERR_COMPANY_NAME_ALREADY_EXISTS"),
        ({"companyName": "A"}, 400, "ERR_VALIDATION"),
        ({"planId": 999999}, 404, "ERR_NO_PLAN_FOUND"),
        ({"planId": None}, 400, "ERR_VALIDATION"),
    ],
)
def test_a_refused_registration_leaves_nothing(web, body, cast, change, status, code):
    before = (Company.objects.count(), User.objects.count())
    answer = web.post("/auth/signup", body | change)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert (Company.objects.count(), User.objects.count()) == before


def test_a_private_plan_cannot_be_chosen(web, body, plan):
    plan.is_public = False
    plan.save()
    assert web.post("/auth/signup", body).status_code == 404


def test_the_operator_closes_the_door(web, body, settings):
    Setting.objects.filter(key="userCreation").update(value="disabled")
    answer = web.post("/auth/signup", body)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_USER_CREATION_DISABLED")
    Setting.objects.filter(key="userCreation").delete()
    assert web.post("/auth/signup", body).json()["error"] == "ERR_NO_SETTING_FOUND"
    settings.DEMO = True
    assert web.post("/auth/signup", body).json()["error"] == "ERR_NO_PERMISSION"


def test_one_address_registers_only_so_often(web, body):
    for _ in range(10):
        web.post("/auth/signup", body | {"planId": 999999})
    answer = web.post("/auth/signup", body)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.usefixtures("_companies")
def test_of_two_who_take_one_address_at_once_one_gets_a_company(django_db_blocker):
    from billing.models import Plan
    from companies.services import drop_company

    with django_db_blocker.unblock():
        plan = Plan.objects.create(name="Race plan", users=5)
        start = threading.Barrier(3)
        outcomes = []

        def register(number):
            order = services.Registration(
                name=f"Race {number}",
                email="race@race.example",
                password="password",
                admin_name="Race",
                plan_id=plan.pk,
            )
            start.wait()
            try:
                outcomes.append(services.sign_up(order).pk)
            except EmailTaken:
                outcomes.append("taken")
            finally:
                connection.close()

        threads = [threading.Thread(target=register, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        try:
            assert outcomes.count("taken") == 2
            winners = list(Company.objects.filter(name__startswith="Race "))
            assert [company.pk for company in winners] == [pk for pk in outcomes if pk != "taken"]
        finally:
            for company in Company.objects.filter(name__startswith="Race "):
                drop_company(company)
            Plan.objects.filter(pk=plan.pk).delete()


def test_the_last_seat_is_taken_once(scratch_company, django_db_blocker):
    from accounts.exceptions import UserLimitReached
    from accounts.services import create_user
    from billing.models import Plan

    with django_db_blocker.unblock():
        plan = Plan.objects.create(name=f"Seat {scratch_company.pk}", users=1)
        Subscription.objects.create(company=scratch_company, plan=plan)
        start = threading.Barrier(4)
        outcomes = []

        def add(number):
            start.wait()
            try:
                create_user(
                    company_id=scratch_company.pk,
                    email=f"s{number}@seat{scratch_company.pk}.example",
                    password="x",
                    name="Seat",
                )
                outcomes.append("in")
            except UserLimitReached:
                outcomes.append("full")
            finally:
                connection.close()

        threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        Subscription.objects.filter(plan=plan).delete()
        plan.delete()
        assert sorted(outcomes) == ["full", "full", "full", "in"]


def test_a_taken_company_name_is_told_in_the_platforms_words(platform, facts):
    body = {
        "name": "Acme",
        "email": "x@x.example",
        "document": "12345678901",
        "password": "secret",
        "planId": facts.plan.pk,
    }
    assert platform.post("/api/companies", body).json()["error"] == CompanyNameTaken.code
    for document in ("123", "1" * 15):
        answer = platform.post("/api/companies", body | {"document": document})
        assert answer.json()["error"] == "ERR_COMPANY_INVALID_DOCUMENT"
    Company.objects.filter(pk=facts.globex.pk).update(document="12345678901")
    answer = platform.post("/api/companies", body | {"name": "Other"})
    assert answer.json()["error"] == "ERR_COMPANY_DOCUMENT_ALREADY_EXISTS"
