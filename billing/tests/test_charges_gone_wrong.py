"""A provider whose answers do not fit, and moments between a look and a write: no money is lost."""

import datetime
import ssl

import pytest
from django.utils import timezone

from billing import services
from billing.exceptions import (
    InvoiceIsCancelled,
    InvoiceIsPaid,
    InvoiceNotFound,
    PaymentProviderFailed,
)
from billing.models import Charge, Invoice, Notice
from billing.providers import ProviderError, pix_efi
from billing.providers.base import Account
from billing.services.payments import MOST_ROUNDS, settle_charge, txid_of
from companies.models import Company
from companies.services.named import named_setting
from whaticket.testing.races import just_before

OVER = "REMOVIDA_PELO_USUARIO_RECEBEDOR"


@pytest.fixture
def payable(invoice, account):
    """An invoice that the provider of the test makes charges for."""
    return Invoice.objects.select_related("company").get(pk=invoice.pk)


def foreign(efi, txid, **changes):
    """Let the provider know a charge that this database does not."""
    efi.charges[txid] = {
        "txid": txid,
        "status": "ATIVA",
        "valor": {"original": "49.90"},
        "loc": {"id": len(efi.charges) + 1},
        "pixCopiaECola": txid,
    } | changes


def test_an_invoice_that_is_gone_is_not_charged(payable, efi):
    Invoice.objects.filter(pk=payable.pk).delete()
    with pytest.raises(InvoiceNotFound):
        services.open_charge(payable)
    assert efi.charges == {}


def test_a_cancelled_invoice_is_not_charged(payable, efi):
    services.cancel_invoice(payable, by_id=None)
    with pytest.raises(InvoiceIsCancelled):
        services.open_charge(payable)
    assert efi.charges == {}


def test_a_charge_whose_answer_was_lost_and_that_was_paid_settles_the_invoice(payable, efi):
    foreign(efi, txid_of(payable.pk, 1))
    efi.pay(txid_of(payable.pk, 1))
    with pytest.raises(InvoiceIsPaid):
        services.open_charge(payable)
    payable.refresh_from_db()
    assert payable.status == "paid"


def test_a_charge_whose_answer_was_lost_and_that_is_over_makes_room_for_another(payable, efi):
    foreign(efi, txid_of(payable.pk, 1), status=OVER)
    assert services.open_charge(payable).attempt == 2
    assert Charge.objects.get(attempt=1).status == Charge.Status.EXPIRED


def test_a_provider_that_knows_every_id_with_another_price_is_not_asked_for_ever(payable, efi):
    for attempt in range(1, MOST_ROUNDS + 1):
        foreign(efi, txid_of(payable.pk, attempt), valor={"original": "1.00"})
    with pytest.raises(PaymentProviderFailed):
        services.open_charge(payable)
    assert Charge.objects.filter(status=Charge.Status.FAILED).count() == MOST_ROUNDS


def test_a_charge_the_provider_has_ended_itself_is_not_ended_again(payable, efi):
    first = services.open_charge(payable)
    efi.charges[first.txid]["status"] = OVER
    Charge.objects.update(expires_at=timezone.now())
    assert services.open_charge(payable).attempt == 2
    assert efi.count("PATCH", "/v2/cob") == 0


def test_while_an_old_charge_cannot_be_ended_there_is_no_second_one(payable, efi):
    services.open_charge(payable)
    Charge.objects.update(expires_at=timezone.now())
    efi.refuse("PATCH", "/v2/cob", 503, {})
    with pytest.raises(PaymentProviderFailed):
        services.open_charge(payable)
    assert Charge.objects.count() == len(efi.charges) == 1


def test_an_old_charge_the_provider_has_forgotten_is_over(payable, efi, account):
    charge = services.open_charge(payable)
    efi.charges.clear()
    services.payments.provider_of().close_charge(charge.txid)
    Charge.objects.update(expires_at=timezone.now())
    assert services.open_charge(payable).attempt == 2


def test_a_payment_told_twice_pays_once(payable, efi, heard):
    charge = services.open_charge(payable)
    efi.pay(charge.txid)
    found = services.payments.provider_of().read_charge(charge.txid)
    assert [settle_charge(charge, found) for _ in range(2)] == [True, False]
    assert Company.objects.get(pk=payable.company_id).due_on == datetime.date(2026, 4, 9)


def test_an_answer_about_another_charge_pays_nothing(payable, efi):
    charge = services.open_charge(payable)
    efi.pay(charge.txid)
    efi.charges[charge.txid]["txid"] = "another"
    services.check_charge(charge)
    payable.refresh_from_db()
    assert payable.status == "pending"
    assert "another charge" in Charge.objects.get().problem


@pytest.mark.parametrize("calendar", [None, {}, {"criacao": "soon"}, {"criacao": 1}])
def test_a_charge_without_a_usable_end_lasts_as_long_as_was_asked(payable, efi, calendar):
    foreign(efi, txid_of(payable.pk, 1), calendario=calendar)
    left = services.open_charge(payable).expires_at - timezone.now()
    assert left > datetime.timedelta(minutes=59)


