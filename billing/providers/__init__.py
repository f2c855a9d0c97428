"""Ways to be paid, behind one interface."""

from billing.providers.base import (
    Account,
    Capabilities,
    ChargeOrder,
    Provider,
    ProviderCharge,
    ProviderError,
)
from billing.providers.manual import Manual
from billing.providers.pix_efi import PixEfi

PROVIDERS: dict[str, type[Provider]] = {kind.name: kind for kind in (PixEfi, Manual)}

__all__ = [
    "PROVIDERS",
    "Account",
    "Capabilities",
    "ChargeOrder",
    "Manual",
    "PixEfi",
    "Provider",
    "ProviderCharge",
    "ProviderError",
]
