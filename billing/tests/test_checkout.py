"""A company pays by PIX (rest.md §6, behaviour 139): once, at the server's price, whoever dies."""

import datetime
import json
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import receivers, services
from billing.events import InvoicePaid, PaymentUnmatched
from billing.models import Charge, Invoice
from billing.providers import pix_efi
from billing.tests.efi_server import PNG
from companies.models import Company
from companies.services import suspend_company
from whaticket.tenancy import in_company

PLAN = json.dumps({"name": "Basic", "amount": 1})


def body(invoice, **changes):
    return {"invoiceId": invoice.pk, "price": 0.01, "users": 1, "plan": PLAN} | changes


def due_on(company):
    return Company.objects.values_list("due_on", flat=True).get(pk=company.pk)


@pytest.fixture
def pay(api, facts, account, invoice):
    """globex's checkout; gives the answer."""
    return lambda **changes: api(facts.eva).post("/subscription", body(invoice, **changes))


@pytest.fixture
def frames(monkeypatch):
    """What would go to the sockets; the edge itself has tests of its own."""
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    return sent


@pytest.fixture
def tell(api, account):
    """The provider's notice, with the secret it was registered with."""
    secret = services.account._webhook_secret()

    def post(*txids, proof=secret):
        pix = [{"txid": txid, "endToEndId": "E1", "valor": "0.01"} for txid in txids]
        return api().post(f"{services.NOTICE_PATH}?hmac={proof}&ignorar=/pix", {"pix": pix})

    return post


# The charge ---------------------------------------------------------------------------------


def test_a_checkout_asks_for_what_the_invoice_says_not_the_client(efi, pay, invoice):
    answer = pay(price=0.01).json()
    (charge,) = efi.charges.values()
    assert charge["valor"] == {"original": "49.90"}
    assert charge["solicitacaoPagador"] == f"#Fatura:{invoice.pk}"
    assert charge["devedor"] == {"cnpj": "11222333000181", "nome": "Globex"}
    assert charge["calendario"]["expiracao"] == 3600
    assert charge["chave"] == "pix@platform.example"
    assert answer["txid"] == charge["txid"]
    assert (answer["valor"], answer["loc"]["id"]) == ({"original": "49.90"}, 1)
    assert answer["qrcode"] == {"qrcode": charge["pixCopiaECola"], "imagemQrcode": PNG}
    assert "devedor" not in answer


def test_a_second_checkout_shows_the_same_charge(efi, pay):
    assert pay().json() == pay().json()
    assert len(efi.charges) == 1
    assert efi.count("PUT", "/v2/cob") == 1


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/oauth"), ("PUT", "/v2/cob"), ("GET", "/v2/loc")]
)
def test_a_checkout_that_died_half_way_goes_on_with_the_same_charge(efi, pay, method, path):
    pix_efi._tokens.clear()
    efi.drop(method, path)
    answer = pay()
    assert (answer.status_code, answer.json()["error"]) == (502, "ERR_PAYMENT_PROVIDER")
    assert pay().status_code == 200
    assert len(efi.charges) == 1
    assert Charge.objects.count() == 1


def test_a_withdrawn_token_is_replaced(efi, pay):
    pay()
    efi.tokens.clear()
    Charge.objects.update(expires_at=timezone.now())
    assert pay().status_code == 200


def test_an_expired_charge_makes_room_for_another(efi, pay):
    first = pay().json()["txid"]
    Charge.objects.update(expires_at=timezone.now())
    second = pay().json()["txid"]
    assert second != first
    assert efi.charges[first]["status"] == "REMOVIDA_PELO_USUARIO_RECEBEDOR"
    assert [c.status for c in Charge.objects.order_by("attempt")] == ["expired", "open"]


def test_a_charge_that_was_paid_unnoticed_is_not_asked_for_again(efi, pay, invoice):
    efi.pay(pay().json()["txid"])
    Charge.objects.update(expires_at=timezone.now())
    answer = pay()
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_INVOICE_PAID")
    assert len(efi.charges) == 1


def test_a_changed_price_retires_the_old_charge(efi, pay, invoice):
    first = pay().json()["txid"]
    Invoice.objects.filter(pk=invoice.pk).update(amount="60")
    assert pay().json()["valor"] == {"original": "60.00"}
    assert efi.charges[first]["status"] == "REMOVIDA_PELO_USUARIO_RECEBEDOR"


def test_a_charge_of_another_life_of_the_database_is_not_taken_for_ours(efi, pay, invoice):
    pay()
    txid = services.payments.txid_of(invoice.pk, 1)
    efi.charges[txid]["valor"] = {"original": "1.00"}
    Charge.objects.all().delete()
    assert pay().json()["txid"] == services.payments.txid_of(invoice.pk, 2)
    assert Charge.objects.get(attempt=1).status == Charge.Status.FAILED


