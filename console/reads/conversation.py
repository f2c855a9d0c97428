"""A conversation as a page shows it: messages, reactions, and what happened to the ticket."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import EventRecord
from messaging.media import media_url
from messaging.models import Message
from tickets.exceptions import TicketNotFound
from tickets.models import Queue, Ticket
from tickets.sight import Sight
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Capabilities
from whatsapp.drivers.registry import DriverUnavailable, UnknownDriver, capabilities_of
from whatsapp.models import Connection

PAGE = 40
# What of a ticket's history is worth a line between the bubbles.
HISTORY = (
    "ticket.opened",
    "ticket.reopened",
    "ticket.accepted",
    "ticket.returned",
    "ticket.transferred",
    "ticket.closed",
)


def ticket_or_refuse(ticket_id: int, sight: Sight) -> Ticket:
    """Give a ticket with all its page shows; raise TicketNotFound for other eyes."""
    ticket = (
        Ticket.objects.visible_to(sight)
        .filter(pk=ticket_id)
        .select_related("contact", "connection", "queue", "agent")
        .prefetch_related("tags")
        .first()
    )
    if ticket is None:
        raise TicketNotFound
    return ticket


def ticket_ids_of(ticket: Ticket, sight: Sight) -> list[int]:
    """List this ticket and the earlier ones of its conversation (rest.md, messages)."""
    earlier = (
        Ticket.objects.visible_to(sight)
        .filter(  # type: ignore[misc]  # null: of a connection that is gone
            contact_id=ticket.contact_id,
            connection_id=ticket.connection_id,
            is_group=ticket.is_group,
            pk__lt=ticket.pk,
        )
        .values_list("pk", flat=True)
    )
    return [ticket.pk, *earlier]


def message_or_refuse(message_id: int, sight: Sight) -> Message:
    """Give a message of a ticket these eyes may see; raise MessageNotFound otherwise."""
    from messaging.exceptions import MessageNotFound

    message = (
        Message.objects.filter(pk=message_id)
        .select_related("ticket__contact", "ticket__connection", "ticket__queue", "quoted")
        .first()
    )
    if (
        message is None
        or not Ticket.objects.visible_to(sight).filter(pk=message.ticket_id).exists()
    ):
        raise MessageNotFound
    return message


@dataclass(slots=True)
class Slice:
    """Some of a conversation, oldest first, and whether there is more on either side."""

    items: list[dict[str, Any]]
    has_older: bool = False
    has_newer: bool = False


def bubbles(rows: Iterable[Message]) -> list[dict[str, Any]]:
    """Dress messages for their template, with their reactions, in one more statement."""
    rows = list(rows)
    reactions: dict[int, dict[str, list[Message]]] = defaultdict(lambda: defaultdict(list))
    given = (
        Message.objects.filter(
            quoted__in=[row.pk for row in rows], kind=Message.Kind.REACTION, deleted_at=None
        )
        .exclude(body="")
        .select_related("contact", "author")
        .order_by("sent_at")
    )
    for reaction in given:
        if reaction.quoted_id:
            reactions[reaction.quoted_id][reaction.body].append(reaction)
    company_id = current_company_id()
    return [
        {
            "type": "message",
            "m": row,
            "at": row.sent_at,
            "media": _address(company_id, row.media_path, row.media_name),
            "thumbnail": _address(company_id, row.thumbnail_path),
            "reactions": [
                {
                    "emoji": emoji,
                    "count": len(people),
                    "mine": any(p.from_me for p in people),
                    "names": ", ".join(_who(p) for p in people),
                }
                for emoji, people in reactions.get(row.pk, {}).items()
            ],
        }
        for row in rows
    ]


def _who(message: Message) -> str:
    if message.from_me:
        return message.author.name if message.author else _("We")
    return message.contact.name if message.contact else ""


def _address(company_id: int, path: str, name: str = "") -> str:
    if not path:
        return ""
    # The page and its files are of one origin; the wire's absolute address may name another host.
    return media_url(company_id, path, name).removeprefix(settings.BACKEND_URL)


def _rows(ids: Sequence[int]) -> QuerySet[Message]:
    return (
        Message.objects.filter(ticket_id__in=ids)
        .exclude(kind=Message.Kind.REACTION)
        .select_related("contact", "author", "quoted__contact", "quoted__author", "ticket")
    )


def before(ticket: Ticket, sight: Sight, message_id: int | None = None) -> Slice:
    """Read the newest messages, or those before a message."""
    ids = ticket_ids_of(ticket, sight)
    rows = _rows(ids)
    ceiling: datetime.datetime | None = None
    if message_id is not None:
        anchor = rows.filter(pk=message_id).first()
        if anchor is None:
            return Slice([])
        ceiling = anchor.sent_at
        rows = rows.filter(
            Q(sent_at__lt=anchor.sent_at) | Q(sent_at=anchor.sent_at, pk__lt=anchor.pk)
        )
    found = list(rows.order_by("-sent_at", "-id")[: PAGE + 1])
    has_older = len(found) > PAGE
    found = found[:PAGE][::-1]
    floor = found[0].sent_at if found and has_older else None
    return Slice(_woven(found, ids, floor, ceiling), has_older=has_older)


def after(ticket: Ticket, sight: Sight, message_id: int) -> Slice:
    """Read what followed a message, up to one page."""
    ids = ticket_ids_of(ticket, sight)
    rows = _rows(ids)
    anchor = rows.filter(pk=message_id).first()
    if anchor is None:
        return before(ticket, sight)
    rows = rows.filter(Q(sent_at__gt=anchor.sent_at) | Q(sent_at=anchor.sent_at, pk__gt=anchor.pk))
    found = list(rows.order_by("sent_at", "id")[: PAGE + 1])
    has_newer = len(found) > PAGE
    found = found[:PAGE]
    ceiling = found[-1].sent_at if found and has_newer else None
    return Slice(_woven(found, ids, anchor.sent_at, ceiling), has_newer=has_newer)


def around(ticket: Ticket, sight: Sight, message_id: int) -> Slice:
    """Read a message and its surroundings, for a jump to a quote."""
    ids = ticket_ids_of(ticket, sight)
    rows = _rows(ids)
    anchor = rows.filter(pk=message_id).first()
    if anchor is None:
        return before(ticket, sight)
    earlier = list(
        rows.filter(
            Q(sent_at__lt=anchor.sent_at) | Q(sent_at=anchor.sent_at, pk__lt=anchor.pk)
        ).order_by("-sent_at", "-id")[: PAGE // 2 + 1]
    )
    later = list(
        rows.filter(
            Q(sent_at__gt=anchor.sent_at) | Q(sent_at=anchor.sent_at, pk__gt=anchor.pk)
        ).order_by("sent_at", "id")[: PAGE // 2 + 1]
    )
    has_older, has_newer = len(earlier) > PAGE // 2, len(later) > PAGE // 2
    found = [*earlier[: PAGE // 2][::-1], anchor, *later[: PAGE // 2]]
    floor = found[0].sent_at if has_older else None
    ceiling = found[-1].sent_at if has_newer else None
    return Slice(_woven(found, ids, floor, ceiling), has_older, has_newer)


def some(ticket: Ticket, sight: Sight, wanted: Sequence[int]) -> list[dict[str, Any]]:
    """Read single messages of a conversation again, as after an event."""
    rows = _rows(ticket_ids_of(ticket, sight)).filter(pk__in=wanted)
    return bubbles(rows.order_by("sent_at", "id"))


def since(ticket: Ticket, sight: Sight, record_id: int) -> list[dict[str, Any]]:
    """Read lines of the ticket's history that are newer than one the page has."""
    return _history(
        EventRecord.objects.filter(
            ticket_id=ticket.pk, name__in=HISTORY, pk__gt=record_id
        ).order_by("pk")[:20]
    )


