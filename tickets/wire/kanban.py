"""`GET /ticket/kanban`: the tickets of the board."""

import datetime
from dataclasses import dataclass, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from contacts.wire import found_by, picture_sql
from tickets.models import Ticket, TicketCount, TicketTag
from tickets.sight import Sight
from tickets.wire.compiled import Clause, branches, where
from tickets.wire.parts import JOINS, QUEUE, TAGS, USER, columns
from whaticket.database import read_text
from whaticket.shapes import Constant, Flag, Number, Part, Rows, Shape, Text
from whaticket.tenancy import current_company_id

PAGE = 400


@dataclass(frozen=True, slots=True)
class BoardWish:
    """What a client asks of the board; None and empty do not limit."""

    number: int = 1
    text: str = ""
    show_all: bool = False
    queue_ids: tuple[int, ...] | None = None
    tag_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    only_unread: bool = False
    updated_on: datetime.date | None = None
    created_from: datetime.datetime | None = None
    created_until: datetime.datetime | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the wish limits only what TicketCount counts by."""
        return not (
            self.text or self.tag_ids or self.only_unread or self.updated_on or self.created_from
        )


def board_q(sight: Sight, wish: BoardWish) -> Q:
    """Select open and waiting tickets; dates drop every other filter but the person's sight."""
    live = Q(status__in=["open", "pending"]) & sight.as_q()
    if wish.created_from and wish.created_until:
        return live & Q(created_at__gte=wish.created_from, created_at__lt=wish.created_until)
    queues = wish.queue_ids if wish.queue_ids is not None else tuple(sight.queue_ids)
    if wish.queue_ids is not None or not sight.is_admin:
        live &= Q(queue_id__in=queues) | Q(queue_id__isnull=True)
    if not (wish.show_all and (sight.is_admin or sight.sees_all_users)):
        live &= Q(agent_id=sight.user_id) | Q(status="pending")
    if wish.agent_ids:
        live &= Q(agent_id__in=wish.agent_ids)
    if wish.tag_ids:
        live &= Q(pk__in=TicketTag.objects.filter(tag_id__in=wish.tag_ids).values("ticket_id"))
    if wish.only_unread:
        live &= Q(unread_count__gt=0)
    if wish.updated_on:
        # A day of the company's, which may have 23 or 25 hours.
        midnight = datetime.time(tzinfo=ZoneInfo(settings.COMPANY_TIME_ZONE))
        begin = datetime.datetime.combine(wish.updated_on, midnight)
        next_day = wish.updated_on + datetime.timedelta(days=1)
        end = datetime.datetime.combine(next_day, midnight)
        live &= Q(updated_at__gte=begin, updated_at__lt=end)
    return live


def board(sight: Sight, wish: BoardWish) -> bytes:
    """Give `{tickets, count, hasMore}` of the board, newest change first; one statement."""
    found, (limits, total_params) = _selected(
        sight, replace(wish, number=1, text=""), is_counted=wish.is_counted
    )
    more = ""
    more_params: list[str] = []
    if wish.text:
        named, more_params = found_by(wish.text, "c")
        more = f"AND contact_id IN (SELECT c.id FROM contacts_contact c WHERE {named})"
    if wish.is_counted:
        total = f"SELECT coalesce(sum(amount), 0) FROM tickets_ticketcount WHERE {limits}"
    else:
        total = f"SELECT count(*) FROM tickets_ticket WHERE {limits} {more}"
        total_params = (*total_params, *more_params)
    skipped = (wish.number - 1) * PAGE
    reach = [skipped + PAGE] if skipped else []
    texts = tuple(f"{text} {more}" for text, _params in found)
    values = [v for _text, params in found for v in (*params, *more_params, *reach)]
    return read_text(
        _statement(current_company_id(), texts, total, is_first=not skipped),
        [*values, *([skipped] if skipped else []), *total_params, skipped],
    )


@lru_cache(maxsize=4096)
def _selected(
    sight: Sight, wish: BoardWish, *, is_counted: bool
) -> tuple[tuple[Clause, ...], Clause]:
    q = board_q(sight, wish)
    return branches(q), where(TicketCount if is_counted else Ticket, q)


@lru_cache(maxsize=4096)
def _statement(company_id: int, texts: tuple[str, ...], total: str, *, is_first: bool) -> str:
    reach, offset = (PAGE, "") if is_first else ("%s", "OFFSET %s")
    source = " UNION ALL ".join(
        f"(SELECT * FROM tickets_ticket WHERE {text}"
        f" ORDER BY updated_at DESC, id DESC LIMIT {reach})"
        for text in texts
    )
    parts: dict[str, Part] = {
        "tickets": Rows(_card(company_id), f"page t {JOINS}", "t.updated_at DESC, t.id DESC"),
        "count": Number("(SELECT n FROM total)"),
        "hasMore": Flag("(SELECT n FROM total) > %s + (SELECT count(*) FROM page)"),
    }
    return f"""
        WITH page AS MATERIALIZED (
            SELECT * FROM ({source}) listed
            ORDER BY updated_at DESC, id DESC LIMIT {PAGE} {offset}
        ), total (n) AS MATERIALIZED ({total})
        SELECT {Shape(parts).as_text()}
    """


def _card(company_id: int) -> Shape:
    contact = {
        "id": Number("c.id"),
        "name": Text("c.name"),
        "number": Text("c.address"),
        "email": Text("c.email"),
        "companyId": Constant(company_id),
        "urlPicture": Text(picture_sql("c", company_id)),
    }
    return Shape(
        {
            **columns(company_id),
            "contact": Shape(contact),
            "queue": QUEUE,
            "user": USER,
            "tags": TAGS,
            "whatsapp": Shape({"name": Text("n.name")}, when="n.id IS NOT NULL"),
        }
    )
