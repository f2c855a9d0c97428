"""Two at the same moment: one charge, one credit, one invoice. On real commits."""

import datetime

import pytest

from billing import services
from billing.models import Charge, Invoice, Plan, Subscription
from billing.tests.efi_server import CLIENT, EfiServer
from companies.models import Company
from whaticket.exceptions import DomainError
from whaticket.tenancy import PUBLIC, in_schema
from whaticket.testing.races import at_once


@pytest.fixture
def owing(scratch_company, settings):
    """A company on a plan, and an account at a stand-in for the provider; gone afterwards."""
    plan = Plan.objects.create(name=f"Race {scratch_company.pk}", users=9, amount="30")
    Company.objects.filter(pk=scratch_company.pk).update(
        document="12345678901", due_on="2026-03-10"
    )
    Subscription.objects.create(company=scratch_company, plan=plan)
    with EfiServer() as server:
        settings.EFI_URL = server.url
        services.update_payment_account(client_id=CLIENT[0], client_secret=CLIENT[1], pix_key="key")
        scratch_company.refresh_from_db()
        scratch_company.server = server
        yield scratch_company
    with in_schema(PUBLIC):
        Invoice.objects.filter(company=scratch_company).delete()
        Subscription.objects.filter(company=scratch_company).delete()
        plan.delete()
        services.payment_account().delete()


def tried(act):
    """Do something; give what it gave, or its refusal."""
    try:
        return act()
    except DomainError as error:
        return error.code


def test_two_orders_at_once_write_one_invoice(owing):
    made = at_once(lambda _: services.order_invoice(owing.pk, by_id=None).pk, range(4))
    assert len(set(made)) == 1
    assert Invoice.objects.filter(company=owing).count() == 1


def test_the_clock_and_a_checkout_write_one_invoice(owing):
    acts = [
        services.write_invoices,
        lambda: services.order_invoice(owing.pk, by_id=None),
    ] * 2
    at_once(lambda act: act(), acts)
    assert Invoice.objects.filter(company=owing).count() == 1


def test_two_checkouts_at_once_make_one_charge(owing):
    invoice = services.order_invoice(owing.pk, by_id=None)
    made = at_once(lambda _: services.open_charge(invoice).txid, range(4))
    assert len(set(made)) == 1
    assert len(owing.server.charges) == 1
    assert Charge.objects.filter(invoice=invoice).count() == 1


def test_notice_clock_and_operator_at_once_give_the_days_once(owing):
    invoice = services.order_invoice(owing.pk, by_id=None)
    charge = services.open_charge(invoice)
    owing.server.pay(charge.txid)
    Charge.objects.filter(pk=charge.pk).update(checked_at=None)
    at_once(
        tried,
        [
            lambda: services.note_payments([charge.txid]),
            services.sweep_charges,
            lambda: services.note_payments([charge.txid]),
            lambda: services.pay_invoice(invoice, by_id=1),
        ],
    )
    owing.refresh_from_db()
    assert owing.due_on == datetime.date(2026, 4, 9)
    invoice.refresh_from_db()
    assert invoice.status == Invoice.Status.PAID


def test_two_clocks_switch_a_company_off_once(owing):
    services.order_invoice(owing.pk, by_id=None)
    sums = at_once(lambda _: services.enforce_invoices(), range(3))
    assert sum(sums) == 1
    owing.refresh_from_db()
    assert (owing.is_active, owing.is_unpaid) == (False, True)
