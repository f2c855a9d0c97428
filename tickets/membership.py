"""Who answers which queue: what accounts asks of this app (accounts.ports)."""

from collections.abc import Sequence
from typing import Any

from accounts import ports
from tickets.exceptions import ConnectionNotFound, QueueNotFound
from tickets.models import Queue, QueueMember
from whaticket.tenancy import current_company_id
from whatsapp.models import Connection


def queues_of(user_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Give the queues of people, with all columns of the contract, in one statement."""
    company_id = current_company_id()
    members = QueueMember.objects.filter(user_id__in=user_ids).select_related("queue")
    found: dict[int, list[dict[str, Any]]] = {user_id: [] for user_id in user_ids}
    for member in members.order_by("queue_id"):
        found[member.user_id].append(_row(member.queue, company_id))
    return found


def set_queues(user_id: int, queue_ids: Sequence[int]) -> bool:
    """Make somebody a member of exactly these queues; give whether anything changed.

    Raises QueueNotFound. Needs a transaction.
    """
    wanted = set(queue_ids)
    if wanted and Queue.objects.filter(pk__in=wanted).count() != len(wanted):
        raise QueueNotFound
    mine = QueueMember.objects.filter(user_id=user_id)
    before = set(mine.values_list("queue_id", flat=True))
    if before == wanted:
        return False
    mine.exclude(queue_id__in=wanted).delete()
    QueueMember.objects.bulk_create(
        [QueueMember(user_id=user_id, queue_id=pk) for pk in sorted(wanted - before)],
        ignore_conflicts=True,
    )
    return True


def require_connection(connection_id: int) -> None:
    """Raise ConnectionNotFound where the company has no such connection."""
    if not Connection.objects.filter(pk=connection_id).exists():
        raise ConnectionNotFound


def queue_ids_sql() -> str:
    """Write the ids of the queues that the person `u` of a statement answers."""
    return "ARRAY(SELECT queue_id FROM tickets_queuemember WHERE user_id = u.id)"


def answer_accounts() -> None:
    """Register with accounts; called when the app is ready."""
    ports.queue_ids_sql.register(queue_ids_sql)
    ports.queues_of.register(queues_of)
    ports.set_queues.register(set_queues)
    ports.require_connection.register(require_connection)


def _row(queue: Queue, company_id: int) -> dict[str, Any]:
    return {
        "id": queue.pk,
        "name": queue.name,
        "color": queue.color,
        "greetingMessage": queue.greeting_message,
        "companyId": company_id,
        "schedules": queue.schedules,
        "outOfHoursMessage": queue.out_of_hours_message,
        "orderQueue": queue.position,
        "tempoRoteador": queue.router_minutes,
        "ativarRoteador": queue.router_is_on,
        "integrationId": queue.integration_id,
        "fileListId": queue.file_list_id,
        "closeTicket": queue.closes_tickets,
        "createdAt": queue.created_at,
        "updatedAt": queue.updated_at,
    }
