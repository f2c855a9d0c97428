"""Payments that an operator sees on an account and confirms by hand."""

from typing import Any

from billing.providers.base import (
    Capabilities,
    ChargeOrder,
    Provider,
    ProviderCharge,
    ProviderError,
)


class Manual(Provider):
    """No machine on the other side: the operator's pages confirm, and nothing is asked here."""

    name = "manual"
    capabilities = Capabilities(charges=False, notifies=False, is_idempotent=True)

    def is_ready(self) -> bool:
        """An operator is all it needs."""
        return True

    def open_charge(self, order: ChargeOrder) -> ProviderCharge:
        """Refuse: there is nobody to make a charge."""
        raise _unable()

    def read_charge(self, txid: str) -> ProviderCharge | None:
        """Know of no charge."""
        return None

    def close_charge(self, txid: str) -> None:
        """Have nothing to close."""

    def payment_code(self, charge: ProviderCharge) -> dict[str, str]:
        """Refuse: there is nothing to scan."""
        raise _unable()

    def register_webhook(self, key: str, url: str) -> dict[str, Any]:
        """Refuse: nobody would call."""
        raise _unable()

    def remove_webhook(self, key: str) -> dict[str, Any]:
        """Refuse: nobody calls."""
        raise _unable()


def _unable() -> ProviderError:
    return ProviderError("payments are confirmed by hand", permanent=True)
