"""What a payment provider can do, and what it is asked and answers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from whaticket.exceptions import TransportError


class ProviderError(TransportError):
    """A provider refused (permanent) or could not be reached; `reason` is fit for an operator."""

    def __init__(self, reason: str, *, permanent: bool = False):
        self.reason = reason[:255]
        super().__init__(self.reason, permanent=permanent)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that nobody asks for its name."""

    # It makes charges that a payer can settle alone; otherwise an operator confirms.
    charges: bool
    # It calls back, and can be told where.
    notifies: bool
    # It takes our id for a charge, so that asking twice makes one.
    is_idempotent: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are at a provider."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    pix_key: str = ""
    is_sandbox: bool = True
    # PEM.
    certificate: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """What is to be paid, under an id of ours."""

    txid: str
    amount: Decimal
    lifetime_seconds: int
    payer_document: str
    payer_name: str
    text: str


@dataclass(frozen=True, slots=True)
class ProviderCharge:
    """A charge as its provider knows it."""

    txid: str
    amount: Decimal
    is_paid: bool
    is_over: bool
    paid_amount: Decimal
    expires_at: datetime | None
    # The provider's own fields; they go to the payer's client as they are.
    fields: dict[str, Any]


class Provider(ABC):
    """One way to be paid. Every call may go over the network: never inside a transaction."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def __init__(self, account: Account):
        self.account = account

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the account has all that is needed."""

    @abstractmethod
    def open_charge(self, order: ChargeOrder) -> ProviderCharge:
        """Make a charge, or find the one that an earlier try made; raise ProviderError."""

    @abstractmethod
    def read_charge(self, txid: str) -> ProviderCharge | None:
        """Give a charge as it is now, None where there is none; raise ProviderError."""

    @abstractmethod
    def close_charge(self, txid: str) -> None:
        """Have a charge that nobody paid accepted no more; raise ProviderError."""

    @abstractmethod
    def payment_code(self, charge: ProviderCharge) -> dict[str, str]:
        """Give what the payer scans (`imagemQrcode`) or copies (`qrcode`); raise ProviderError."""

    @abstractmethod
    def register_webhook(self, key: str, url: str) -> dict[str, Any]:
        """Have payments to a key told to an address; raise ProviderError."""

    @abstractmethod
    def remove_webhook(self, key: str) -> dict[str, Any]:
        """Have payments to a key told to nobody; raise ProviderError."""
