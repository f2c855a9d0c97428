"""The customer's answer to "how was it?": step (m), behaviour 88-90."""

import re

from django.utils.translation import gettext as _

from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from messaging.services.say import in_company_language
from tickets.models import Rating, Ticket
from tickets.services.ratings import count_rating_retry, rate_ticket, rated_episode

_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:[.,][0-9]{1,9})?\Z")


def wants(arrival: Arrival) -> bool:
    """Everything said in a ticket that waits for its rating."""
    return arrival.ticket.status == Ticket.Status.NPS


def take(situation: Situation) -> Outcome:
    """Keep a number and end the ticket; ask again for a number, within the limit."""
    if situation.ticket.status != Ticket.Status.NPS:
        return Outcome.ON
    episode = rated_episode(situation.ticket)
    if episode is None:
        return Outcome.STOP
    number = _NUMBER.match(situation.answer)
    if number:
        rate_ticket(situation.ticket, episode, rate=int(number[1]))
        situation.say(situation.connection.completion_message, "completion")
    elif situation.ticket.rating_retry_count < situation.connection.max_rating_retries:
        with in_company_language():
            words = _("That is no valid answer. Please send a number from 0 to %(highest)s.")
        situation.say(words % {"highest": Rating.HIGHEST}, "invalid-rating")
        situation.say(situation.connection.rating_message, "rating")
        count_rating_retry(situation.ticket)
    return Outcome.STOP


add_step("m", wants=wants, take=take)
