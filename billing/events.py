"""What happens to invoices. Published inside the schema of the company that owes."""

from dataclasses import dataclass
from typing import ClassVar

from events.bus import Event


@dataclass(frozen=True, slots=True)
class InvoiceWritten(Event):
    """A company owes something from now on; `by_id` None: the clock wrote it, or a program."""

    name: ClassVar[str] = "invoice.written"
    invoice_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceReminded(Event):
    """An invoice is due soon, and the company was told."""

    name: ClassVar[str] = "invoice.reminded"
    invoice_id: int


@dataclass(frozen=True, slots=True)
class InvoiceOverdue(Event):
    """An invoice was not paid in time."""

    name: ClassVar[str] = "invoice.fallen_due"
    invoice_id: int


@dataclass(frozen=True, slots=True)
class InvoiceEnforced(Event):
    """A company was switched off until it pays an invoice."""

    name: ClassVar[str] = "invoice.enforced"
    invoice_id: int


@dataclass(frozen=True, slots=True)
class InvoicePaid(Event):
    """An invoice is paid and its days are given; `by_id` is who confirmed it by hand."""

    name: ClassVar[str] = "invoice.paid"
    invoice_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceCancelled(Event):
    """Nobody has to pay an invoice any more."""

    name: ClassVar[str] = "invoice.cancelled"
    invoice_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceExtended(Event):
    """A company has more time to pay an invoice, and to work meanwhile."""

    name: ClassVar[str] = "invoice.extended"
    invoice_id: int
    days: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentUnmatched(Event):
    """Money came that settles no invoice: too little, or for one that is paid or cancelled."""

    name: ClassVar[str] = "payment.left_unmatched"
    invoice_id: int
    charge_id: int
    problem: str
