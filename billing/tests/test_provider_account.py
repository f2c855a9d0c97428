"""The platform's account at Efí: secrets stay secret, and the certificate opens the door."""

import base64
import ssl

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from billing import services
from billing.exceptions import PaymentNotSetUp
from billing.models import PaymentAccount
from billing.providers import Account, ChargeOrder, Manual, PixEfi, ProviderError
from billing.services.account import account_in_force, provider_of
from billing.tests.certificates import Pair
from billing.tests.efi_server import CLIENT, EfiServer

KEYS = {
    "id", "sandbox", "clientId", "clientSecret", "chavePix", "pixCert", "webhookUrl",
    "pixCertPassword", "createdAt", "updatedAt",
}  # fmt: skip
SENT = {
    "sandbox": False,
    "clientId": CLIENT[0],
    "clientSecret": CLIENT[1],
    "chavePix": "pix@platform.example",
    "webhookUrl": "https://pay.example/hook",
}


def test_an_account_is_there_from_the_start_and_empty(api, facts):
    row = api(facts.root).get("/gerencianet-config").json()
    assert set(row) == KEYS
    assert (row["sandbox"], row["clientId"], row["clientSecret"]) == (True, "", "")
    assert api(facts.root).get("/gerencianet-config").json()["id"] == row["id"]


def test_secrets_are_shown_by_their_end_and_kept_encrypted(api, facts):
    client = api(facts.root)
    row = client.put("/gerencianet-config", SENT).json()
    assert row["clientSecret"] == "***test"
    assert row["chavePix"] == "pix@platform.example"
    for unchanged in ("", "***test", None):
        again = client.put("/gerencianet-config", {"clientSecret": unchanged}).json()
        assert again["clientSecret"] == "***test"
    assert account_in_force().client_secret == CLIENT[1]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT credentials FROM {PaymentAccount._meta.db_table}")
        assert CLIENT[1] not in cursor.fetchone()[0]
    assert CLIENT[1] not in repr(account_in_force())