def test_a_refused_charge_tells_the_providers_reason_and_may_be_tried_again(efi, pay):
    efi.refuse("PUT", "/v2/cob", 400, {"nome": "documento_invalido", "mensagem": "CNPJ invalido"})
    answer = pay()
    assert answer.status_code == 502
    assert answer.json() == {"error": "ERR_PAYMENT_PROVIDER", "reason": "400 CNPJ invalido"}
    assert pay().status_code == 200
    assert [c.status for c in Charge.objects.order_by("attempt")] == ["failed", "open"]


@pytest.mark.parametrize("nonsense", ["<html>", "[]", "{}", '{"valor": {"original": "x"}}'])
def test_an_answer_nobody_understands_is_a_failure_of_the_provider(efi, pay, nonsense):
    efi.refuse("PUT", "/v2/cob", 200, nonsense)
    assert pay().json()["error"] == "ERR_PAYMENT_PROVIDER"
    assert pay().status_code == 200
    assert len(efi.charges) == 1


def test_a_provider_that_is_away_is_told(settings, pay, efi):
    settings.EFI_URL = "http://127.0.0.1:9"
    answer = pay()
    assert (answer.status_code, answer.json()["error"]) == (502, "ERR_PAYMENT_PROVIDER")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"invoiceId": 999999}, 404, "ERR_NO_INVOICE_FOUND"),
        ({"invoiceId": None}, 400, "ERR_VALIDATION"),
        ({"invoiceId": "x"}, 400, "ERR_VALIDATION"),
        ({"price": "cheap"}, 400, "ERR_VALIDATION"),
        ({"price": None}, 400, "ERR_VALIDATION"),
        ({"users": None}, 400, "ERR_VALIDATION"),
        ({"plan": None}, 400, "ERR_VALIDATION"),
        ({"plan": "no json"}, 400, "ERR_VALIDATION"),
        ({"plan": "[1]"}, 400, "ERR_VALIDATION"),
        ({"plan": '{"name": "free"}'}, 400, "ERR_VALIDATION"),
        ({"plan": '{"amount": 0}'}, 400, "ERR_VALIDATION"),
        ({"plan": '{"amount": 1e999}'}, 400, "ERR_VALIDATION"),
    ],
)
def test_a_bad_checkout_asks_the_provider_for_nothing(efi, pay, change, status, code):
    answer = pay(**change)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert efi.charges == {}


def test_nobody_pays_with_a_wrong_document_or_an_invoice_over_nothing(efi, pay, facts, invoice):
    Company.objects.filter(pk=facts.globex.pk).update(document="123")
    assert pay().json()["error"] == "ERR_COMPANY_INVALID_DOCUMENT"
    Company.objects.filter(pk=facts.globex.pk).update(document="12345678901")
    Invoice.objects.filter(pk=invoice.pk).update(amount=0)
    assert pay().json()["error"] == "ERR_INVOICE_WITHOUT_AMOUNT"
    assert efi.charges == {}


def test_an_invoice_of_another_company_is_not_found(api, facts, account, invoice, efi):
    for user in (facts.rui, facts.root):
        answer = api(user).post("/subscription", body(invoice))
        assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_INVOICE_FOUND")
    assert efi.charges == {}


def test_without_an_account_payments_are_confirmed_by_hand(api, facts, invoice, settings):
    answer = api(facts.eva).post("/subscription", body(invoice))
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_PIX_NOT_CONFIGURED")
    assert services.sweep_charges() == 0


# The notice ---------------------------------------------------------------------------------


def test_a_payment_gives_thirty_days_once(efi, pay, tell, facts, invoice, heard):
    txid = pay().json()["txid"]
    efi.pay(txid)
    for _ in range(3):
        assert tell(txid, txid).json() == {"ok": True}
    invoice.refresh_from_db()
    assert (invoice.status, invoice.confirmed_by_id) == ("paid", None)
    assert due_on(facts.globex) == datetime.date(2026, 4, 9)
    with in_company(facts.globex.pk):
        assert heard(InvoicePaid) == [{"invoice_id": invoice.pk, "by_id": None}]


def test_the_paying_company_hears_of_it(
    efi, pay, tell, facts, invoice, frames, django_capture_on_commit_callbacks
):
    txid = pay().json()["txid"]
    efi.pay(txid)
    with django_capture_on_commit_callbacks(execute=True):
        tell(txid)
    (frame,) = frames
    data = json.loads(frame.data)
    assert frame.event == f"company-{facts.globex.pk}-payment"
    assert data["action"] == "CONCLUIDA"
    assert (data["company"]["id"], data["company"]["dueDate"][:10]) == (
        facts.globex.pk,
        "2026-04-09",
    )


def test_a_notice_without_the_secret_is_refused(efi, pay, tell, facts, api):
    txid = pay().json()["txid"]
    efi.pay(txid)
    for proof in ("", "wrong", "ç"):
        answer = tell(txid, proof=proof)
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_PAYMENT_NOTICE_REFUSED")
    assert api().post(services.NOTICE_PATH, {"pix": [{"txid": txid}]}).status_code == 403
    assert due_on(facts.globex) == datetime.date(2026, 3, 10)


