"""The operators' pages of billing: what they confirm, cancel and put off, each once and told."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import services
from billing.events import InvoiceCancelled, InvoiceExtended, InvoicePaid
from billing.models import BillingRules, Charge, Invoice, Plan
from billing.services.account import account_in_force
from billing.tests.certificates import Pair
from companies.models import Company
from whaticket.tenancy import in_company, leave_company


@pytest.fixture
def browser(facts):
    leave_company()
    client = Client()
    client.force_login(facts.root, backend="accounts.backends.EmailBackend")
    return client


@pytest.fixture
def act(browser):
    """`act("cancel", invoice)`: choose rows of a list and an action; gives what is said."""

    def choose(action, row):
        page = reverse(f"admin:billing_{row._meta.model_name}_changelist")
        body = {"action": action, "_selected_action": [row.pk]}
        answer = browser.post(page, body, follow=True)
        leave_company()
        return [str(message) for message in answer.context["messages"]]

    return choose


def test_the_pages_of_one_thing_open(browser, facts, invoice, account):
    charge = services.open_charge(invoice)
    for row in (invoice, charge, account, BillingRules.objects.create(pk=1), facts.plan):
        page = reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])
        assert browser.get(page).status_code == 200
    found = browser.get(reverse("admin:billing_invoice_changelist") + f"?q={charge.txid}")
    assert b"Globex" in found.content


def test_a_payment_is_confirmed_by_hand_once(act, facts, invoice, heard):
    act("confirm_payment", invoice)
    assert "ERR_INVOICE_PAID" in act("confirm_payment", invoice)[0]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.confirmed_by_id) == ("paid", facts.root.pk)
    assert Company.objects.get(pk=facts.globex.pk).due_on == datetime.date(2026, 4, 9)
    with in_company(facts.globex.pk):
        assert len(heard(InvoicePaid)) == 1
    assert LogEntry.objects.filter(object_id=str(invoice.pk), user=facts.root).count() == 1


def test_an_invoice_is_cancelled_or_put_off(act, facts, invoice, heard):
    act("extend_by_week", invoice)
    act("extend_by_month", invoice)
    invoice.refresh_from_db()
    assert invoice.due_on == services.today() + datetime.timedelta(days=37)
    act("cancel", invoice)
    invoice.refresh_from_db()
    assert invoice.status == "cancelled"
    assert "ERR_INVOICE_CANCELLED" in act("extend_by_week", invoice)[0]
    with in_company(facts.globex.pk):
        assert [event["days"] for event in heard(InvoiceExtended)] == [7, 30]
        assert len(heard(InvoiceCancelled)) == 1


def test_an_operator_writes_and_corrects_an_invoice_until_it_is_paid(browser, facts):
    body = {
        "company": facts.globex.pk,
        "due_on": "2026-05-01",
        "days": 30,
        "detail": "Training",
        "amount": "10.00",
        "users": 0,
        "connections": 0,
        "queues": 0,
        **{
            f"{inline}-{key}": 0
            for inline in ("charges", "notices")
            for key in ("TOTAL_FORMS", "INITIAL_FORMS")
        },
    }
    answer = browser.post(reverse("admin:billing_invoice_add"), body)
    assert answer.status_code == 302, answer.context["errors"]
    made = Invoice.objects.get(detail="Training")
    change = reverse("admin:billing_invoice_change", args=[made.pk])
    assert browser.post(change, body | {"amount": "12.00"}).status_code == 302
    services.pay_invoice(made, by_id=None)
    browser.post(change, body | {"amount": "99.00"})
    made.refresh_from_db()
    assert str(made.amount) == "12.00"
    page = reverse("admin:billing_invoice_delete", args=[made.pk])
    assert browser.post(page, {"post": "yes"}).status_code == 403


def test_the_provider_is_asked_again_about_a_payment(act, facts, invoice, account, efi):
    charge = services.open_charge(invoice)
    efi.pay(charge.txid)
    assert "paid" in act("look_again", charge)[0]
    assert Charge.objects.get().status == Charge.Status.PAID
    efi.refuse("GET", "/v2/cob", 503, {})
    assert "503" in act("look_again", charge)[0]


def test_account_and_certificate_are_entered_and_never_shown(browser, act, facts, efi):
    account = services.payment_account()
    page = reverse("admin:billing_paymentaccount_change", args=[account.pk])
    assert "ERR_PIX_NOT_CONFIGURED" in act("register_webhook", account)[0]
    body = {"client_id": "id", "client_secret": "top-secret", "pix_key": "key", "sandbox": "on"}
    body["certificate"] = SimpleUploadedFile("a.p12", b"nonsense")
    assert browser.post(page, body).status_code == 200
    pair = Pair("platform")
    body["certificate"] = SimpleUploadedFile("a.p12", pair.p12("geheim"))
    body["certificate_password"] = "geheim"
    answer = browser.post(page, body)
    assert answer.status_code == 302, answer.context["errors"]
    held = account_in_force()
    assert (held.client_secret, held.certificate) == (
        "top-secret",
        pair.certificate_pem().decode(),
    )
    shown = browser.get(page).content
    assert b"top-secret" not in shown
    assert b"PRIVATE KEY" not in shown
    # Left empty, secret and certificate stay.
    browser.post(page, {"client_id": "id", "pix_key": "other"})
    assert account_in_force().pix_key == "other"
    assert account_in_force().client_secret == "top-secret"
    assert account_in_force().certificate


def test_the_webhook_is_registered_from_the_page(act, efi, account):
    assert act("register_webhook", account) != []
    assert list(efi.webhooks) == ["pix@platform.example"]


def test_rules_are_one_row(browser):
    page = reverse("admin:billing_billingrules_add")
    body = {"writes_invoices": "on", "invoice_days": 5, "reminder_days": 2, "grace_days": ""}
    assert browser.post(page, body).status_code == 302
    rules = BillingRules.current()
    assert (rules.pk, rules.invoice_days, rules.grace_days) == (1, 5, None)
    assert browser.get(page).status_code == 403


def test_an_operators_page_gives_no_seat_that_the_plan_has_not(browser, facts, subscribed):
    body = {
        "email": "late@globex.example",
        "name": "Late",
        "company": facts.globex.pk,
        "profile": "user",
        "password1": "five horses",
        "password2": "five horses",
    }
    Plan.objects.filter(pk=facts.plan.pk).update(users=1)
    page = reverse("admin:accounts_user_add")
    assert browser.post(page, body).status_code == 200
    assert not User.objects.filter(email="late@globex.example").exists()
    Plan.objects.filter(pk=facts.plan.pk).update(users=2)
    assert browser.post(page, body).status_code == 302
    assert User.objects.filter(email="late@globex.example").exists()
