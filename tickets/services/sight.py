"""What one person may see, read from the database."""

from functools import lru_cache

from accounts.models import User
from tickets.sight import Sight
from whaticket.database import read_rows
from whaticket.tenancy import current_company_id


def sight_of(user: User) -> Sight:
    """Give a person's sight in the company entered; one statement, for the queues."""
    rows = read_rows(_statement(current_company_id()), [user.pk])
    return Sight.of(user, frozenset(queue_id for (queue_id,) in rows))


@lru_cache(maxsize=4096)
def _statement(company_id: int) -> str:
    text = "SELECT queue_id FROM tickets_queuemember WHERE user_id = %s"
    return f"{text} -- company {company_id}"
