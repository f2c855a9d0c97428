"""What clients hear of settings and of the platform's notices (realtime.md §4.4)."""

from collections.abc import Sequence
from typing import Any

import orjson

from companies import wire
from companies.events import CompanySettingsChanged, NamedSettingChanged, NoticeChanged
from companies.models import CompanySettings, Setting
from companies.registry import BY_FIELD, find_key
from companies.tasks import tell_companies
from events.bus import on
from events.realtime import Frame, emit
from whaticket.renderers import wire_time
from whaticket.tasks import wake
from whaticket.tenancy import current_company_id


@on(CompanySettingsChanged)
def show_changed_settings(events: Sequence[CompanySettingsChanged]) -> None:
    """Tell the company each setting that was switched or rewritten."""
    # Not from the cache: it may learn of this commit a moment later.
    row = CompanySettings.objects.filter(company_id=current_company_id()).first()
    if row is None:
        return
    fields = dict.fromkeys(field for event in events for field in event.fields)
    emit([_frame(wire.column_setting(row, BY_FIELD[field])) for field in fields])


@on(NamedSettingChanged)
def show_changed_values(events: Sequence[NamedSettingChanged]) -> None:
    """Tell the company each named value that was written, save the secret ones."""
    ids = [event.setting_id for event in events if _is_open(event.key)]
    rows = Setting.objects.in_bulk(ids)
    emit([_frame(wire.named_setting(rows[pk])) for pk in dict.fromkeys(ids) if pk in rows])


@on(NoticeChanged)
def tell_everybody(events: Sequence[NoticeChanged]) -> None:
    """Have every company told of the platform's news, apart from the request that made them."""
    for event in events:
        wake(tell_companies, event.kind, event.action, event.notice_id)


def _is_open(name: str) -> bool:
    key = find_key(name)
    return key is not None and not key.is_secret


def _frame(setting: dict[str, Any]) -> Frame:
    data = orjson.dumps(
        {"action": "update", "setting": setting},
        default=wire_time,
        option=orjson.OPT_PASSTHROUGH_DATETIME,
    )
    return Frame(f"company-{current_company_id()}-settings", data)
