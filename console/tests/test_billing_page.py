"""Plan and invoices in the console: who sees them, paying by PIX, and what a debtor reaches."""

import datetime

import pytest
from django.utils import timezone

from accounts.services import create_user
from billing import services
from billing.models import Charge, Invoice, Plan, Subscription
from billing.services import today
from billing.tests.conftest import account, efi
from companies.models import Company
from companies.services import reactivate_company, suspend_company
from console.tests.pages import FRAGMENT

__all__ = ["account", "efi"]


@pytest.fixture
def plan(cast):
    Company.objects.filter(pk=cast.acme.pk).update(document="11.222.333/0001-81")
    plan = Plan.objects.create(name="Team", users=3, connections=2, queues=9, amount="49.90")
    Subscription.objects.create(company=cast.acme, plan=plan)
    return plan


def bill(cast, days, **fields):
    due = today() + datetime.timedelta(days=days)
    fields = {"company": cast.acme, "detail": "Team", "amount": "49.90", **fields}
    return Invoice.objects.create(due_on=due, **fields)


@pytest.fixture
def invoice(cast, plan):
    return bill(cast, 3)


@pytest.fixture
def unpaid(cast):
    """globex is switched off until it pays."""
    Company.objects.filter(pk=cast.globex.pk).update(document="11.222.333/0001-81")
    cast.globex.refresh_from_db()
    yield suspend_company(cast.globex, by_id=None, is_unpaid=True)
    # The companies outlive the test; its instance must not stay switched off.
    cast.globex.is_active, cast.globex.is_unpaid = True, False


def somebody_at_globex(cast, profile):
    fields = {"email": f"{profile}@globex.example", "password": "correct horse", "name": profile}
    return create_user(company_id=cast.globex.pk, profile=profile, **fields)


@pytest.fixture
def boss(cast):
    """The administrator of another company."""
    return somebody_at_globex(cast, "admin")


@pytest.fixture
def clerk(cast):
    """Somebody of that company who runs nothing."""
    return somebody_at_globex(cast, "user")


@pytest.mark.parametrize(
    ("method", "path", "rui", "stranger"),
    [
        ("get", "/app/billing/", 200, 200),
        ("get", "/app/billing/rows/", 200, 200),
        ("post", "/app/billing/order/", 200, 404),
        ("post", "/app/billing/{i}/charge/", 200, 404),
        ("get", "/app/billing/{i}/state/", 200, 404),
    ],
)
def test_only_administrators_of_the_company_see_and_pay_its_invoices(
    browser, cast, boss, account, invoice, method, path, rui, stranger
):
    path = path.format(i=invoice.pk)
    for user, status in ((cast.rui, rui), (boss, stranger), (cast.ana, 403), (cast.bia, 403)):
        assert getattr(browser(user), method)(path, **FRAGMENT).status_code == status, user.name
    assert getattr(browser(), method)(path, **FRAGMENT).status_code == 401


