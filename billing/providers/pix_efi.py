"""PIX through Efí (formerly Gerencianet): the Central Bank's PIX interface over mutual TLS."""

import contextlib
import os
import re
import secrets
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import httpx
import structlog
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.utils.dateparse import parse_datetime

from billing.providers.base import (
    Account,
    Capabilities,
    ChargeOrder,
    Provider,
    ProviderCharge,
    ProviderError,
)

log = structlog.get_logger(__name__)

PRODUCTION = "https://pix.api.efipay.com.br"
SANDBOX = "https://pix-h.api.efipay.com.br"
TIMEOUT = httpx.Timeout(10, connect=5)
# A token is renewed this long before it ends, so that none ends on the way.
SPARE_SECONDS = 60

PAID = "CONCLUIDA"
OPEN = "ATIVA"
REMOVED = "REMOVIDA_PELO_USUARIO_RECEBEDOR"
# What a client needs of a charge; a provider's further fields may hold the payers' data.
SHOWN = (
    "txid", "status", "valor", "loc", "location", "chave", "calendario", "solicitacaoPagador",
    "pixCopiaECola",
)  # fmt: skip

_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}
_tokens_lock = threading.Lock()


class PixEfi(Provider):
    """Immediate charges (`/v2/cob`), whose ids are ours, so that asking twice makes one."""

    name = "pix_efi"
    capabilities = Capabilities(charges=True, notifies=True, is_idempotent=True)

    def is_ready(self) -> bool:
        """Tell whether client, secret and key are there, and a certificate where it is needed."""
        account = self.account
        proof = account.certificate and account.private_key
        return bool(
            account.client_id
            and account.client_secret
            and account.pix_key
            and (proof or self.base.startswith("http://"))
        )

    @property
    def base(self) -> str:
        """The address spoken to. Only a stand-in's may be plain HTTP."""
        return settings.EFI_URL or (SANDBOX if self.account.is_sandbox else PRODUCTION)

    def open_charge(self, order: ChargeOrder) -> ProviderCharge:
        """Make a charge under our id; where it exists already, give it. Raises ProviderError."""
        document = re.sub(r"\D", "", order.payer_document)
        payer = {"cpf" if len(document) == 11 else "cnpj": document, "nome": order.payer_name[:200]}
        body = {
            "calendario": {"expiracao": order.lifetime_seconds},
            "devedor": payer,
            "valor": {"original": f"{order.amount:.2f}"},
            "chave": self.account.pix_key,
            "solicitacaoPagador": order.text[:140],
        }
        with self._client() as http:
            answer = self._send(http, "PUT", f"/v2/cob/{order.txid}", json=body)
            if answer.status_code == httpx.codes.CONFLICT:
                # An earlier try of ours arrived although its answer did not.
                answer = self._send(http, "GET", f"/v2/cob/{order.txid}")
        return _charge(_read(answer))

    def read_charge(self, txid: str) -> ProviderCharge | None:
        """Give a charge as it is now, None where Efí knows none; raise ProviderError."""
        with self._client() as http:
            answer = self._send(http, "GET", f"/v2/cob/{quote(txid, safe='')}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return _charge(_read(answer))

    def close_charge(self, txid: str) -> None:
        """Take a charge away that nobody paid; raise ProviderError."""
        with self._client() as http:
            answer = self._send(http, "PATCH", f"/v2/cob/{txid}", json={"status": REMOVED})
        if answer.status_code != httpx.codes.NOT_FOUND:
            _read(answer)

    def payment_code(self, charge: ProviderCharge) -> dict[str, str]:
        """Give the picture and the text of a charge's QR code; raise ProviderError."""
        place = charge.fields.get("loc") or {}
        if not isinstance(place.get("id"), int):
            raise ProviderError("the charge has no place for a QR code")
        with self._client() as http:
            found = _read(self._send(http, "GET", f"/v2/loc/{place['id']}/qrcode"))
        return {
            "qrcode": str(found.get("qrcode", "")),
            "imagemQrcode": str(found.get("imagemQrcode", "")),
        }

    def register_webhook(self, key: str, url: str) -> dict[str, Any]:
        """Have payments to a PIX key told to an address; raise ProviderError.

        The address proves the caller by a secret, so Efí need not show a certificate of its own.
        """
        with self._client() as http:
            answer = self._send(
                http,
                "PUT",
                f"/v2/webhook/{quote(key, safe='')}",
                json={"webhookUrl": url},
                headers={"x-skip-mtls-checking": "true"},
            )
        return _read(answer)

    def remove_webhook(self, key: str) -> dict[str, Any]:
        """Have payments to a PIX key told to nobody; raise ProviderError."""
        with self._client() as http:
            return _read(self._send(http, "DELETE", f"/v2/webhook/{quote(key, safe='')}"))

    @contextlib.contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        if not self.is_ready():
            raise ProviderError("the PIX account is not set up", permanent=True)
        try:
            with httpx.Client(
                base_url=self.base, timeout=TIMEOUT, verify=self._tls(), follow_redirects=False
            ) as http:
                yield http
        except httpx.HTTPError as error:
            log.warning("efi.unreachable", error=type(error).__name__)
            raise ProviderError("the payment provider does not answer") from error

    def _tls(self) -> ssl.SSLContext | bool:
        if self.base.startswith("http://"):
            # There is nothing to verify, and reading the authorities takes longer than the call.
            return False
        context = ssl.create_default_context()
        if self.account.certificate and self.account.private_key:
            try:
                _load(context, self.account)
            except (ssl.SSLError, ValueError, TypeError) as error:
                raise ProviderError("the certificate cannot be used", permanent=True) from error
        return context

    def _send(self, http: httpx.Client, method: str, path: str, **sent: Any) -> httpx.Response:
        headers = sent.pop("headers", {})
        for is_last in (False, True):
            bearer = {"Authorization": f"Bearer {self._token(http, anew=is_last)}"}
            answer = http.request(method, path, headers=headers | bearer, **sent)
            # A token may be withdrawn before its time; one more try with a fresh one.
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
        return answer

    def _token(self, http: httpx.Client, *, anew: bool) -> str:
        key = (self.base, self.account.client_id, self.account.client_secret)
        with _tokens_lock:
            known, ends = _tokens.get(key, ("", 0.0))
        if known and not anew and ends > time.monotonic():
            return known
        found = _read(
            http.post(
                "/oauth/token",
                json={"grant_type": "client_credentials"},
                auth=(self.account.client_id, self.account.client_secret),
            )
        )
        token, lasts = found.get("access_token"), found.get("expires_in", 0)
        if not isinstance(token, str) or not isinstance(lasts, int | float):
            raise ProviderError("the payment provider gave no access token")
        with _tokens_lock:
            _tokens[key] = (token, time.monotonic() + lasts - SPARE_SECONDS)
        return token


def _load(context: ssl.SSLContext, account: Account) -> None:
    """Take the certificate; OpenSSL reads files only, so the key lies there encrypted, and shortly.

    Raises what OpenSSL does for something that is no certificate or key.
    """
    password = secrets.token_hex(16).encode()
    key = serialization.load_pem_private_key(account.private_key.encode(), None)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(account.certificate.encode() + b"\n" + text)
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)


