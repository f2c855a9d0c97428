"""What one person may see, read from the database."""

from accounts.models import User
from tickets.models import QueueMember
from tickets.sight import Sight


def sight_of(user: User) -> Sight:
    """Give a person's sight in the company entered; one statement, for the queues."""
    queue_ids = QueueMember.objects.filter(user_id=user.pk).values_list("queue_id", flat=True)
    return Sight.of(user, frozenset(queue_ids))
