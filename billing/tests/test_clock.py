"""What time does to invoices, over all companies, once for each (behaviour 139 and 160)."""

import datetime

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing import services, tasks
from billing.events import InvoiceEnforced, InvoiceOverdue, InvoiceReminded, InvoiceWritten
from billing.models import BillingRules, Invoice, Notice, Plan, Subscription
from companies.events import CompanySuspended
from companies.models import Company
from companies.services import reactivate_company
from whaticket.tenancy import in_company


def on(day):
    """Noon of a day, where the companies are."""
    return time_machine.travel(f"{day}T15:00:00Z", tick=False)


def run(day):
    with on(day):
        return {name: count for name, count in tasks.sweep_invoices().items() if count}


@pytest.fixture
def told(facts, heard):
    """`told(InvoiceWritten)`: how many such events globex has seen."""

    def count(event):
        with in_company(facts.globex.pk):
            return len(heard(event))

    return count


def state(company):
    return Company.objects.values_list("is_active", "is_unpaid").get(pk=company.pk)


def test_the_life_of_an_invoice_nobody_pays(facts, subscribed, told):
    # Due on 10 March: written ten days before, reminded of three days before, enforced ten after.
    assert run("2026-02-27") == {}
    assert run("2026-02-28") == {"written": 1}
    invoice = Invoice.objects.get()
    assert (invoice.due_on, str(invoice.amount), invoice.days) == (
        datetime.date(2026, 3, 10),
        "49.90",
        30,
    )
    assert (invoice.users, invoice.detail, invoice.use_campaigns) == (5, "Basic", True)
    assert run("2026-03-06") == {}
    assert run("2026-03-07") == {"reminded": 1}
    assert run("2026-03-10") == {}
    assert run("2026-03-11") == {"overdue": 1}
    assert run("2026-03-20") == {}
    assert run("2026-03-21") == {"suspended": 1}
    assert state(facts.globex) == (False, True)
    for day in ("2026-03-21", "2026-04-30", "2027-01-01"):
        assert run(day) == {}
    assert Invoice.objects.count() == 1
    events = (InvoiceWritten, InvoiceReminded, InvoiceOverdue, InvoiceEnforced, CompanySuspended)
    assert [told(event) for event in events] == [1, 1, 1, 1, 1]


def test_a_payment_leads_to_the_next_invoice(facts, subscribed):
    run("2026-03-01")
    with on("2026-03-02"):
        services.pay_invoice(Invoice.objects.get(), by_id=None)
    assert run("2026-03-20") == {}
    assert run("2026-03-30") == {"written": 1}
    due = list(Invoice.objects.values_list("due_on", flat=True))
    assert due == [datetime.date(2026, 3, 10), datetime.date(2026, 4, 9)]


def test_a_payment_after_a_suspension_opens_everything_again(facts, subscribed):
    run("2026-03-01")
    run("2026-03-25")
    assert state(facts.globex) == (False, True)
    with on("2026-04-01"):
        services.pay_invoice(Invoice.objects.get(), by_id=None)
    assert state(facts.globex) == (True, False)
    company = Company.objects.get(pk=facts.globex.pk)
    assert company.due_on == datetime.date(2026, 5, 1), "the days nothing worked are not charged"
    assert run("2026-04-02") == {}


def test_what_an_operator_switches_on_again_stays_on(facts, subscribed):
    run("2026-03-01")
    run("2026-03-25")
    reactivate_company(Company.objects.get(pk=facts.globex.pk), by_id=facts.root.pk)
    assert run("2026-03-26") == {}
    assert state(facts.globex) == (True, False)


def test_more_time_begins_everything_anew(facts, subscribed):
    run("2026-03-01")
    run("2026-03-25")
    with on("2026-03-26"):
        invoice = services.extend_invoice(Invoice.objects.get(), days=7, by_id=facts.root.pk)
    assert invoice.due_on == datetime.date(2026, 4, 2)
    assert state(facts.globex) == (True, False)
    assert Company.objects.get(pk=facts.globex.pk).due_on == datetime.date(2026, 4, 2)
    assert run("2026-04-03") == {"overdue": 1}
    assert run("2026-04-13") == {"suspended": 1}


@pytest.mark.parametrize(
    "without",
    [
        lambda f: Company.objects.filter(pk=f.globex.pk).update(is_active=False),
        lambda f: Company.objects.filter(pk=f.globex.pk).update(due_on=None),
        lambda f: Plan.objects.filter(pk=f.plan.pk).update(amount=0),
        lambda f: Subscription.objects.all().delete(),
        lambda f: BillingRules.objects.create(pk=1, writes_invoices=False),
    ],
    ids=["switched off", "never due", "free", "no plan", "no rules"],
)
def test_some_companies_get_no_invoice(facts, subscribed, without):
    without(facts)
    assert run("2026-03-01") == {}


