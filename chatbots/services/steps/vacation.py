"""Everybody is away: step (l), behaviour 24."""

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.utils import timezone

from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from whatsapp.models import Connection


def on_vacation(connection: Connection, at: datetime.datetime) -> bool:
    """Tell whether a number's people are all away: from the first day until the last one begins."""
    first, last = connection.vacation_starts, connection.vacation_ends
    if first is None or last is None or not connection.vacation_message.strip():
        return False
    return first <= at.astimezone(ZoneInfo(django_settings.COMPANY_TIME_ZONE)).date() < last


def wants(arrival: Arrival) -> bool:
    """Everything people write meanwhile; groups are left alone."""
    return not arrival.ticket.is_group and on_vacation(arrival.connection, timezone.now())


def take(situation: Situation) -> Outcome:
    """Say when somebody will be back, and nothing else."""
    if situation.ticket.is_group or not on_vacation(situation.connection, situation.now):
        return Outcome.ON
    situation.say(situation.connection.vacation_message, "vacation")
    return Outcome.STOP


add_step("l", wants=wants, take=take)
