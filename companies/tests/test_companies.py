"""The tenants (rest.md §4): made whole, changed with care, gone without a trace."""

import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Subscription
from companies import services
from companies.exceptions import PlatformOwnerProtected, SettingInvalid
from companies.models import Company, CompanySettings
from dispatch.models import SessionLease


def test_an_operator_makes_a_company_whose_admin_can_sign_in(api, web, facts):
    body = {
        "name": "Initech",
        "email": "Bill@initech.example",
        "password": "secret",
        "planId": facts.plan.pk,
        "dueDate": "2026-12-31",
        "recurrence": "MENSAL",
        "campaignsEnabled": True,
    }
    row = api(facts.root).post("/companies", body).json()
    assert (row["planId"], row["recurrence"]) == (facts.plan.pk, "MENSAL")
    assert row["dueDate"] == "2026-12-31T03:00:00.000Z"
    login = {"email": "bill@initech.example", "password": "secret"}
    assert web.post("/auth/login", login).status_code == 200
    listed = api(facts.root).get("/companies/list").json()[-1]
    assert [(item["key"], item["value"]) for item in listed["settings"]] == [
        ("campaignsEnabled", "true")
    ]


def test_without_a_password_nobody_can_sign_in_with_a_known_one(api, web, facts):
    body = {"name": "Initech", "email": "bill@initech.example"}
    assert api(facts.root).post("/companies", body).status_code == 200
    assert not User.objects.get(email="bill@initech.example").has_usable_password()


def test_what_was_read_can_be_sent_back(api, facts):
    Company.objects.filter(pk=facts.acme.pk).update(due_on=datetime.date(2026, 12, 31))
    Subscription.objects.create(company=facts.acme, plan=facts.plan)
    client = api(facts.rui)
    row = client.get(f"/companies/{facts.acme.pk}").json()
    answer = client.put(f"/companies/{facts.acme.pk}", row | {"phone": "5511"})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["phone"] == "5511"
    assert Company.objects.get(pk=facts.acme.pk).due_on == datetime.date(2026, 12, 31)


@pytest.mark.parametrize(
    "change",
    [
        {"planId": None},
        {"dueDate": "2099-01-01"},
        {"dueDate": None},
        {"status": False},
        {"recurrence": "ANUAL"},
        {"paymentMethod": "none"},
        {"campaignsEnabled": True},
    ],
)
def test_a_company_does_not_extend_its_own_licence(api, facts, change):
    Company.objects.filter(pk=facts.globex.pk).update(due_on=datetime.date(2026, 12, 31))
    Subscription.objects.create(company=facts.globex, plan=facts.plan)
    answer = api(facts.eva).put(f"/companies/{facts.globex.pk}", change)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION")
    company = Company.objects.get(pk=facts.globex.pk)
    assert (company.due_on, company.is_active) == (datetime.date(2026, 12, 31), True)


def test_the_main_users_sign_in_changes_with_the_company(api, web, facts):
    body = {"email": "boss@globex.example", "password": "changed", "companyUserName": "Boss"}
    api(facts.root).put(f"/companies/{facts.globex.pk}", body)
    eva = User.objects.get(pk=facts.eva.pk)
    assert (eva.email, eva.name) == ("boss@globex.example", "Boss")
    assert Company.objects.get(pk=facts.globex.pk).email == "boss@globex.example"
    login = {"email": "boss@globex.example", "password": "changed"}
    assert web.post("/auth/login", login).status_code == 200


def test_an_admin_cannot_take_an_operators_account_through_the_company(api, facts):
    Company.objects.filter(pk=facts.acme.pk).update(email=facts.root.email)
    answer = api(facts.rui).put(f"/companies/{facts.acme.pk}", {"password": "hijacked"})
    assert answer.status_code == 403
    assert User.objects.get(pk=facts.root.pk).check_password("correct horse")


DAY = {
    "weekday": "Segunda-feira",
    "weekdayEn": "monday",
    "startTimeA": "08:00",
    "endTimeA": "12:00",
    "startTimeB": "13:00",
    "endTimeB": "18:00",
}


