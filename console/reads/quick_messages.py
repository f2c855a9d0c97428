"""Quick messages as pages show them: to manage, and to insert into an answer."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, Value

from accounts.models import User
from messaging.exceptions import QuickMessageGone
from messaging.media import media_url
from messaging.models import QuickMessage
from messaging.variables import render_texts
from tickets.models import Ticket
from whaticket.database import Folded
from whaticket.tenancy import current_company_id

# More than anybody looks through; the rest is found by its name.
MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A quick message, its file's addresses, and what this person may do with it."""

    m: QuickMessage
    url: str
    small: str
    is_own: bool
    may_change: bool


def rows_for(user: User, *, text: str = "") -> list[Row]:
    """Give what a person sees whose name or text has a part, by name; one statement."""
    found = QuickMessage.objects.visible_to(user).select_related("owner")
    if text:
        part = Folded(Value(text))
        found = found.alias(name_folded=Folded("shortcode"), text_folded=Folded("text")).filter(
            Q(name_folded__contains=part) | Q(text_folded__contains=part)
        )
    return [_row(row, user) for row in found[:MOST]]


def quick_message_or_refuse(quick_id: int, user: User) -> QuickMessage:
    """Give a quick message the person sees; raise QuickMessageGone otherwise."""
    found = QuickMessage.objects.visible_to(user).select_related("owner").filter(pk=quick_id)
    row = found.first()
    if row is None:
        # The contract's other code for it means notes on tickets, too, and reads so on screens.
        raise QuickMessageGone
    return row


def offers_for(user: User, ticket: Ticket) -> list[dict[str, Any]]:
    """Give what a person can insert into an answer, with its variables filled in for a ticket."""
    rows = rows_for(user)
    texts = render_texts([row.m.text for row in rows], ticket, agent=user)
    return [
        {
            "id": row.m.pk,
            "name": row.m.shortcode,
            "text": text,
            "file": {"name": row.m.media_name, "kind": row.m.media_kind, "small": row.small}
            if row.m.media_path
            else None,
        }
        for row, text in zip(rows, texts, strict=True)
    ]


def _row(row: QuickMessage, user: User) -> Row:
    return Row(
        m=row,
        url=_address(row.media_path, row.media_name),
        small=_address(row.thumbnail_path),
        is_own=row.owner_id == user.pk,
        may_change=row.may_change(user),
    )


def _address(path: str, name: str = "") -> str:
    if not path:
        return ""
    # Pages ask the host that they came from.
    return media_url(current_company_id(), path, name).removeprefix(settings.BACKEND_URL)