def test_the_platforms_owner_owes_nobody(facts):
    Company.objects.filter(pk=Company.OWNER_ID).update(due_on="2026-03-10")
    Subscription.objects.create(company_id=Company.OWNER_ID, plan=facts.plan)
    assert facts.acme.pk == Company.OWNER_ID
    assert run("2026-03-25") == {}
    services.create_invoice(Company.OWNER_ID, by_id=None, due_on="2026-03-10", amount=1)
    assert run("2026-03-25") == {"overdue": 1}
    assert state(facts.acme) == (True, False)


def test_a_company_that_ordered_already_gets_no_second_invoice(facts, invoice):
    assert run("2026-03-01") == {}
    services.cancel_invoice(invoice, by_id=None)
    assert run("2026-03-02") == {}, "the renewal was cancelled by an operator"


def test_paid_time_protects_from_an_old_invoice(facts, subscribed):
    services.create_invoice(facts.globex.pk, by_id=None, due_on="2026-01-01", amount=1)
    assert run("2026-03-05") == {"overdue": 1}
    assert state(facts.globex) == (True, False)


def test_rules_decide_the_days(facts, subscribed):
    BillingRules.objects.create(pk=1, invoice_days=1, reminder_days=0, grace_days=None)
    assert run("2026-03-08") == {}
    assert run("2026-03-09") == {"written": 1}
    assert run("2026-03-10") == {"reminded": 1}
    assert run("2026-06-01") == {"overdue": 1}
    assert state(facts.globex) == (True, False)


@pytest.mark.parametrize("recurrence", ["MENSAL", "", "anual ", "Semestral", "weird"])
def test_the_clock_and_the_checkout_reckon_alike(facts, subscribed, recurrence):
    Subscription.objects.filter(company=facts.globex).update(recurrence=recurrence)
    run("2026-03-01")
    written = Invoice.objects.get()
    Invoice.objects.all().delete()
    ordered = services.order_invoice(facts.globex.pk, by_id=None)
    for name in ("amount", "days", "due_on", "detail", "users", "queues", "use_whatsapp"):
        assert getattr(written, name) == getattr(ordered, name), name


def test_looking_at_all_companies_costs_the_same_however_many(facts, subscribed):
    def cost():
        with CaptureQueriesContext(connection) as spent:
            assert run("2026-01-01") == {}
        return len([q for q in spent.captured_queries if "SET search_path" not in q["sql"]])

    one = cost()
    Company.objects.bulk_create(
        Company(name=f"More {n}", schema_name=f"more_{n}", due_on="2026-03-10") for n in range(40)
    )
    assert cost() == one


# Mails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "subject", "word"),
    [
        ("2026-03-08", "Invoice due on", "49.90"),
        ("2026-03-12", "is not paid", "go on working"),
        ("2026-03-25", "is switched off", "still sign in"),
    ],
)
def test_the_company_is_told_once_by_mail(facts, subscribed, day, subject, word):
    User.objects.filter(pk=facts.eva.pk).update(language="en", email="pay@globex.example")
    run("2026-03-01")
    run(day)
    with on(day):
        Notice.objects.update(created_at=datetime.datetime.now(datetime.UTC))
        assert tasks.sweep_notices() >= 1
        assert tasks.sweep_notices() == 0
    last = mail.outbox[-1]
    assert last.to == ["pay@globex.example"]
    assert subject in last.subject
    assert word in last.body
    assert len(last.alternatives) == 1


def test_a_mail_that_failed_is_tried_again(facts, subscribed, settings):
    run("2026-03-01")
    run("2026-03-08")
    with on("2026-03-08") as clock:
        Notice.objects.update(created_at=datetime.datetime.now(datetime.UTC))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        assert tasks.sweep_notices() == 0
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert tasks.sweep_notices() == 0, "somebody may be mailing it"
        clock.shift(datetime.timedelta(minutes=11))
        assert tasks.sweep_notices() == 1


def test_nobody_is_alarmed_about_what_is_paid(facts, subscribed):
    run("2026-03-01")
    run("2026-03-08")
    Notice.objects.update(created_at=datetime.datetime.now(datetime.UTC))
    services.pay_invoice(Invoice.objects.get(), by_id=None)
    assert tasks.sweep_notices() == 0
    assert mail.outbox == []
    assert Notice.objects.get().mailed_at is not None


def test_a_company_without_an_address_is_not_mailed(facts, subscribed):
    run("2026-03-01")
    run("2026-03-08")
    Notice.objects.update(created_at=datetime.datetime.now(datetime.UTC))
    Company.objects.filter(pk=facts.globex.pk).update(email="")
    User.objects.filter(company=facts.globex).update(profile="user")
    assert tasks.sweep_notices() == 0
    assert mail.outbox == []
