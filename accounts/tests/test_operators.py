"""The operators' pages: who gets in, and that every page opens."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from companies.events import CompanyReactivated, CompanySuspended
from companies.models import Company
from events.models import EventRecord
from whaticket.operator_pages import LookOnly
from whaticket.tenancy import in_company, leave_company


@pytest.fixture
def browser(root):
    leave_company()
    client = Client()
    client.force_login(root, backend="accounts.backends.EmailBackend")
    return client


def sign_in(email, token=""):
    client = Client(REMOTE_ADDR="10.99.0.1")
    body = {"username": email, "password": "correct horse", "otp_token": token}
    client.post("/admin/login/", body)
    return client.get("/admin/").status_code == 200


def test_only_operators_enter(root, cast):
    assert sign_in(root.email)
    assert not sign_in(cast.rui.email)


def test_a_second_factor_is_asked_of_those_who_have_one(root):
    device = TOTPDevice.objects.create(user=root, name="phone")
    assert not sign_in(root.email)
    device.refresh_from_db()
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert sign_in(root.email, f"{totp(device.bin_key):06d}")


def test_a_browser_session_without_the_second_factor_does_not_enter(browser, root):
    assert browser.get("/admin/").status_code == 200
    TOTPDevice.objects.create(user=root, name="phone")
    assert browser.get("/admin/").status_code == 302


def test_a_second_factor_can_be_demanded_of_everybody(root, settings):
    settings.OTP_REQUIRED = True
    assert not sign_in(root.email)


# Lists are opened by test_operator_pages.py.
PAGES = sorted(
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    for model in admin.site._registry
    if not isinstance(admin.site._registry[model], LookOnly)
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_to_add_something_opens(browser, page):
    assert browser.get(page).status_code in {200, 403}


def test_the_pages_of_one_thing_open(browser, cast, plan):
    for thing in (cast.acme, cast.ana, plan):
        name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
        assert browser.get(reverse(name, args=[thing.pk])).status_code == 200


def test_a_new_person_can_sign_in(browser, web, cast):
    body = {
        "email": "Late@acme.example",
        "name": "Late",
        "company": cast.acme.pk,
        "profile": "user",
        "password1": "five horses",
        "password2": "five horses",
    }
    answer = browser.post(reverse("admin:accounts_user_add"), body)
    assert answer.status_code == 302, answer.context["errors"]
    login = {"email": "late@acme.example", "password": "five horses"}
    assert web.post("/auth/login", login).status_code == 200


def test_a_company_is_made_suspended_and_removed(browser, root, cast):
    browser.post(reverse("admin:companies_company_add"), {"name": "Initech", "schedules": "[]"})
    company = Company.objects.get(name="Initech")
    changelist = reverse("admin:companies_company_changelist")
    for action in ("suspend", "reactivate"):
        browser.post(changelist, {"action": action, "_selected_action": [company.pk]})
    answer = browser.get(reverse("admin:companies_company_enter_company", args=[company.pk]))
    assert answer["Location"] == f"/admin/enter/?company={company.pk}"
    with in_company(company.pk):
        names = list(EventRecord.objects.values_list("name", flat=True))
    assert {CompanySuspended.name, CompanyReactivated.name} <= set(names)
    leave_company()
    browser.post(reverse("admin:companies_company_delete", args=[company.pk]), {"post": "yes"})
    assert not Company.objects.filter(name="Initech").exists()


def test_people_are_removed_and_not_deleted(browser, cast):
    body = {"action": "remove_people", "_selected_action": [cast.bia.pk]}
    browser.post(reverse("admin:accounts_user_changelist"), body)
    assert User.objects.get(pk=cast.bia.pk).removed_at is not None
