"""What one person may see, read from the database."""

from functools import lru_cache

from accounts.models import User
from tickets.sight import Sight
from whaticket.database import read_rows
from whaticket.tenancy import current_company_id


def sight_of(user: User) -> Sight:
    """Give a person's sight in the company entered.

    One statement, for the queues; none where the sign-in of the request has read them.
    """
    known = user.answers
    if known is not None and known.company_id == current_company_id():
        return Sight.of(user, known.queue_ids)
    rows = read_rows(_statement(current_company_id()), [user.pk])
    return Sight.of(user, frozenset(queue_id for (queue_id,) in rows))


@lru_cache(maxsize=4096)
def _statement(company_id: int) -> str:
    text = "SELECT queue_id FROM tickets_queuemember WHERE user_id = %s"
    return f"{text} -- company {company_id}"