def _read(answer: httpx.Response) -> dict[str, Any]:
    """Give the JSON of an answer; raise ProviderError, permanent where asking again is no use."""
    try:
        found = answer.json() if answer.content else {}
    except ValueError:
        found = {}
    if not isinstance(found, dict):
        found = {}
    if answer.is_success:
        return found
    reason = found.get("mensagem") or found.get("error_description") or found.get("detail") or ""
    log.warning("efi.refused", status=answer.status_code, name=str(found.get("nome", ""))[:80])
    raise ProviderError(
        f"{answer.status_code} {reason}".strip(),
        permanent=answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS,
    )


def _charge(found: dict[str, Any]) -> ProviderCharge:
    try:
        amount = Decimal(str(found["valor"]["original"]))
        paid = sum((Decimal(str(pix["valor"])) for pix in found.get("pix") or ()), Decimal(0))
        txid, status = str(found["txid"]), str(found["status"])
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ProviderError("the payment provider's answer cannot be understood") from error
    is_paid = status == PAID
    return ProviderCharge(
        txid=txid,
        amount=amount,
        is_paid=is_paid,
        is_over=status not in (OPEN, PAID),
        # A charge that is concluded without naming its payments was paid as it was asked.
        paid_amount=(paid or amount) if is_paid else Decimal(0),
        expires_at=_expiry(found.get("calendario")),
        fields={key: found[key] for key in SHOWN if key in found},
    )


def _expiry(calendar: Any) -> datetime | None:
    try:
        began = parse_datetime(str(calendar["criacao"]))
        if began is None:
            return None
        if began.tzinfo is None:
            began = began.replace(tzinfo=UTC)
        return began + timedelta(seconds=int(calendar["expiracao"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