def test_working_hours_are_kept(api, cast):
    answer = api(cast.rui).put(f"/companies/{cast.acme.pk}/schedules", {"schedules": [DAY]})
    assert answer.json()["schedules"] == [DAY]


@pytest.mark.parametrize(
    "schedules",
    [
        None,
        {},
        "x",
        [1],
        [{}],
        [DAY, DAY],
        [DAY | {"weekdayEn": "someday"}],
        [DAY | {"startTimeA": "24:00"}],
        [DAY | {"startTimeA": 8}],
        [DAY | {"weekday": "a\0b"}],
        [DAY] * 8,
    ],
)
def test_senseless_hours_change_nothing(api, cast, schedules):
    answer = api(cast.rui).put(f"/companies/{cast.acme.pk}/schedules", {"schedules": schedules})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert Company.objects.get(pk=cast.acme.pk).schedules == []


def test_a_removed_company_leaves_nothing(api, facts):
    SessionLease.objects.create(company_id=facts.globex.pk, connection_id=1)
    assert api(facts.root).delete(f"/companies/{facts.globex.pk}").status_code == 200
    assert not User.objects.filter(company_id=facts.globex.pk).exists()
    assert not SessionLease.objects.filter(company_id=facts.globex.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [facts.globex.schema_name])
        assert cursor.fetchone()[0] is None


def test_the_platforms_owner_stays(facts):
    for act in (
        lambda: services.drop_company(facts.acme),
        lambda: services.suspend_company(facts.acme, by_id=None),
    ):
        with pytest.raises(PlatformOwnerProtected):
            act()


def test_a_company_costs_one_clone_and_a_few_rows(companies):
    with CaptureQueriesContext(connection) as spent:
        services.create_company(name="Quick")
    statements = [query["sql"] for query in spent]
    assert sum("clone_schema(" in sql for sql in statements) == 1
    # Search paths, savepoints, id, company, settings, clone, names: however many tables there are.
    assert len(statements) <= 13
    assert not [sql for sql in statements if sql.startswith(("CREATE", "ALTER"))]


# Settings -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def test_settings_are_read_once_and_seen_at_once_when_changed(
    companies, django_capture_on_commit_callbacks
):
    acme = companies.acme.pk
    assert services.settings_of(acme).asks_rating is False
    with CaptureQueriesContext(connection) as spent:
        assert services.settings_of(acme).asks_rating is False
    assert len(spent) == 0
    with django_capture_on_commit_callbacks(execute=True):
        services.update_settings(acme, by_id=None, asks_rating=True)
    with CaptureQueriesContext(connection) as spent:
        assert services.settings_of(acme).asks_rating is True
    assert len(spent) == 0


def test_a_slow_reader_does_not_bring_old_settings_back(companies, monkeypatch):
    acme = companies.acme.pk
    old = services.settings_of(acme)
    cache.clear()
    CompanySettings.objects.filter(company_id=acme).update(asks_rating=True)
    services.settings_of(acme)  # a writer's value is in the cache now
    from companies.services import settings as module

    cache.add(module._key(acme), module._values(old), 60)
    assert services.settings_of(acme).asks_rating is True


@pytest.mark.parametrize(
    "change",
    [
        {"asks_rating": "yes"},
        {"asks_rating": 1},
        {"asks_rating": None},
        {"schedule_type": "sometimes"},
        {"transfer_text": 5},
        {"transfer_text": "a\0b"},
        {"unknown": True},
        {"company": 2},
        {"id": 7},
    ],
)
def test_settings_have_kinds(companies, change):
    with pytest.raises(SettingInvalid):
        services.update_settings(companies.acme.pk, by_id=None, **change)


def test_every_setting_of_the_contract_is_written(companies):
    from companies.registry import COLUMNS
    from companies.wire import company_settings

    row = company_settings(services.settings_of(companies.acme.pk))
    assert {key.name for key in COLUMNS} <= set(row)
    assert (row["sendSignMessage"], row["userRating"]) == ("enabled", "disabled")
    assert (row["DirectTicketsToWallets"], row["scheduleType"]) == (False, "disabled")
