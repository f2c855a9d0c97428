"""What clients hear of payments (realtime.md §4.4)."""

from collections.abc import Sequence
from typing import Any

import orjson

from billing.events import InvoicePaid
from companies import wire
from companies.services import find_company
from events.bus import on
from events.realtime import Frame, emit
from whaticket.renderers import wire_time
from whaticket.tenancy import current_company_id

# The word of the provider that clients wait for, however the money came.
SETTLED = "CONCLUIDA"


@on(InvoicePaid)
def tell_payments(news: Sequence[InvoicePaid]) -> None:
    """`company-<id>-payment`, once for all invoices that were paid together."""
    company_id = current_company_id()
    row = wire.company_row(find_company(company_id))
    data = orjson.dumps(
        {"action": SETTLED, "company": row},
        default=_default,
        option=orjson.OPT_PASSTHROUGH_DATETIME,
    )
    emit([Frame(f"company-{company_id}-payment", data)])


def _default(value: Any) -> str:
    return wire_time(value)
