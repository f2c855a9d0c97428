"""The platform's account at its payment provider, and how the provider proves itself to us."""

import base64
import binascii
import hmac
import re
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction

from billing.certificates import ClientCertificate, read_certificate
from billing.exceptions import (
    CertificateInvalid,
    NoticeRefused,
    PaymentNotSetUp,
    PaymentProviderFailed,
)
from billing.models import PaymentAccount
from billing.providers import PROVIDERS, Account, PixEfi, Provider, ProviderError

# The contract's address of the notice; no secret, so the query proves the caller.
NOTICE_PATH = "/subscription/return/c5c0f5a4-efe2-447f-8c73-55f8c0f07284/pix"
PROOF = "hmac"
_FILE = re.compile(r"[\w.-]{1,100}", re.ASCII)
_COLUMNS = frozenset({"sandbox", "client_id", "pix_key", "webhook_url"})


def payment_account() -> PaymentAccount:
    """Give the account at Efí; an empty one is made where there is none (rest.md §6)."""
    account, _ = PaymentAccount.objects.get_or_create(provider=PixEfi.name)
    return account


@transaction.atomic
def update_payment_account(
    *,
    client_secret: str = "",
    certificate: bytes | str = "",
    certificate_password: str = "",
    **columns: Any,
) -> PaymentAccount:
    """Change the account; an empty secret or certificate is kept. Raises CertificateInvalid.

    A certificate is the content of a file, as bytes, PEM or Base64, or the name of one that lies
    in the folder of certificates, without `.p12`.
    """
    unknown = columns.keys() - _COLUMNS
    if unknown:
        raise TypeError(f"not a fact of an account: {sorted(unknown)}")
    payment_account()
    account = PaymentAccount.objects.select_for_update().get(provider=PixEfi.name)
    for name, value in columns.items():
        setattr(account, name, value)
    held = dict(account.credentials)
    if client_secret:
        held["clientSecret"] = client_secret
    if certificate and certificate != account.certificate_name:
        found = _certificate(certificate, certificate_password)
        account.certificate_name = found.name
        account.certificate_expires_at = found.expires_at
        held |= {"certificate": found.certificate, "privateKey": found.private_key}
    account.credentials = held
    account.save()
    return account


def account_in_force() -> Account:
    """Give the account that is used: the database's, else the environment's.

    Raises CertificateInvalid where the environment names a file that cannot be used.
    """
    given: dict[str, Any] = settings.GERENCIANET
    row = PaymentAccount.objects.filter(provider=PixEfi.name).first()
    if row is not None and row.client_id:
        return Account(
            client_id=row.client_id,
            client_secret=row.credentials.get("clientSecret", ""),
            pix_key=row.pix_key or given["pix_key"],
            is_sandbox=row.sandbox,
            certificate=row.credentials.get("certificate", ""),
            private_key=row.credentials.get("privateKey", ""),
        )
    name = given["certificate"]
    found = _certificate(name, "") if name and given["client_id"] else None
    return Account(
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        pix_key=given["pix_key"],
        is_sandbox=given["sandbox"],
        certificate=found.certificate if found else "",
        private_key=found.private_key if found else "",
    )


def provider_of(name: str = PixEfi.name) -> Provider:
    """Give a provider with the account in force; raise PaymentNotSetUp where it has none."""
    kind = PROVIDERS.get(name)
    provider = kind(account_in_force()) if kind is not None else None
    if provider is None or not provider.is_ready():
        raise PaymentNotSetUp
    return provider


def require_proof(given: str) -> None:
    """Raise NoticeRefused unless the secret that was registered with the provider is shown."""
    row = PaymentAccount.objects.filter(provider=PixEfi.name).first()
    expected = row.credentials.get("webhookSecret", "") if row is not None else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NoticeRefused


def notice_url(url: str = "") -> str:
    """Give the address to register: the contract's, with the proof in its query.

    The provider adds `/pix` to the end of an address; the last parameter takes it up.
    """
    parts = urlsplit(url or f"{settings.BACKEND_URL}{NOTICE_PATH}")
    path = parts.path.rstrip("/")
    if path.endswith(NOTICE_PATH.removesuffix("/pix")):
        path += "/pix"
    query = urlencode({PROOF: _webhook_secret()}) + "&ignorar="
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def register_webhook(key: str, url: str) -> dict[str, Any]:
    """Have the provider tell of payments to a PIX key; give its answer without the proof.

    Raises PaymentNotSetUp or PaymentProviderFailed.
    """
    provider = provider_of()
    key = key or provider.account.pix_key
    address = notice_url(url)
    try:
        answer = provider.register_webhook(key, address)
    except ProviderError as error:
        raise PaymentProviderFailed(reason=error.reason) from error
    PaymentAccount.objects.filter(provider=PixEfi.name).update(webhook_url=_shown(address))
    return {name: _shown(value) for name, value in answer.items()}


def remove_webhook(key: str) -> dict[str, Any]:
    """Have the provider tell of nothing any more; give its answer.

    Raises PaymentNotSetUp or PaymentProviderFailed.
    """
    provider = provider_of()
    key = key or provider.account.pix_key
    try:
        return provider.remove_webhook(key)
    except ProviderError as error:
        raise PaymentProviderFailed(reason=error.reason) from error


@transaction.atomic
def _webhook_secret() -> str:
    payment_account()
    account = PaymentAccount.objects.select_for_update().get(provider=PixEfi.name)
    held = dict(account.credentials)
    if not held.get("webhookSecret"):
        account.credentials = held | {"webhookSecret": secrets.token_urlsafe(32)}
        account.save(update_fields=["credentials", "updated_at"])
    return str(account.credentials["webhookSecret"])


def _shown(value: Any) -> Any:
    """The same without a proof in its query."""
    return value.partition(f"?{PROOF}=")[0] if isinstance(value, str) else value


def _certificate(given: bytes | str, password: str) -> ClientCertificate:
    if isinstance(given, bytes):
        return read_certificate(given, password)
    if "-----BEGIN" in given:
        return read_certificate(given.encode(), password)
    if _FILE.fullmatch(given):
        file = settings.CERTIFICATES / f"{given}.p12"
        if file.is_file():
            return read_certificate(file.read_bytes(), password)
    try:
        data = base64.b64decode("".join(given.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CertificateInvalid(details={"pixCert": ["There is no such certificate."]}) from error
    return read_certificate(data, password)
