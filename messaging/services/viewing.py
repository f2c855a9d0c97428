"""Which colleagues look at a conversation, and who of them types: shown while it lasts."""

import time
from dataclasses import dataclass
from typing import Any

import orjson
import redis
import structlog

from accounts.models import User
from events.realtime import Audience, Frame, signal_now, valkey
from messaging.chats import chat_of, identities_of
from tickets.models import Ticket
from tickets.sight import Sight, TicketFacts
from whaticket.tenancy import current_company_id, current_schema

log = structlog.get_logger(__name__)

# A viewer whose process died is gone after this; living ones renew themselves in time.
VIEWING_SECONDS = 60
# Where the workers hear that an agent types (whatsapp/worker.py).
TYPING_CHANNEL = "whatsapp:typing"


@dataclass(frozen=True, slots=True)
class Box:
    """A conversation somebody has opened, in what frames about it need."""

    ticket_id: int
    uuid: str
    facts: TicketFacts
    connection_id: int | None


def open_box(uuid: str, sight: Sight) -> Box | None:
    """Find a conversation by its uuid; None where there is none for these eyes."""
    ticket = Ticket.objects.filter(uuid=uuid).first()
    if ticket is None:
        return None
    facts = TicketFacts(
        ticket.status, ticket.queue_id, ticket.agent_id, ticket.is_group, ticket.connection_id
    )
    if not sight.allows(facts):
        return None
    return Box(ticket.pk, str(ticket.uuid), facts, ticket.connection_id)


def presence_event() -> str:
    """Name the frames about who types and who looks."""
    return f"company-{current_company_id()}-presence"


def begin_viewing(box: Box, user: User, socket: str) -> bytes:
    """Tell the others that somebody looks, and give the frame that lists who else does."""
    renew_viewing([box], user, socket)
    _signal(box, user, "viewing", active=True)
    return orjson.dumps(
        {
            "action": "viewers",
            "ticketId": box.ticket_id,
            "uuid": box.uuid,
            "users": _viewers(box),
        }
    )


def renew_viewing(boxes: list[Box], user: User, socket: str) -> None:
    """Say again that a socket still looks at these conversations."""
    until = time.time() + VIEWING_SECONDS
    try:
        with valkey().pipeline(transaction=False) as pipe:
            for box in boxes:
                pipe.zadd(_key(box), {_member(user, socket): until})
                pipe.expire(_key(box), VIEWING_SECONDS * 2)
            pipe.execute()
    except redis.RedisError as error:
        log.info("viewing.lost", error=type(error).__name__)


def end_viewing(box: Box, user: User, socket: str) -> None:
    """Tell the others that somebody looks away, unless another tab of theirs still looks."""
    try:
        valkey().zrem(_key(box), _member(user, socket))
    except redis.RedisError as error:
        log.info("viewing.lost", error=type(error).__name__)
    if all(viewer["id"] != user.pk for viewer in _viewers(box)):
        _signal(box, user, "viewing", active=False)


def agent_typing(box: Box, user: User, *, active: bool) -> None:
    """Show that an agent types: to colleagues, and to the customer where the network can."""
    _signal(box, user, "typing", active=active)
    ticket = Ticket.objects.select_related("contact").filter(pk=box.ticket_id).first()
    if ticket is None or ticket.connection_id is None or ticket.status == Ticket.Status.CLOSED:
        return
    chat = chat_of(identities_of(ticket.contact))
    wish = {
        "company": current_company_id(),
        "connection": ticket.connection_id,
        "chat": chat,
        "active": active,
    }
    try:
        valkey().publish(TYPING_CHANNEL, orjson.dumps(wish))
    except redis.RedisError as error:
        log.info("typing.lost", error=type(error).__name__)


def _signal(box: Box, user: User, action: str, *, active: bool) -> None:
    facts = box.facts
    data = {
        "action": action,
        "ticketId": box.ticket_id,
        "uuid": box.uuid,
        "active": active,
        "user": {"id": user.pk, "name": user.name},
    }
    audience = Audience(
        ticket=(
            facts.status,
            facts.queue_id,
            facts.agent_id,
            facts.is_group,
            facts.connection_id,
        )
    )
    signal_now([Frame(presence_event(), orjson.dumps(data), audience)])


def _key(box: Box) -> str:
    return f"{current_schema()}:viewers:{box.ticket_id}"


def _member(user: User, socket: str) -> str:
    return f"{user.pk}:{socket}:{user.name}"


def _viewers(box: Box) -> list[dict[str, object]]:
    try:
        members: Any = valkey().zrangebyscore(_key(box), time.time(), "+inf")
    except redis.RedisError:
        return []
    people = {}
    for member in members:
        pk, _socket, name = member.decode().split(":", 2)
        people[int(pk)] = {"id": int(pk), "name": name}
    return [people[pk] for pk in sorted(people)]
