"""Working hours as the contract writes them: seven days with two intervals each (models.md)."""

import re
from typing import Any

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
