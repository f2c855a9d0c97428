"""Client certificates as banks hand them out: PKCS #12 (`.p12`, `.pfx`) or PEM."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.utils import timezone

from billing.exceptions import CertificateInvalid

# Far above any certificate with its chain.
LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate with its key, as PEM."""

    name: str
    expires_at: datetime
    certificate: str
    private_key: str = field(repr=False)


def read_certificate(data: bytes, password: str = "") -> ClientCertificate:
    """Read a certificate and its key; raise CertificateInvalid, which says why."""
    if len(data) > LARGEST:
        raise _invalid("The file is too large.")
    secret = password.encode() or None
    try:
        if b"-----BEGIN" in data:
            chain = x509.load_pem_x509_certificates(data)
            key: PrivateKeyTypes | None = serialization.load_pem_private_key(
                data, _if_needed(data, secret)
            )
        else:
            key, first, others = pkcs12.load_key_and_certificates(data, secret)
            chain = [*([first] if first else []), *others]
    # The library raises these for damaged data, a wrong password, and kinds it does not know.
    except (ValueError, TypeError, x509.InvalidVersion, NotImplementedError) as error:
        raise _invalid("The file or its password is wrong.") from error
    except Exception as error:
        # UnsupportedAlgorithm has no base of its own, and OpenSSL's errors have many.
        raise _invalid("This kind of certificate cannot be used.") from error
    if key is None or not chain:
        raise _invalid("A certificate and its private key are needed.")
    own = chain[0]
    if _public(own.public_key()) != _public(key.public_key()):
        raise _invalid("The private key belongs to another certificate.")
    if own.not_valid_after_utc < timezone.now():
        raise _invalid("The certificate has expired.")
    return ClientCertificate(
        name=_name(own),
        expires_at=own.not_valid_after_utc,
        certificate="".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in chain),
        private_key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )


def _if_needed(data: bytes, secret: bytes | None) -> bytes | None:
    # The library refuses a password that an open key does not need.
    return secret if b"ENCRYPTED" in data else None


def _public(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined]  # every kind of key has it
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)[:255] if names else f"serial {certificate.serial_number:x}"[:255]


def _invalid(reason: str) -> CertificateInvalid:
    return CertificateInvalid(details={"pixCert": [reason]})