def test_a_platform_without_a_secret_believes_nobody(api, cast):
    assert api().post(f"{services.NOTICE_PATH}?hmac=", {"pix": []}).status_code == 403


def test_a_notice_is_not_believed_but_looked_up(efi, pay, tell, facts, invoice):
    tell(pay().json()["txid"])
    invoice.refresh_from_db()
    assert invoice.status == "pending"
    assert due_on(facts.globex) == datetime.date(2026, 3, 10)


@pytest.mark.parametrize(
    "sent",
    [
        {"evento": "teste_webhook"},
        {"pix": [{"txid": "0" * 32}, {"txid": "'; drop table"}, {}]},
        {"pix": []},
        {},
    ],
)
def test_a_trial_notice_and_strangers_charges_change_nothing(api, account, efi, sent):
    secret = services.account._webhook_secret()
    answer = api().post(f"{services.NOTICE_PATH}?hmac={secret}&ignorar=/pix", sent)
    assert answer.json() == {"ok": True}
    assert efi.count("GET", "/v2/cob") == 0


@pytest.mark.parametrize("sent", [{"pix": "all"}, {"pix": [1]}, {"pix": [{"txid": ["x"]}]}])
def test_a_notice_that_is_none_is_refused(api, account, sent):
    secret = services.account._webhook_secret()
    answer = api().post(f"{services.NOTICE_PATH}?hmac={secret}", sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_too_little_money_settles_nothing_and_is_told(efi, pay, tell, facts, invoice, heard):
    txid = pay().json()["txid"]
    efi.pay(txid, "0.01")
    tell(txid)
    tell(txid)
    invoice.refresh_from_db()
    assert invoice.status == "pending"
    assert due_on(facts.globex) == datetime.date(2026, 3, 10)
    charge = Charge.objects.get()
    assert (charge.paid_amount, charge.problem) == (Decimal("0.01"), "0.01 was paid of 49.90")
    with in_company(facts.globex.pk):
        assert len(heard(PaymentUnmatched)) == 1


@pytest.mark.parametrize(
    ("before", "problem", "days"),
    [
        (services.pay_invoice, "the invoice was paid already", 30),
        (services.cancel_invoice, "the invoice was cancelled", 0),
    ],
)
def test_money_for_an_invoice_that_needs_none_gives_nothing(
    efi, pay, tell, facts, invoice, before, problem, days
):
    txid = pay().json()["txid"]
    before(invoice, by_id=facts.root.pk)
    efi.pay(txid)
    tell(txid)
    assert Charge.objects.get().problem == problem
    expected = datetime.date(2026, 3, 10) + datetime.timedelta(days=days)
    assert due_on(facts.globex) == expected


def test_a_payment_ends_a_suspension_and_counts_from_today(efi, pay, tell, facts, invoice):
    company = Company.objects.get(pk=facts.globex.pk)
    suspend_company(company, by_id=None, is_unpaid=True)
    txid = pay().json()["txid"]
    efi.pay(txid)
    tell(txid)
    company.refresh_from_db()
    assert (company.is_active, company.is_unpaid) == (True, False)
    assert company.due_on == services.today() + datetime.timedelta(days=30)


# What nobody told of ------------------------------------------------------------------------


def test_a_payment_whose_notice_fell_into_an_outage_is_found_later(efi, pay, tell, invoice):
    txid = pay().json()["txid"]
    efi.pay(txid)
    efi.refuse("GET", "/v2/cob", 503, {})
    assert tell(txid).json() == {"ok": True}
    assert Charge.objects.get().noticed_at is not None
    Charge.objects.update(checked_at=None)
    assert services.sweep_charges() == 1
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert services.sweep_charges() == 0


def test_a_payment_whose_notice_was_lost_is_found_by_the_clock(efi, pay, invoice):
    txid = pay().json()["txid"]
    efi.pay(txid)
    assert services.sweep_charges() == 0, "it was looked at a moment ago"
    Charge.objects.update(checked_at=timezone.now() - datetime.timedelta(minutes=11))
    assert services.sweep_charges() == 1
    invoice.refresh_from_db()
    assert invoice.status == "paid"


def test_a_charge_that_ran_out_is_let_go(efi, pay):
    pay()
    Charge.objects.update(checked_at=None, expires_at=timezone.now())
    services.sweep_charges()
    assert Charge.objects.get().status == Charge.Status.EXPIRED
    assert services.sweep_charges() == 0


@pytest.mark.parametrize(("minutes", "status"), [(5, "opening"), (11, "failed")])
def test_a_charge_the_provider_never_heard_of_is_given_up_in_time(efi, pay, minutes, status):
    efi.refuse("PUT", "/v2/cob", 503, {})
    assert pay().status_code == 502
    Charge.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=minutes))
    services.sweep_charges()
    assert Charge.objects.get().status == status