@pytest.mark.parametrize("kind", ["p12", "p12 with a password", "pem", "file", "named"])
def test_a_certificate_comes_in_every_form_banks_use(api, facts, settings, tmp_path, kind):
    pair, client = Pair("platform"), api(facts.root)
    sent, form = {"pixCert": base64.b64encode(pair.p12()).decode()}, "json"
    if kind == "p12 with a password":
        sent["pixCert"] = base64.b64encode(pair.p12("geheim")).decode()
        sent["pixCertPassword"] = "geheim"
    if kind == "pem":
        sent["pixCert"] = (pair.certificate_pem() + pair.key_pem()).decode()
    if kind == "file":
        sent["pixCert"], form = SimpleUploadedFile("platform.p12", pair.p12()), "multipart"
    if kind == "named":
        settings.CERTIFICATES = tmp_path
        (tmp_path / "platform.v1.p12").write_bytes(pair.p12())
        sent["pixCert"] = "platform.v1"
    row = client.put("/gerencianet-config", sent, format=form).json()
    assert (row["pixCert"], row["pixCertPassword"]) == ("platform", "")
    held = account_in_force() if row["clientId"] else services.payment_account().credentials
    assert held["certificate"].encode() == pair.certificate_pem()
    assert "ENCRYPTED" not in held["privateKey"]
    # A client that sends back what it read changes nothing.
    assert client.put("/gerencianet-config", {"pixCert": "platform"}).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"pixCert": "no-such-file"},
        {"pixCert": "../../secrets/field_key"},
        {"pixCert": "-----BEGIN CERTIFICATE-----\nx"},
        {"pixCert": base64.b64encode(b"nonsense").decode()},
        {"pixCert": base64.b64encode(Pair("x").p12("right")).decode(), "pixCertPassword": "wrong"},
        {"pixCert": base64.b64encode(Pair("x", days=-1).p12()).decode()},
        {"pixCert": Pair("x").certificate_pem().decode()},
        {"pixCert": (Pair("a").certificate_pem() + Pair("b").key_pem()).decode()},
        {"pixCert": "QUFB" * 40_000},
    ],
    ids=[
        "unknown", "outside", "damaged", "nonsense", "password", "expired", "no key", "wrong key",
        "huge",
    ],
)  # fmt: skip
def test_a_certificate_that_opens_nothing_is_refused(api, facts, sent):
    answer = api(facts.root).put("/gerencianet-config", SENT | sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_CERTIFICATE_INVALID")
    assert not PaymentAccount.objects.exclude(client_id="").exists()


@pytest.mark.parametrize(
    "sent",
    [{"webhookUrl": "nowhere"}, {"sandbox": "perhaps"}, {"clientId": "x" * 300}, {"pixCert": [1]}],
)
def test_a_bad_account_is_refused(api, facts, sent):
    answer = api(facts.root).put("/gerencianet-config", sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_the_environment_stands_in_for_an_empty_account(db, settings, tmp_path):
    (tmp_path / "env.p12").write_bytes(Pair("from the environment").p12())
    settings.CERTIFICATES = tmp_path
    settings.GERENCIANET = {
        "sandbox": True,
        "client_id": "id",
        "client_secret": "secret",
        "certificate": "env",
        "pix_key": "key",
    }
    account = account_in_force()
    assert (account.client_id, account.pix_key, account.is_sandbox) == ("id", "key", True)
    assert "BEGIN CERTIFICATE" in account.certificate
    provider = provider_of()
    assert provider.is_ready()
    assert provider.base == "https://pix-h.api.efipay.com.br"
    services.update_payment_account(client_id="own")
    assert account_in_force().client_id == "own"


def test_without_a_certificate_nothing_is_sent_to_the_real_provider(db, settings):
    services.update_payment_account(
        client_id="id", client_secret="secret", pix_key="key", sandbox=False
    )
    with pytest.raises(PaymentNotSetUp):
        provider_of()
    with pytest.raises(ProviderError):
        PixEfi(account_in_force()).read_charge("x")
    assert PixEfi(account_in_force()).base == "https://pix.api.efipay.com.br"


# Mutual TLS ---------------------------------------------------------------------------------


@pytest.fixture
def tls_efi(settings, tmp_path, monkeypatch):
    """Efí as it really is: no client without a certificate gets in. Gives it and a good pair."""
    server_pair, client_pair = Pair("efi"), Pair("platform")
    own = tmp_path / "efi.pem"
    own.write_bytes(server_pair.certificate_pem() + server_pair.key_pem())
    trusted = tmp_path / "clients.pem"
    trusted.write_bytes(client_pair.certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    context.load_verify_locations(trusted)
    context.verify_mode = ssl.CERT_REQUIRED
    # The authorities this machine trusts are those of the test.
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with EfiServer(tls=context) as server:
        settings.EFI_URL = server.url
        yield server, client_pair


def account_of(pair):
    return Account(
        client_id=CLIENT[0],
        client_secret=CLIENT[1],
        pix_key="key",
        certificate=pair.certificate_pem().decode(),
        private_key=pair.key_pem().decode(),
    )


ORDER = ChargeOrder(
    txid="a" * 32,
    amount=services.plans.Plan(amount=1).amount,
    lifetime_seconds=60,
    payer_document="12345678901",
    payer_name="Payer",
    text="text",
)


def test_the_certificate_opens_the_door(tls_efi):
    server, pair = tls_efi
    made = PixEfi(account_of(pair)).open_charge(ORDER)
    assert made.txid == ORDER.txid
    assert {str(shown["subject"][0][0][1]) for shown in server.certificates} == {"platform"}


def test_another_certificate_does_not(tls_efi):
    with pytest.raises(ProviderError) as refusal:
        PixEfi(account_of(Pair("stranger"))).open_charge(ORDER)
    assert not refusal.value.permanent


def test_a_stranger_who_plays_the_provider_gets_nothing(tls_efi, monkeypatch, tmp_path):
    server, pair = tls_efi
    (tmp_path / "other.pem").write_bytes(Pair("other").certificate_pem())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    with pytest.raises(ProviderError):
        PixEfi(account_of(pair)).open_charge(ORDER)
    assert server.asked == []


# The webhook --------------------------------------------------------------------------------


def test_the_webhook_is_registered_with_a_secret_of_this_installation(api, facts, efi, account):
    answer = api(facts.root).post("/subscription/create/webhook", {}).json()
    registered = efi.webhooks["pix@platform.example"]
    secret = services.payment_account().credentials["webhookSecret"]
    assert registered.endswith(f"{services.NOTICE_PATH}?hmac={secret}&ignorar=")
    assert secret not in str(answer)
    # The provider adds its own end to the address; what it calls then proves itself.
    called = (registered + "/pix").partition("/subscription")[2]
    sent = {"evento": "teste_webhook"}
    assert api().post("/subscription" + called, sent).json() == {"ok": True}
    again = api(facts.root).post("/subscription/create/webhook", {}).json()
    assert again == answer
    assert efi.webhooks["pix@platform.example"] == registered


def test_an_operator_names_key_and_address_and_takes_them_away(api, facts, efi, account):
    client = api(facts.root)
    url = "https://pay.example" + services.NOTICE_PATH.removesuffix("/pix")
    client.post("/subscription/create/webhook", {"chave": "other", "url": url})
    assert efi.webhooks["other"].startswith(f"https://pay.example{services.NOTICE_PATH}?hmac=")
    assert client.delete("/subscription/create/webhook", {"chave": "other"}).json() == {}
    assert efi.webhooks == {}
    answer = client.delete("/subscription/create/webhook", {"chave": "other"})
    assert (answer.status_code, answer.json()["error"]) == (502, "ERR_PAYMENT_PROVIDER")


@pytest.mark.parametrize("method", ["post", "delete"])
def test_only_an_operator_moves_the_webhook(api, facts, efi, account, method):
    for user in (facts.rui, facts.eva, None):
        answer = getattr(api(user), method)("/subscription/create/webhook", {"chave": "x"})
        assert answer.status_code == (403 if user else 401)
    assert efi.asked == []


def test_a_provider_that_refuses_the_webhook_is_told(api, facts, efi, account):
    efi.refuse("PUT", "/v2/webhook", 400, {"nome": "webhook_invalido", "mensagem": "sem mTLS"})
    answer = api(facts.root).post("/subscription/create/webhook", {})
    assert answer.json() == {"error": "ERR_PAYMENT_PROVIDER", "reason": "400 sem mTLS"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [({"url": "nowhere"}, "ERR_VALIDATION"), ({}, "ERR_PIX_NOT_CONFIGURED")],
)
def test_a_webhook_that_cannot_be_is_refused(api, facts, sent, code):
    answer = api(facts.root).post("/subscription/create/webhook", sent)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


# By hand ------------------------------------------------------------------------------------


def test_payments_by_hand_ask_nobody():
    manual = Manual(Account())
    assert manual.is_ready()
    assert not manual.capabilities.charges
    assert manual.read_charge("x") is None
    manual.close_charge("x")
    for ask in (
        lambda: manual.open_charge(ORDER),
        lambda: manual.payment_code(None),
        lambda: manual.register_webhook("k", "u"),
        lambda: manual.remove_webhook("k"),
    ):
        with pytest.raises(ProviderError) as refusal:
            ask()
        assert refusal.value.permanent
