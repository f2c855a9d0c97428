"""Days and moments in an address (rest.md): one reading of them for every list and report.

A day is YYYY-MM-DD and lasts from midnight to midnight where the companies are. Clients also send
the moment of a date picker, in ISO 8601; where a day is wanted, that is the companies' day.
"""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.request import Request

from whaticket.exceptions import Invalid

# What PostgreSQL and every time zone can still count with a day more or less.
_YEARS = range(1900, 9001)
# How clients write a date that was never chosen.
_NONE = {"", "undefined", "null"}


def company_zone() -> ZoneInfo:
    """Where the companies' days begin and end."""
    return ZoneInfo(settings.COMPANY_TIME_ZONE)


def midnight(day: datetime.date) -> datetime.datetime:
    """When a day begins where the companies are."""
    return datetime.datetime.combine(day, datetime.time(), company_zone())


def end_of(day: datetime.date) -> datetime.datetime:
    """When a day is over where the companies are: at the next one's midnight."""
    return midnight(day + datetime.timedelta(days=1))


def day_param(request: Request, name: str) -> datetime.date | None:
    """Give a day of the query, None where it is absent; raise Invalid."""
    return day_of(name, request.query_params.get(name))


def bound_param(request: Request, name: str, *, is_end: bool = False) -> datetime.datetime | None:
    """Give a bound of the query: a moment as it is, a day's first, or the end of the last one.

    None where it is absent; raises Invalid.
    """
    found = _read(name, request.query_params.get(name))
    if found is None or isinstance(found, datetime.datetime):
        return found
    return end_of(found) if is_end else midnight(found)


def day_of(name: str, value: Any) -> datetime.date | None:
    """Read a day that was sent under a name, None where it was not; raise Invalid."""
    found = _read(name, value)
    if isinstance(found, datetime.datetime):
        return found.astimezone(company_zone()).date()
    return found


def _read(name: str, value: Any) -> datetime.date | datetime.datetime | None:
    """Read a day, or a moment with its zone."""
    if value is None or (isinstance(value, str) and value.strip() in _NONE):
        return None
    day = moment = None
    if isinstance(value, str):
        try:
            day, moment = parse_date(value.strip()), parse_datetime(value.strip())
        except ValueError:
            day = moment = None
    if day is not None and day.year in _YEARS:
        return day
    if moment is not None and moment.year in _YEARS:
        return moment.replace(tzinfo=company_zone()) if timezone.is_naive(moment) else moment
    raise Invalid(details={name: ["A day is needed, as YYYY-MM-DD."]})
