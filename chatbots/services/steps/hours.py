"""Nobody works now: steps (p) and (x), behaviour 70-75."""

import datetime
from typing import Any

from chatbots.services.limits import answer_out_of_hours, come_back_in_hours
from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from companies.hours import is_open
from companies.models import Company, CompanySettings
from tickets.models import Queue, Ticket
from whaticket.tenancy import current_company_id

_Hours = CompanySettings.Hours
_OF_ALL = frozenset({_Hours.COMPANY.value, _Hours.CONNECTION.value})
_HELD = frozenset({Ticket.Status.OPEN.value, Ticket.Status.GROUP.value})


def wants_common(arrival: Arrival) -> bool:
    """What waits, where the company or the connection has working hours."""
    return arrival.settings.schedule_type in _OF_ALL and _is_meant(arrival)


def wants_queue(arrival: Arrival) -> bool:
    """What waits in a queue, where queues have working hours."""
    is_on = arrival.settings.schedule_type == _Hours.QUEUE
    return is_on and arrival.ticket.queue_id is not None and _is_meant(arrival)


def _is_meant(arrival: Arrival) -> bool:
    return arrival.ticket.status not in _HELD and not arrival.is_chatter


def take_common(situation: Situation) -> Outcome:
    """Outside of the company's or connection's hours: say so and stop (behaviour 72)."""
    mode = situation.settings.schedule_type
    if mode not in _OF_ALL or situation.ticket.status in _HELD or situation.is_chatter:
        return Outcome.ON
    schedules: list[Any] = situation.connection.schedules
    if mode == _Hours.COMPANY:
        schedules = Company.objects.get(pk=current_company_id()).schedules
    if is_open(schedules, situation.now):
        come_back_in_hours(situation)
        return Outcome.ON
    answer_out_of_hours(situation, situation.connection.out_of_hours_message)
    return Outcome.STOP


def take_queue(situation: Situation) -> Outcome:
    """Outside of the hours of the queue a ticket waits in: say so and stop (behaviour 73)."""
    ticket = situation.ticket
    if ticket.queue is None or ticket.status in _HELD or situation.is_chatter:
        return Outcome.ON
    if is_queue_open(situation.settings, ticket.queue, situation.now):
        if situation.settings.schedule_type == _Hours.QUEUE:
            come_back_in_hours(situation)
        return Outcome.ON
    answer_out_of_hours(situation, ticket.queue.out_of_hours_message)
    return Outcome.STOP


def is_queue_open(settings: CompanySettings, queue: Queue, at: datetime.datetime) -> bool:
    """Tell whether a queue works at a moment, or cannot say otherwise: its text is empty."""
    if settings.schedule_type != _Hours.QUEUE or not queue.out_of_hours_message.strip():
        return True
    return is_open(queue.schedules, at)


add_step("p", wants=wants_common, take=take_common)
add_step("x", wants=wants_queue, take=take_queue)
