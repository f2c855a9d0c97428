"""What reaches every company."""

from typing import Any

import orjson
from celery import shared_task

from companies import wire
from companies.models import Announcement, Company, Help
from events.realtime import Frame, emit
from whaticket import tenancy
from whaticket.renderers import wire_time


@shared_task(name="companies.tasks.tell_companies")
def tell_companies(kind: str, action: str, notice_id: int) -> int:
    """Tell every company that is switched on of an announcement or a help page.

    What is not shown is gone for clients. Telling twice changes nothing on a screen; a frame that
    is lost is found by the next look at the list.
    """
    tenancy.leave_company()
    told = _news(kind, action, notice_id)
    if told is None:
        return 0
    data = orjson.dumps(told, default=wire_time, option=orjson.OPT_PASSTHROUGH_DATETIME)
    ids = list(Company.objects.active().values_list("pk", flat=True))
    for company_id in ids:
        # The one event whose name carries no company.
        name = "company-announcement" if kind == "announcement" else f"company-{company_id}-help"
        with tenancy.in_company(company_id):
            emit([Frame(name, data)])
    return len(ids)


def _news(kind: str, action: str, notice_id: int) -> dict[str, Any] | None:
    record = _record(kind, notice_id)
    if record is not None:
        return {"action": action, "record": record}
    # A draft that was never shown is no news.
    return None if action == "create" else {"action": "delete", "id": notice_id}


def _record(kind: str, notice_id: int) -> dict[str, Any] | None:
    if kind == "announcement":
        shown = Announcement.objects.shown().filter(pk=notice_id).first()
        return wire.announcement_row(shown) if shown else None
    page = Help.objects.filter(pk=notice_id).first()
    return wire.help_row(page) if page else None
