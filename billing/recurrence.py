"""How often a company pays: the contract has free words for it (models.md, Company)."""

from decimal import Decimal

# Months that a word stands for, in the languages people write it in. Anything else is a month.
MONTHS: dict[str, int] = {
    "MENSAL": 1,
    "MENSUAL": 1,
    "MONTHLY": 1,
    "BIMESTRAL": 2,
    "BIMONTHLY": 2,
    "TRIMESTRAL": 3,
    "QUARTERLY": 3,
    "QUADRIMESTRAL": 4,
    "CUATRIMESTRAL": 4,
    "SEMESTRAL": 6,
    "HALF-YEARLY": 6,
    "ANUAL": 12,
    "YEARLY": 12,
    "ANNUAL": 12,
}
# A payment's month has thirty days (behaviour 139).
MONTH_DAYS = 30
YEAR_DAYS = 365
# What a column of money holds.
MOST = Decimal("99999999.99")


def months_of(recurrence: str) -> int:
    """Give the months between two payments."""
    return MONTHS.get(recurrence.strip().upper(), 1)


def days_of(recurrence: str) -> int:
    """Give the days that one payment is good for."""
    months = months_of(recurrence)
    return YEAR_DAYS if months == 12 else MONTH_DAYS * months


def price_of(amount: Decimal, recurrence: str, *, per: str) -> Decimal:
    """Give the price of one payment, where `amount` is asked as often as `per` says."""
    price = amount * months_of(recurrence) / months_of(per)
    return min(price, MOST).quantize(Decimal("0.01"))
