"""Working hours as the contract writes them: seven days with two intervals each (models.md)."""

import datetime
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from companies.exceptions import SchedulesInvalid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BOUNDS = ("startTimeA", "endTimeA", "startTimeB", "endTimeB")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")


def clean_schedules(value: Any) -> list[dict[str, str]]:
    """Check a schedule array and keep only its known keys; raise SchedulesInvalid.

    An empty bound is allowed: its interval then never matches (behaviour 71).
    """
    if not isinstance(value, list) or len(value) > len(DAYS):
        raise SchedulesInvalid(details={"schedules": ["A list of at most seven days is needed."]})
    days = [_clean_day(day) for day in value]
    if len({day["weekdayEn"] for day in days}) != len(days):
        raise SchedulesInvalid(details={"schedules": ["A day stands there twice."]})
    return days


def _clean_day(day: Any) -> dict[str, str]:
    if not isinstance(day, dict) or day.get("weekdayEn") not in DAYS:
        raise SchedulesInvalid(details={"weekdayEn": ["monday … sunday is needed."]})
    label = day.get("weekday", day["weekdayEn"])
    if not isinstance(label, str) or len(label) > 50 or "\0" in label or not label.isprintable():
        raise SchedulesInvalid(details={"weekday": ["A short text is needed."]})
    clean = {"weekday": label, "weekdayEn": day["weekdayEn"]}
    for bound in BOUNDS:
        moment = day.get(bound, "")
        if moment is None:
            moment = ""
        if not isinstance(moment, str) or (moment and not _TIME.match(moment)):
            raise SchedulesInvalid(details={bound: ["HH:MM or an empty text is needed."]})
        clean[bound] = moment
    return clean


def is_open(schedules: list[dict[str, str]], at: datetime.datetime) -> bool:
    """Tell whether a moment is within the hours of its day (behaviour 71).

    A day without an entry is not restricted. Bounds belong to their interval; an interval with an
    empty bound never matches.
    """
    moment = at.astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE))
    today = DAYS[moment.weekday()]
    day = next((day for day in schedules if day.get("weekdayEn") == today), None)
    if day is None:
        return True
    clock = f"{moment:%H:%M}"
    return any(
        day.get(start) and day.get(end) and day[start] <= clock <= day[end]
        for start, end in (("startTimeA", "endTimeA"), ("startTimeB", "endTimeB"))
    )