def _woven(
    rows: list[Message],
    ids: Sequence[int],
    floor: datetime.datetime | None,
    ceiling: datetime.datetime | None,
) -> list[dict[str, Any]]:
    records = EventRecord.objects.filter(ticket_id__in=ids, name__in=HISTORY)
    if floor is not None:
        records = records.filter(created_at__gte=floor)
    if ceiling is not None:
        records = records.filter(created_at__lt=ceiling)
    lines = _history(records.order_by("-pk")[:PAGE])
    # The message that began a conversation was sent before its ticket could be opened.
    begun = {row.ticket_id: row.sent_at for row in reversed(rows)}
    for line in lines:
        if line["name"] == "ticket.opened":
            line["at"] = min(line["at"], begun.get(line["ticket"], line["at"]))
    items = sorted([*lines, *bubbles(rows)], key=lambda item: item["at"])
    return _with_days(items)


def _with_days(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    woven, day = [], None
    for item in items:
        its_day = timezone.localtime(item["at"]).date()
        if its_day != day:
            woven.append({"type": "day", "day": its_day, "at": item["at"]})
            day = its_day
        woven.append(item)
    return woven


def _history(records: Iterable[EventRecord]) -> list[dict[str, Any]]:
    records = list(records)
    people_ids = {record.actor_id for record in records} | {
        record.payload.get("agent_id") for record in records
    }
    people = {
        user.pk: user.name
        for user in User.objects.filter(
            pk__in=[pk for pk in people_ids if pk], company_id=current_company_id()
        )
    }
    queue_ids = {record.payload.get("queue_id") for record in records}
    queues = dict(
        Queue.objects.filter(pk__in=[q for q in queue_ids if q]).values_list("pk", "name")
    )
    return [
        {
            "type": "event",
            "id": record.pk,
            "name": record.name,
            "ticket": record.ticket_id,
            "at": record.created_at,
            "text": _sentence(record, people, queues),
            "note": str(record.payload.get("note") or ""),
        }
        for record in records
    ]


def _sentence(record: EventRecord, people: dict[int, str], queues: dict[int, str]) -> str:
    who = people.get(record.actor_id or 0)
    agent = people.get(record.payload.get("agent_id") or 0)
    queue = queues.get(record.payload.get("queue_id") or 0)
    names = {"who": who, "agent": agent, "queue": queue}
    match record.name:
        case "ticket.opened":
            text = _("%(who)s started the conversation") if who else _("Conversation started")
        case "ticket.reopened":
            text = _("%(who)s reopened the ticket") if who else _("The customer wrote again")
        case "ticket.accepted":
            text = _("%(agent)s accepted the ticket") if agent else _("The ticket was accepted")
        case "ticket.returned":
            text = _("%(who)s returned the ticket to waiting") if who else _("Back to waiting")
        case "ticket.closed":
            text = _("%(who)s closed the ticket") if who else _("The ticket was closed")
        case _:
            text = _transfer_sentence(who, agent, queue)
    return text % names


def _transfer_sentence(who: str | None, agent: str | None, queue: str | None) -> str:
    if who and agent and queue:
        return _("%(who)s transferred to %(agent)s · %(queue)s")
    if who and agent:
        return _("%(who)s transferred to %(agent)s")
    if who and queue:
        return _("%(who)s transferred to %(queue)s")
    if queue:
        return _("Transferred to %(queue)s")
    return _("The ticket was transferred")


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands above the composer, and how the composer begins.

    Only services refuse; `notice` says beforehand what they would say, or what one should know.
    """

    notice: str = ""
    window_ends_at: datetime.datetime | None = None
    capabilities: Capabilities | None = None

    @property
    def takes_notes_only(self) -> bool:
        """Tell whether an answer would be refused (TicketNotWritable, NoConnection)."""
        return self.notice in {"closed", "gone"}

    @property
    def begins_as_note(self) -> bool:
        """Tell whether writing to the customer should be a decision, and not what Enter does."""
        return self.notice in {"pending", "other", "window"}


def desk_of(ticket: Ticket, user: User, sight: Sight) -> Desk:
    """Tell what an agent should know before writing here, and what the driver can do."""
    capabilities = _capabilities(ticket)
    ends = window_end(ticket, capabilities)
    if ticket.status in {Ticket.Status.CLOSED, Ticket.Status.NPS}:
        notice = "closed"
    elif ticket.connection is None:
        notice = "gone"
    elif ticket.status in {Ticket.Status.PENDING, Ticket.Status.LGPD}:
        notice = "pending"
    elif ticket.status == Ticket.Status.OPEN and ticket.agent_id != user.pk:
        notice = "other"
    elif ticket.connection.status != Connection.Status.CONNECTED:
        notice = "disconnected"
    elif capabilities and capabilities.window_hours and (ends is None or ends < timezone.now()):
        notice = "window"
    else:
        notice = ""
    return Desk(notice=notice, window_ends_at=ends, capabilities=capabilities)


def window_end(ticket: Ticket, capabilities: Capabilities | None) -> datetime.datetime | None:
    """Give the moment the network stops taking free text; None where it has no such rule."""
    if capabilities is None or not capabilities.window_hours or ticket.last_inbound_at is None:
        return None
    return ticket.last_inbound_at + datetime.timedelta(hours=capabilities.window_hours)


def _capabilities(ticket: Ticket) -> Capabilities | None:
    if ticket.connection is None:
        return None
    try:
        return capabilities_of(ticket.connection.driver)
    except (UnknownDriver, DriverUnavailable):
        return None
