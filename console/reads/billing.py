"""What a company's administrators see of its plan, and of what it owes and paid."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from billing.models import Invoice, Subscription
from billing.recurrence import price_of
from billing.services import today
from companies.models import Company
from console.reads.paging import Page, page_of
from tickets.models import Queue
from whatsapp.models import Connection

# So many days before an invoice is due its company's administrators are told on every page.
DUE_SOON = datetime.timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one thing a plan gives is in use."""

    what: str
    used: int
    limit: int

    @property
    def is_full(self) -> bool:
        return self.used >= self.limit


@dataclass(frozen=True, slots=True)
class Deal:
    """The plan of a company, what it pays for it, and until when it paid."""

    subscription: Subscription | None
    price: Decimal | None
    paid_until: datetime.date | None
    uses: list[Use]


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice, and whether its day has passed."""

    invoice: Invoice
    is_overdue: bool

    @property
    def is_payable(self) -> bool:
        return self.invoice.status == Invoice.Status.PENDING and self.invoice.amount > 0


def deal_of(user: User) -> Deal:
    """Give what a person's company is on, with what of it is used; needs the company entered."""
    found = Subscription.objects.select_related("plan").filter(company_id=user.company_id).first()
    company = Company.objects.get(pk=user.company_id)
    if found is None:
        return Deal(None, None, company.due_on, [])
    plan = found.plan
    recurrence = found.recurrence or plan.recurrence
    uses = [
        Use("users", User.objects.of_company(user.company_id).count(), plan.users),
        Use("connections", Connection.objects.count(), plan.connections),
        Use("queues", Queue.objects.count(), plan.queues),
    ]
    price = price_of(plan.amount, recurrence, per=plan.recurrence)
    return Deal(found, price, company.due_on, uses)


def bills(user: User, page: int) -> Page[Bill]:
    """Give a page of a company's invoices, newest first; one statement."""
    own = Invoice.objects.valid().of_company(user.company_id).order_by("-due_on", "-pk")
    found = page_of(own, page)
    return Page([_bill(row) for row in found.rows], found.next)


def owes(user: User) -> bool:
    """Tell whether an invoice of a person's company waits."""
    return Invoice.objects.of_company(user.company_id).pending().exists()


def due_of(user: User) -> Bill | None:
    """Give the invoice an administrator should be told of now: overdue, or due in a few days."""
    if not user.is_admin:
        return None
    waiting = Invoice.objects.of_company(user.company_id).pending().filter(amount__gt=0)
    row = waiting.filter(due_on__lte=today() + DUE_SOON).order_by("due_on", "pk").first()
    return _bill(row) if row else None


def _bill(row: Invoice) -> Bill:
    return Bill(row, row.status == Invoice.Status.PENDING and row.due_on < today())
