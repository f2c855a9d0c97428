"""The operators' pages of every model: registered, closed to others, and at a constant cost."""

import datetime
import itertools
import uuid

import pytest
from django.apps import apps
from django.conf import settings as project
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts import services
from accounts.models import User
from billing.models import Notice
from companies.models import Company, CompanySettings, Domain
from contacts.models import ContactCount, ContactTag
from messaging.models import FileListItem, TeamChatMember
from tickets.models import QueueMember, TicketCount, TicketTag
from whaticket.operator_pages import CompanyPages
from whaticket.tenancy import enter_company, leave_company

OURS = [
    "accounts", "companies", "billing", "dispatch", "contacts", "whatsapp", "tickets", "messaging",
    "chatbots", "events", "console",
]  # fmt: skip

# Why a model has no page of its own.
ELSEWHERE = {
    CompanySettings: "on the page of its company",
    Domain: "on the page of its company",
    Notice: "on the page of its invoice",
    ContactTag: "the tags of a contact, set through its services",
    TicketTag: "on the page of its ticket",
    QueueMember: "on the page of its queue",
    FileListItem: "on the page of its list",
    TeamChatMember: "on the page of its room",
    ContactCount: "written by database triggers; says nothing by itself",
    TicketCount: "written by database triggers; says nothing by itself",
}

PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OF_COMPANIES = [m for m in PAGES if isinstance(admin.site._registry[m], CompanyPages)]


def changelist(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def change(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def label(model):
    return model._meta.label


@pytest.fixture
def browser(root):
    leave_company()
    client = Client()
    client.force_login(root, backend="accounts.backends.EmailBackend")
    return client


@pytest.fixture
def inside(browser, cast):
    browser.post("/admin/enter/", {"company": cast.acme.pk, "reason": "asked for help"})
    leave_company()
    return browser


_numbers = itertools.count(1)


def value_for(field):
    """Something that fits a column, and no other row has."""
    number = next(_numbers)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.ForeignKey):
        return row_of(field.related_model)
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.localdate() + datetime.timedelta(days=number)
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.IntegerField | models.DecimalField):
        return number % 10
    return f"x{number}"[: field.max_length or 20]


def row_of(model):
    """One row of any model, with what it points to, as far as its columns demand."""
    if model is Company:
        number = next(_numbers)
        return Company.objects.create(name=f"Company {number}", schema_name=f"company_9{number}")
    if model is User:
        number = next(_numbers)
        return User.objects.create(
            email=f"p{number}@x.example", name=f"P {number}", company_id=Company.objects.first().pk
        )
    if model is PeriodicTask:
        rhythm = IntervalSchedule.objects.create(every=next(_numbers), period="seconds")
        return PeriodicTask.objects.create(name=f"t{rhythm.pk}", task="x", interval=rhythm)
    values = {
        field.name: value_for(field)
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.has_default() or field.null or field.generated)
        and (not field.blank or isinstance(field, models.ForeignKey))
    }
    return model.objects.create(**values)


def enter_for(model, cast):
    if model in OF_COMPANIES:
        enter_company(cast.acme.pk)
    else:
        leave_company()


def test_every_model_of_ours_has_a_page_or_a_reason():
    models_of_ours = {m for name in OURS for m in apps.get_app_config(name).get_models()}
    assert {m for m in models_of_ours if m not in admin.site._registry} == set(ELSEWHERE)


def test_every_model_inside_companies_is_shown_only_there():
    of_tenants = {
        model
        for name in project.TENANT_APPS
        for model in apps.get_app_config(name).get_models()
        if model in admin.site._registry
    }
    assert set(OF_COMPANIES) == of_tenants


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_a_list_costs_the_same_for_three_more_rows(inside, cast, model):
    def cost():
        leave_company()
        with CaptureQueriesContext(
            connection,
        ) as found:
            answer = inside.get(changelist(model))
        assert answer.status_code == 200
        return len(found)

    enter_for(model, cast)
    if model not in {User, Company}:
        model._default_manager.exclude(pk__in=kept_rows(model)).delete()
    cost()
    before = cost()
    enter_for(model, cast)
    rows = [row_of(model) for _ in range(3)]
    assert cost() == before
    leave_company()
    shown = inside.get(change(rows[0]))
    assert shown.status_code == 200


