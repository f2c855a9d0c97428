"""The operators' pages of the platform: named values, announcements, help pages."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.events import NamedSettingChanged, NoticeChanged
from companies.models import Announcement, Help, Setting
from whaticket.tenancy import enter_company, leave_company


@pytest.fixture
def browser(cast):
    User.objects.filter(pk=cast.rui.pk).update(is_super=True)
    Setting.objects.all().delete()
    leave_company()
    client = Client()
    client.force_login(cast.rui, backend="accounts.backends.EmailBackend")
    return client


def page_of(model, page, *args):
    return reverse(f"admin:companies_{model._meta.model_name}_{page}", args=args)


def test_a_named_value_is_one_the_platform_knows_and_its_company_hears(browser, cast, heard):
    page = page_of(Setting, "add")
    body = {"company": cast.acme.pk, "key": "nobodyKnows", "value": "x"}
    assert browser.post(page, body).status_code == 200
    body = {"key": "userCreation", "value": "perhaps"}
    assert browser.post(page, body).status_code == 200
    assert not Setting.objects.exists()
    assert browser.post(page, body | {"value": "enabled"}).status_code == 302
    kept = Setting.objects.get()
    assert (kept.company, kept.key, kept.value) == (None, "userCreation", "enabled")
    body = {"company": cast.acme.pk, "key": "primaryColorLight", "value": "#00ff00"}
    assert browser.post(page, body).status_code == 302
    enter_company(cast.acme.pk)
    assert [event["key"] for event in heard(NamedSettingChanged)] == ["primaryColorLight"]


def test_a_value_is_changed_and_stays_the_same_row(browser):
    row = Setting.objects.create(key="userCreation", value="enabled")
    page = page_of(Setting, "change", row.pk)
    assert browser.post(page, {"value": "disabled"}).status_code == 302
    assert Setting.objects.get().value == "disabled"
    assert browser.post(page_of(Setting, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_secret_value_is_neither_shown_nor_changed(browser, cast):
    row = Setting.objects.create(company=cast.acme, key="_certificate", value="5ecret.pem")
    for page in (page_of(Setting, "changelist"), page_of(Setting, "change", row.pk)):
        answer = browser.get(page)
        assert answer.status_code == 200
        assert b"5ecret" not in answer.content
    assert browser.post(page_of(Setting, "change", row.pk), {"value": "x"}).status_code == 403


def test_announcements_and_help_pages_are_told(browser, cast, heard):
    body = {"title": "Tonight", "text": "We move", "priority": 1, "is_shown": "on"}
    assert browser.post(page_of(Announcement, "add"), body).status_code == 302
    notice = Announcement.objects.get()
    assert notice.company == cast.acme
    short = {"title": "Hi", "description": "no"}
    assert browser.post(page_of(Help, "add"), short).status_code == 200
    full = {"title": "First steps", "description": "Watch this"}
    assert browser.post(page_of(Help, "add"), full).status_code == 302
    page = page_of(Announcement, "delete", notice.pk)
    assert browser.post(page, {"post": "yes"}).status_code == 302
    assert (
        browser.post(page_of(Help, "delete", Help.objects.get().pk), {"post": "yes"}).status_code
        == 302
    )
    enter_company(cast.acme.pk)
    told = [(event["kind"], event["action"]) for event in heard(NoticeChanged)]
    assert told == [
        ("announcement", "create"), ("help", "create"), ("announcement", "delete"),
        ("help", "delete"),
    ]  # fmt: skip