def test_a_moment_without_a_zone_is_universal_time(payable, efi):
    calendar = {"criacao": "2126-01-01T00:00:00", "expiracao": 60}
    foreign(efi, txid_of(payable.pk, 1), calendario=calendar)
    expected = datetime.datetime(2126, 1, 1, 0, 1, tzinfo=datetime.UTC)
    assert services.open_charge(payable).expires_at == expected


def test_a_charge_without_a_place_for_its_code_is_found_again_later(payable, efi):
    foreign(efi, txid_of(payable.pk, 1), loc={})
    with pytest.raises(PaymentProviderFailed):
        services.open_charge(payable)
    efi.charges[txid_of(payable.pk, 1)]["loc"] = {"id": 1}
    assert services.open_charge(payable).attempt == 1


def test_a_provider_that_gives_no_token_is_asked_for_nothing_else(payable, efi):
    pix_efi._tokens.clear()
    efi.refuse("POST", "/oauth/token", 200, {"access_token": None})
    with pytest.raises(PaymentProviderFailed):
        services.open_charge(payable)
    assert efi.count("PUT", "/v2/cob") == 0


def test_a_token_that_is_refused_twice_is_the_providers_failure(payable, efi):
    pix_efi._tokens.clear()
    efi.tokens = type("Forgetful", (set,), {"add": lambda self, token: None})()
    with pytest.raises(PaymentProviderFailed):
        services.open_charge(payable)
    assert efi.count("POST", "/oauth/token") == 2


def test_a_certificate_that_is_none_opens_no_connection(settings):
    settings.EFI_URL = "https://127.0.0.1:9"
    account = Account(
        client_id="x", client_secret="y", pix_key="z", certificate="none", private_key="none"
    )
    with pytest.raises(ProviderError) as failure:
        pix_efi.PixEfi(account).read_charge("x")
    assert failure.value.permanent
    assert isinstance(failure.value.__cause__, (ssl.SSLError, ValueError))


# Between a look and a write --------------------------------------------------------------------


def test_the_clock_that_writes_the_invoice_first_wins(facts, subscribed):
    written = []
    # The first savepoint is the order's own, the second that of its row.
    with just_before("SAVEPOINT", lambda: written.append(services.write_invoices()), nth=2):
        ordered = services.order_invoice(facts.globex.pk, by_id=None)
    assert written == [1]
    assert Invoice.objects.get() == ordered


def test_an_invoice_cancelled_for_the_same_days_makes_room_for_another(facts, invoice):
    services.cancel_invoice(invoice, by_id=None)
    assert services.order_invoice(facts.globex.pk, by_id=None).pk != invoice.pk


def test_cancelling_twice_is_once(facts, invoice):
    services.cancel_invoice(invoice, by_id=None)
    assert services.cancel_invoice(invoice, by_id=None) == invoice


def test_more_days_to_pay_do_not_shorten_what_was_paid(facts, invoice):
    later = datetime.date(2099, 1, 1)
    Company.objects.filter(pk=facts.globex.pk).update(due_on=later)
    services.extend_invoice(invoice, days=3, by_id=None)
    assert Company.objects.get(pk=facts.globex.pk).due_on == later


def test_a_notice_that_is_being_mailed_is_not_mailed_twice(invoice):
    notice = Notice.objects.create(invoice=invoice, kind=Notice.Kind.OVERDUE)
    assert services.claim_notice(notice.pk) == notice
    assert services.claim_notice(notice.pk) is None


def test_only_facts_of_an_account_are_changed(db):
    with pytest.raises(TypeError, match="webhook_secret"):
        services.update_payment_account(webhook_secret="mine")


# A company's subscription ------------------------------------------------------------------------


def test_an_account_leaves_its_plan_and_keeps_it_when_only_the_rhythm_changes(facts, subscribed):
    services.change_account(facts.globex, by=None, recurrence="ANUAL")
    subscribed.refresh_from_db()
    assert (subscribed.plan, subscribed.recurrence) == (facts.plan, "ANUAL")
    services.change_account(facts.globex, by=None, plan_id=None)
    assert not type(subscribed).objects.filter(company=facts.globex).exists()


def test_an_account_is_switched_off_and_on_and_gets_campaigns(facts):
    services.change_account(facts.globex, by=None, is_active=False, campaigns_enabled=False)
    facts.globex.refresh_from_db()
    assert not facts.globex.is_active
    services.change_account(facts.globex, by=None, is_active=True, campaigns_enabled=True)
    facts.globex.refresh_from_db()
    assert facts.globex.is_active
    assert named_setting("campaignsEnabled", company_id=facts.globex.pk) == "true"


def test_the_main_users_own_address_sent_back_changes_nobody(facts):
    Company.objects.filter(pk=facts.globex.pk).update(email=facts.eva.email)
    facts.globex.refresh_from_db()
    before = facts.eva.updated_at
    services.change_account(facts.globex, by=None, email=facts.eva.email)
    facts.eva.refresh_from_db()
    assert facts.eva.updated_at == before
