"""Tags as their page shows them: labels page by page, and the lanes of the board."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Value

from accounts.models import User
from console.plan import includes
from console.reads.amounts import CountUpTo, amount_text
from contacts.exceptions import TagNotFound
from contacts.models import ContactTag, Tag
from contacts.services.tags import KANBAN
from tickets.models import TicketTag
from whaticket.database import Folded

PAGE = 50
# A tag that more carry says so; counting on costs more the more there are.
COUNTED = 999


@dataclass(frozen=True, slots=True)
class Row:
    """A tag, and how many contacts and conversations carry it."""

    tag: Tag
    contacts: str
    tickets: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some labels by name, and where the next ones begin."""

    rows: list[Row]
    next: int | None


def labels(text: str = "", after: int | None = None) -> Page:
    """Give a page of the labels whose name has a part; two statements."""
    found = Tag.objects.filter(is_lane=False)
    if text:
        folded = found.alias(folded=Folded("name"))
        found = folded.filter(folded__contains=Folded(Value(text)))
    last = Tag.objects.filter(pk=after).first() if after else None
    if last is not None:
        found = found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    rows = _rows(_counted(found.order_by("name", "pk"))[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].tag.pk if len(rows) > PAGE else None)


def lanes() -> list[Row]:
    """Give the lanes in the board's order; one statement."""
    found = Tag.objects.filter(is_lane=True).select_related("next_lane", "rollback_lane")
    return _rows(_counted(found.order_by("pk")))


def row_or_refuse(tag_id: int) -> Row:
    """Give a tag with its numbers; raise TagNotFound."""
    for row in _rows(_counted(Tag.objects.filter(pk=tag_id))):
        return row
    raise TagNotFound


def page_of(user: User, text: str = "") -> dict[str, Any]:
    """Give what the page shows a person."""
    has_board = includes(user, KANBAN)
    return {
        "labels": labels(text),
        "has_board": has_board,
        "lanes": lanes() if has_board else [],
        "q": text,
        "me": user,
    }


def _counted(tags: QuerySet[Tag]) -> QuerySet[Tag]:
    inside = {
        "contact_amount": ContactTag.objects.filter(tag=OuterRef("pk"), contact__merged_into=None),
        "ticket_amount": TicketTag.objects.filter(tag=OuterRef("pk")),
    }
    return tags.annotate(
        **{
            name: CountUpTo(found.order_by().values("pk")[: COUNTED + 1])
            for name, found in inside.items()
        }
    )


def _rows(tags: Iterable[Any]) -> list[Row]:
    return [
        Row(
            tag,
            amount_text(tag.contact_amount, COUNTED),
            amount_text(tag.ticket_amount, COUNTED),
            is_used=bool(tag.contact_amount or tag.ticket_amount),
        )
        for tag in tags
    ]
