"""Who may do what: every route of accounts, companies, billing and operations, for every role."""

import contextlib
import json

import pytest
from django.db import transaction

from billing.models import Plan, Subscription
from billing.services import order_invoice

ROLES = ("nobody", "ana", "rui", "eva", "root", "platform")

WIDTH = {"defaultTicketsManagerWidth": 400}
ON = {"value": "enabled"}
RATING = {"column": "userRating", "data": "enabled"}
NOTICE = {"title": "News", "text": "Something new"}
HELP = {"title": "First steps", "description": "How to begin"}
PARTNER = {
    "name": "Reseller",
    "phone": "551100",
    "email": "sales@reseller.example",
    "document": "12345678901",
    "commission": 10,
    "typeCommission": "percent",
}
OTHER = {"id": "{globex}", "phone": "551100"}

# (method, path, body, status for nobody, ana (agent), rui (admin), eva (admin of globex),
#  root (operator), the platform's token)
TABLE = [
    ("POST", "/auth/signup", None, 400, 400, 400, 400, 400, 400),
    ("POST", "/auth/login", None, 401, 401, 401, 401, 401, 401),
    ("POST", "/auth/refresh_token", None, 401, 401, 401, 401, 401, 401),
    ("POST", "/auth/disconnect-other-sessions", None, 401, 200, 200, 200, 200, 403),
    ("DELETE", "/auth/logout", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/auth/me", None, 401, 401, 401, 401, 401, 403),
    ("POST", "/auth/password-recovery", {"email": "x@y.example"}, *[200] * 6),
    ("POST", "/auth/reset-password", {"token": "0" * 64, "password": "secret"}, *[400] * 6),
    ("GET", "/users", None, 401, 200, 200, 200, 200, 403),
    ("POST", "/users", "new", 401, 403, 200, 200, 200, 403),
    ("GET", "/users/list", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/users/list?companyId={acme}", None, 401, 200, 200, 403, 200, 403),
    ("GET", "/users/{bia}", None, 401, 200, 200, 404, 200, 403),
    ("PUT", "/users/{bia}", {"name": "Bia B"}, 401, 403, 200, 404, 200, 403),
    ("PUT", "/users/{ana}", {"name": "Ana A"}, 401, 200, 200, 404, 200, 403),
    ("PUT", "/users/{bia}", {"companyId": "{globex}"}, 401, 400, 400, 404, 400, 403),
    ("PUT", "/users/{root}", {"password": "hijacked"}, 401, 403, 403, 404, 200, 403),
    ("DELETE", "/users/{bia}", None, 401, 403, 200, 400, 200, 403),
    ("DELETE", "/users/{root}", None, 401, 403, 403, 400, 200, 403),
    ("DELETE", "/users/999999999", None, 401, 403, 404, 404, 404, 403),
    ("POST", "/users/{bia}/media-upload", None, 401, 400, 400, 404, 400, 403),
    ("PUT", "/users/toggleChangeWidht/{bia}", WIDTH, 401, 403, 200, 404, 200, 403),
    ("PUT", "/users/toggleChangeWidht/{ana}", WIDTH, 401, 200, 200, 404, 200, 403),
    ("GET", "/public/company{acme}/user/" + "0" * 32 + ".jpg", None, *[404] * 6),
    ("GET", "/api/users/ana@acme.example", None, 401, 403, 403, 403, 403, 200),
    ("GET", "/companies/list", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/companies", None, 401, 403, 403, 403, 200, 403),
    ("POST", "/companies", "tenant", 401, 403, 403, 403, 200, 403),
    ("GET", "/companies/{acme}", None, 401, 200, 200, 400, 200, 403),
    ("PUT", "/companies/{acme}", {"phone": "551100"}, 401, 403, 200, 400, 200, 403),
    ("PUT", "/companies/{acme}", OTHER, 401, 400, 400, 400, 400, 403),
    ("PUT", "/companies/{acme}", {"dueDate": "2099-01-01"}, 401, 403, 403, 400, 200, 403),
    ("PUT", "/companies/{globex}", {"status": False}, 401, 400, 400, 403, 200, 403),
    ("PUT", "/companies/{globex}", {"planId": "{plan}"}, 401, 400, 400, 403, 200, 403),
    ("PUT", "/companies/{acme}/schedules", {"schedules": []}, 401, 403, 200, 400, 200, 403),
    ("DELETE", "/companies/{globex}", None, 401, 400, 400, 400, 200, 403),
    ("DELETE", "/companies/999999999", None, 401, 400, 400, 400, 404, 403),
    ("GET", "/companies/listPlan/{acme}", None, 401, 200, 200, 400, 200, 403),
    ("GET", "/companiesPlan", None, 401, 403, 403, 403, 200, 403),
    ("GET", "/api/companies", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/api/companies", "company", 401, 403, 403, 403, 403, 200),
    ("GET", "/api/companies/{acme}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/companies/{acme}", {"phone": "551100"}, 401, 403, 403, 403, 403, 200),
    ("DELETE", "/api/companies/{globex}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/companies/{acme}/schedules", {"schedules": []}, 401, 403, 403, 403, 403, 200),
    ("GET", "/api/companiesEmail/nobody@acme.example", None, 401, 403, 403, 403, 403, 404),
    ("GET", "/plans", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/plans/list", None, *[200] * 6),
    ("GET", "/plans/all", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/plans/{plan}", None, 401, 400, 400, 400, 200, 403),
    ("POST", "/plans", {"name": "Gold"}, 401, 403, 403, 403, 200, 403),
    ("PUT", "/plans/{plan}", {"users": 7}, 401, 400, 400, 400, 200, 403),
    ("DELETE", "/plans/{plan}", None, 401, 400, 400, 400, 200, 403),
    ("GET", "/api/plans", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/api/plans", "plan", 401, 403, 403, 403, 403, 200),
    ("GET", "/api/plans/{plan}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/plans/{plan}", {"users": 7}, 401, 403, 403, 403, 403, 200),
    ("DELETE", "/api/plans/{plan}", None, 401, 403, 403, 403, 403, 200),
    ("GET", "/invoices", None, 401, 200, 200, 200, 200, 403),
    ("POST", "/invoices", {"value": 1}, 401, 200, 200, 404, 200, 403),
    ("POST", "/invoices", {"companyId": "{globex}"}, 401, 400, 400, 404, 400, 403),
    ("GET", "/invoices/list", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/invoices/all", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/invoices/{invoice}", None, 401, 200, 200, 404, 200, 403),
    ("PUT", "/invoices/{invoice}", {"status": "paid"}, 401, 403, 403, 403, 200, 403),
    ("DELETE", "/invoices/{invoice}", None, 401, 403, 403, 403, 200, 403),
    ("GET", "/api/invoices", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/api/invoices", "invoice", 401, 200, 200, 400, 200, 200),
    ("GET", "/api/invoices/{invoice}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/invoices/{invoice}", {"status": "paid"}, 401, 403, 403, 403, 403, 200),
    ("DELETE", "/api/invoices/{invoice}", None, 401, 403, 403, 403, 403, 200),
    ("GET", "/api/invoicesCompany/{acme}", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/subscription", "checkout", 401, 400, 400, 404, 400, 403),
    ("POST", "/subscription/create/webhook", None, 401, 403, 403, 403, 400, 403),
    ("DELETE", "/subscription/create/webhook", None, 401, 403, 403, 403, 400, 403),
    (
        "POST",
        "/subscription/return/c5c0f5a4-efe2-447f-8c73-55f8c0f07284/pix",
        {"evento": "teste_webhook"},
        *[403] * 6,
    ),
    ("GET", "/gerencianet-config", None, 401, 403, 403, 403, 200, 403),
    ("PUT", "/gerencianet-config", {"sandbox": True}, 401, 403, 403, 403, 200, 403),
    ("GET", "/settings", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/settings/userRating", None, 401, 200, 200, 200, 200, 403),
    ("PUT", "/settings/userRating", ON, 401, 403, 200, 200, 200, 403),
    ("PUT", "/settings/appName", {"value": "Shop"}, 401, 403, 403, 403, 200, 403),
    ("PUT", "/settings/userCreation", ON, 401, 403, 403, 403, 200, 403),
    ("PUT", "/settings/campaignsEnabled", ON, 401, 403, 403, 403, 200, 403),
    ("PUT", "/settings/unknown", ON, 401, 403, 400, 400, 400, 403),
    ("GET", "/setting/userCreation", None, 401, 200, 200, 200, 200, 403),
    ("PUT", "/setting/userCreation", ON, 401, 403, 403, 403, 200, 403),
    ("GET", "/public-settings/appName", None, *[403] * 6),
    ("POST", "/settings-whitelabel/logo", None, 401, 403, 403, 403, 400, 403),
    ("POST", "/settings/privateFile", None, 401, 403, 403, 403, 400, 403),
    ("GET", "/companySettings/{globex}", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/companySettingOne/?column=userRating", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/companySettingOne/?column=password", None, 401, 400, 400, 400, 400, 403),
    ("PUT", "/companySettings/", RATING, 401, 403, 200, 200, 200, 403),
    ("GET", "/login-config", None, *[200] * 6),
    ("PUT", "/login-config", {"title": "Hi"}, 401, 403, 403, 403, 200, 403),
    ("GET", "/login-config/themes", None, 401, 403, 403, 403, 200, 403),
    ("POST", "/login-config/upload-image", None, 401, 403, 403, 403, 400, 403),
    ("GET", "/whitelabel-config", None, 401, 403, 403, 403, 200, 403),
    ("PUT", "/whitelabel-config", {"sidebarBg": "#000000"}, 401, 403, 403, 403, 200, 403),
    ("POST", "/whitelabel-config/reset", None, 401, 403, 403, 403, 200, 403),
    ("GET", "/public/announcements/" + "0" * 32 + ".png", None, *[404] * 6),
    ("GET", "/public/" + "0" * 32 + ".png", None, *[404] * 6),
    ("GET", "/public/company{acme}/login/" + "0" * 32 + ".png", None, *[404] * 6),
    ("GET", "/announcements", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/announcements/list?companyId={globex}", None, 401, 200, 200, 200, 200, 403),
    ("POST", "/announcements", NOTICE, 401, 403, 403, 403, 200, 403),
    ("GET", "/announcements/{notice}", None, 401, 200, 200, 200, 200, 403),
    ("PUT", "/announcements/{notice}", NOTICE, 401, 403, 403, 403, 200, 403),
    ("DELETE", "/announcements/{notice}", None, 401, 403, 403, 403, 200, 403),
    ("POST", "/announcements/{notice}/media-upload", None, 401, 403, 403, 403, 400, 403),
    ("DELETE", "/announcements/{notice}/media-upload", None, 401, 403, 403, 403, 200, 403),
    ("GET", "/helps", None, 401, 200, 200, 200, 200, 403),
    ("GET", "/helps/list", None, 401, 200, 200, 200, 200, 403),
    ("POST", "/helps", HELP, 401, 403, 403, 403, 200, 403),
    ("GET", "/helps/{help}", None, 401, 200, 200, 200, 200, 403),
    ("PUT", "/helps/{help}", HELP, 401, 403, 403, 403, 200, 403),
    ("DELETE", "/helps/{help}", None, 401, 403, 403, 403, 200, 403),
    ("GET", "/api/helps", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/api/helps", HELP, 401, 403, 403, 403, 403, 200),
    ("GET", "/api/helps/{help}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/helps/{help}", HELP, 401, 403, 403, 403, 403, 200),
    ("DELETE", "/api/helps/{help}", None, 401, 403, 403, 403, 403, 200),
    ("GET", "/api/partners", None, 401, 403, 403, 403, 403, 200),
    ("POST", "/api/partners", PARTNER, 401, 403, 403, 403, 403, 200),
    ("GET", "/api/partners/{partner}", None, 401, 403, 403, 403, 403, 200),
    ("PUT", "/api/partners/{partner}", PARTNER, 401, 403, 403, 403, 403, 200),
    ("DELETE", "/api/partners/{partner}", None, 401, 403, 403, 403, 403, 200),
    ("GET", "/version", None, *[200] * 6),
    ("POST", "/version", {"version": "9.9"}, *[200] * 6),
    ("GET", "/health", None, *[200] * 6),
    ("GET", "/health/live", None, *[200] * 6),
    ("GET", "/health/ready", None, *[200] * 6),
]  # fmt: skip

BODIES = {
    "tenant": {"name": "New", "email": "new@new.example", "password": "secret"},
    "new": {"email": "new@new.example", "password": "secret", "name": "New"},
    "company": {
        "name": "Api Company",
        "email": "api@api.example",
        "document": "12345678901",
        "password": "secret",
        "planId": "{plan}",
    },
    "invoice": {"companyId": "{acme}", "dueDate": "2026-03-10", "value": 10},
    "checkout": {"invoiceId": "{invoice}", "price": 1, "users": 1, "plan": '{{"amount": 1}}'},
    "plan": {
        "name": "Silver",
        "users": 1,
        "connections": 1,
        "queues": 1,
        "amount": "10",
        "recurrence": "MENSAL",
    },
}


def filled(value, ids):
    if isinstance(value, str):
        return value.format(**ids)
    if isinstance(value, dict):
        return {key: filled(item, ids) for key, item in value.items()}
    return value


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]} {row[2]}")
def test_everybody_may_do_exactly_what_the_table_says(api, platform, web, facts, row):
    method, path, body, *statuses = row
    # acme owes something, on a platform that takes no payments online.
    owing = Plan.objects.create(name="Owing", users=99, amount=10)
    Subscription.objects.create(company=facts.acme, plan=owing)
    invoice = order_invoice(facts.acme.pk, by_id=None)
    ids = {
        "invoice": invoice.pk,
        "acme": facts.acme.pk,
        "globex": facts.globex.pk,
        "ana": facts.ana.pk,
        "bia": facts.bia.pk,
        "root": facts.root.pk,
        "plan": facts.plan.pk,
        "notice": facts.notice.pk,
        "help": facts.help.pk,
        "partner": facts.partner.pk,
    }
    sent = filled(BODIES.get(body, body) if isinstance(body, str) else body, ids)
    answers = {}
    for role in ROLES:
        client = platform if role == "platform" else api(getattr(facts, role, None))
        client.defaults["REMOTE_ADDR"] = web.defaults["REMOTE_ADDR"]
        with undone():
            answers[role] = client.generic(
                method,
                path.format(**ids),
                data=b"" if sent is None else json.dumps(sent).encode(),
                content_type="application/json",
            )
    assert {role: answer.status_code for role, answer in answers.items()} == dict(
        zip(ROLES, statuses, strict=True)
    )
    for answer in answers.values():
        if answer.status_code >= 400:
            assert answer.json()["error"].startswith("ERR_")


@contextlib.contextmanager
def undone():
    """Run a block and take back what it did to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_route_of_these_rooms_stands_in_the_table():
    from accounts.api.urls import urlpatterns as accounts_routes
    from billing.api.urls import urlpatterns as billing_routes
    from companies.api.urls import urlpatterns as companies_routes

    names = (
        "acme", "globex", "ana", "bia", "root", "plan", "invoice", "notice", "help", "partner",
    )  # fmt: skip
    known = [(row[0], row[1].split("?")[0].format(**dict.fromkeys(names, 1))) for row in TABLE]
    missing = []
    for pattern in [*accounts_routes, *companies_routes, *billing_routes]:
        methods = {"get", "post", "put", "delete"} & set(dir(pattern.callback.view_class))
        for method in methods:
            found = any(verb == method.upper() and _is_for(pattern, path) for verb, path in known)
            if not found:
                missing.append((method, str(pattern.pattern)))
    assert missing == []


def _is_for(pattern, path):
    from django.urls import resolve

    return resolve(path).func.view_class is pattern.callback.view_class


def test_the_platform_token_is_refused_where_none_is_configured(api, cast, settings):
    settings.COMPANY_TOKEN = ""
    client = api()
    for token in ("", "None", "anything"):
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get("/api/companies").status_code in {401, 403}


def test_a_demo_platform_keeps_its_people(api, facts, settings):
    settings.DEMO = True
    admin = api(facts.rui)
    assert admin.post("/users", BODIES["new"]).status_code == 403
    assert admin.put(f"/users/{facts.bia.pk}", {"name": "New"}).status_code == 403
    assert admin.delete(f"/users/{facts.bia.pk}").status_code == 403