def test_the_page_tells_the_plan_what_is_used_of_it_and_the_invoices(browser, cast, invoice):
    bill(cast, -40, status=Invoice.Status.PAID, paid_at=timezone.now())
    bill(cast, -2, detail="Late")
    bill(cast, -9, detail="Forgiven", status=Invoice.Status.CANCELLED)
    html = browser(cast.rui).get("/app/billing/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "3 of 3" in html
    assert "R$ 49" in html
    assert html.count("data-bill=") == 3
    assert html.count("data-pay=") == 2
    assert "Forgiven" not in html


def test_an_invoice_is_charged_once_and_the_page_sees_the_payment(
    browser, cast, account, efi, invoice
):
    client = browser(cast.rui)
    shown = [
        client.post(f"/app/billing/{invoice.pk}/charge/", **FRAGMENT).json()["html"]
        for _ in range(2)
    ]
    charge = Charge.objects.get(invoice=invoice)
    assert charge.answer["qrcode"]["qrcode"] in shown[0]
    assert "<svg" in shown[0]
    state = f"/app/billing/{invoice.pk}/state/"
    assert client.get(state, **FRAGMENT).json() == {"paid": False}
    efi.pay(charge.txid)
    services.note_payments([charge.txid])
    assert client.get(state, **FRAGMENT).json() == {"paid": True}
    refused = client.post(f"/app/billing/{invoice.pk}/charge/", **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_INVOICE_PAID")


def test_what_hinders_paying_is_said_in_words(browser, cast, efi, invoice):
    refused = browser(cast.rui).post(f"/app/billing/{invoice.pk}/charge/", **FRAGMENT)
    assert refused.json()["error"] == "ERR_PIX_NOT_CONFIGURED"
    assert "ERR_" not in refused.json()["message"]


def test_the_next_period_is_ordered_once(browser, cast, plan):
    client = browser(cast.rui)
    assert "data-order" in client.get("/app/billing/").content.decode()
    ids = {client.post("/app/billing/order/", **FRAGMENT).json()["id"] for _ in range(2)}
    assert ids == set(Invoice.objects.of_company(cast.acme.pk).values_list("pk", flat=True))
    assert "data-order" not in client.get("/app/billing/").content.decode()


@pytest.mark.parametrize(
    ("days", "told"), [(6, None), (5, "strip "), (0, "strip "), (-1, "strip bad")]
)
def test_administrators_are_told_on_every_page_of_what_is_due(browser, cast, plan, days, told):
    bill(cast, days)
    html = browser(cast.rui).get("/app/").content.decode()
    strips = html[html.index('id="strips"') : html.index('id="main"')]
    assert (f'class="{told}"' in strips) if told else ("strip " not in strips)
    html = browser(cast.ana).get("/app/").content.decode()
    assert "/app/billing/" not in html


def test_a_company_that_must_pay_reaches_the_till_and_nothing_else(
    browser, cast, boss, clerk, account, unpaid
):
    owed = bill(cast, -9, company=cast.globex)
    client = browser(boss)
    page = client.get("/app/billing/")
    assert page.status_code == 200
    html = page.content.decode()
    assert f"/app/billing/{owed.pk}/charge/" in html
    assert 'class="rail"' not in html
    assert "main.js" not in html
    assert client.post(f"/app/billing/{owed.pk}/charge/", **FRAGMENT).status_code == 200
    for path in ("/app/", "/app/settings/", "/app/connections/", "/app/chat/"):
        assert client.get(path).headers["Location"] == "/app/billing/"
        refused = client.get(path, **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (402, "ERR_COMPANY_UNPAID")
    # Agents have nothing to pay: they are signed out.
    assert browser(clerk).get("/app/").headers["Location"].startswith("/app/login/")
    reactivate_company(Company.objects.get(pk=cast.globex.pk), by_id=None)
    assert client.get("/app/").status_code == 200


def test_signing_in_tells_administrators_where_to_pay_and_agents_why_not(
    browser, boss, clerk, unpaid
):
    def signs_in(user):
        form = {"email": user.email, "password": "correct horse"}
        return browser().post("/app/login/", form, HTTP_ACCEPT_LANGUAGE="en")

    assert signs_in(boss).status_code == 302
    refused = signs_in(clerk)
    assert refused.status_code == 402
    assert "switched off until its invoice is paid" in refused.content.decode()


def test_a_company_its_operator_switched_off_reaches_not_even_the_till(browser, cast, boss, unpaid):
    suspend_company(unpaid, by_id=None)
    found = browser(boss).get("/app/billing/")
    assert found.headers["Location"].startswith("/app/login/")


def test_invoices_cost_the_same_for_one_and_for_many(browser, cast, invoice):
    client = browser(cast.rui)
    client.cost("/app/billing/rows/")
    few = client.cost("/app/billing/rows/")
    for n in range(45):
        bill(cast, n)
    assert client.cost("/app/billing/rows/") == few