def kept_rows(model):
    """What the browser stands on."""
    from accounts.models import Visit

    return list(Visit.objects.values_list("pk", flat=True)) if model is Visit else []


@pytest.mark.parametrize("who", ["nobody", "rui"])
def test_every_page_refuses_whoever_is_no_operator(cast, who):
    leave_company()
    client = Client()
    if who != "nobody":
        client.force_login(getattr(cast, who), backend="accounts.backends.EmailBackend")
    pages = [changelist(model) for model in PAGES] + ["/admin/", "/admin/enter/", "/admin/search/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/admin/login/"), page
    assert client.post("/admin/leave/").status_code == 302


@pytest.mark.parametrize("model", OF_COMPANIES, ids=label)
def test_rows_of_a_company_are_not_shown_before_it_is_entered(browser, model):
    opts = model._meta
    pages = [changelist(model)] + [
        reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=["1"])
        for page in ("change", "delete", "history")
    ]
    for page in pages:
        for answer in (browser.get(page), browser.post(page)):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/enter/")


def test_choosing_from_rows_of_a_company_needs_it_entered(browser, inside, cast):
    query = "?app_label=tickets&model_name=ticket&field_name=contact"
    other = Client()
    other.force_login(User.objects.get(is_super=True), backend="accounts.backends.EmailBackend")
    assert other.get(f"/admin/autocomplete/{query}").status_code == 403
    assert inside.get(f"/admin/autocomplete/{query}").status_code == 200


def test_no_address_finds_any_row_by_its_number(browser):
    assert browser.get("/admin/r/1/1/").status_code == 404


def test_secrets_are_on_no_page(inside, cast):
    from dispatch.models import Route, SessionLease
    from whatsapp.models import ApiToken, Connection
    from whatsapp.services.tokens import issue_token

    enter_company(cast.acme.pk)
    Connection.objects.filter(pk=cast.number.pk).update(
        credentials={"token": "hush-hush"}, qrcode="hush-qr", pair_code="HUSH"
    )
    token, secret = issue_token(cast.number, name="crm", scopes=["contacts:read"], by=cast.rui)
    leave_company()
    route = Route.objects.get(kind=Route.Kind.NAMED_TOKEN, company_id=cast.acme.pk)
    lease = SessionLease.objects.create(
        company_id=cast.acme.pk, connection_id=9, command={"do": "hush"}
    )
    rows = [cast.number, token, route, lease]
    told = b"".join(
        inside.get(page).content for row in rows for page in (change(row), changelist(type(row)))
    )
    assert b"crm" in told
    for hidden in ("hush", "HUSH", secret, token.digest, route.key):
        assert hidden.encode() not in told
    assert ApiToken is type(token)


def test_sign_ins_are_ended_and_not_deleted(browser, api, cast):
    from accounts.models import Session

    client = api(cast.ana)
    leave_company()
    session = Session.objects.get(user=cast.ana)
    browser.post(changelist(Session), {"action": "end", "_selected_action": [session.pk]})
    session.refresh_from_db()
    assert session.ended_at is not None
    assert client.get("/queue").status_code in {401, 403}
    page = reverse("admin:accounts_session_delete", args=[session.pk])
    assert browser.post(page, {"post": "yes"}).status_code == 403


def test_a_visit_ends_by_an_action_too(inside, root):
    from accounts.models import Visit

    visit = Visit.objects.get()
    inside.post(changelist(Visit), {"action": "end", "_selected_action": [visit.pk]})
    assert services.visit_in_force(visit.pk, of=root) is None
