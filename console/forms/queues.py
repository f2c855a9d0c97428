"""The form of a queue."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from companies.hours import BOUNDS, DAYS
from console.access import whole_number
from console.forms import Id, Ids, Text
from tickets.models import Queue
from tickets.services import DistributionChange
from whaticket.exceptions import Invalid

LONGEST_TEXT = 65_536
# A year in minutes; and more tickets than anybody can hold.
LONGEST_WAIT = 525_600
MOST_HELD = 10_000
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class QueueForm(forms.Form):
    """A queue without its hours and its people's own limits, which are tables (see below)."""

    # What makes a name or a colour is the service's to say.
    name = forms.CharField(required=False, max_length=1_000)
    color = forms.CharField(required=False, max_length=50)
    greeting_message = Text(max_length=LONGEST_TEXT)
    out_of_hours_message = Text(max_length=LONGEST_TEXT)
    file_list_id = Id(required=False)
    closes_tickets = forms.BooleanField(required=False)
    members = Ids(required=False)
    distribution = forms.ChoiceField(choices=Queue.Distribution.choices)
    opens_assigned = forms.BooleanField(required=False)
    agent_capacity = forms.IntegerField(required=False, min_value=0, max_value=MOST_HELD)
    wait_minutes = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT)


def distribution_of(values: dict[str, Any], posted: QueryDict) -> DistributionChange:
    """Read how waiting tickets find an agent, and the limits of single members; raise Invalid."""
    return DistributionChange(
        mode=values["distribution"],
        opens=values["opens_assigned"],
        capacity=values["agent_capacity"] or 0,
        minutes=values["wait_minutes"] or 0,
        capacities={pk: _capacity(posted, pk) for pk in values["members"]},
    )


def _capacity(posted: QueryDict, user_id: int) -> int | None:
    name = f"capacity_{user_id}"
    text = posted.get(name, "").strip()
    number = whole_number(text)
    if text and (number is None or number > MOST_HELD):
        raise Invalid(details={name: [_("Enter a whole number, or nothing.")]})
    return number


def hours_of(posted: QueryDict, labels: dict[str, str]) -> list[dict[str, str]]:
    """Read the hours of a week; raise Invalid with the day that makes no sense.

    A day that is open all day has no entry, a closed one has no times (companies.hours).
    `labels` name the days as clients of the contract show them.
    """
    problems: dict[str, list[str]] = {}
    days = []
    for day in DAYS:
        state = posted.get(f"{day}_is", "")
        bounds = {bound: posted.get(f"{day}_{bound}", "").strip()[:5] for bound in BOUNDS}
        if state == "open":
            continue
        if state == "closed":
            bounds = dict.fromkeys(BOUNDS, "")
        elif state != "hours":
            problems[f"{day}_is"] = [_("Choose from the list.")]
        elif words := _wrong(bounds):
            problems[f"{day}_is"] = [words]
        days.append({"weekday": labels[day], "weekdayEn": day, **bounds})
    if problems:
        raise Invalid(details=problems)
    return days


def _wrong(bounds: dict[str, str]) -> str:
    starts_a, ends_a, starts_b, ends_b = (bounds[bound] for bound in BOUNDS)
    if not all(_TIME.fullmatch(time) for time in bounds.values() if time):
        return _("Write times as 08:00.")
    if not (starts_a and ends_a) or bool(starts_b) != bool(ends_b):
        return _("From when until when? Leave only the second times empty.")
    if starts_a > ends_a or (starts_b and starts_b > ends_b):
        return _("It ends before it begins.")
    return ""
