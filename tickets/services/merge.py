"""How tickets follow a contact that is merged into another, and back."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from contacts.models import Contact
from contacts.services.merge import Journal
from events.bus import Event, publish
from tickets.events import TicketFolded, TicketUnfolded, TicketUpdated
from tickets.models import Ticket, TicketNote
from tickets.services.episodes import begin_episodes, end_episodes
from tickets.services.facts import facts_before
from tickets.services.newest import mark_newest_closed

APP = "tickets"


def move_tickets(keep: Contact, drop: Contact, journal: Journal) -> Journal:
    """Give the merged contact's tickets to the one that stays.

    Where both have a live ticket on a connection, the merged one's is folded: it is closed, stays
    hidden with the merged contact, and its messages are to move. `journal["tickets"]` says so in
    `folded` ({"ticket", "into", "status", "unread"}) and lists the `moved` tickets, and the `notes`
    on the merged contact, which come along.
    """
    rows = list(
        Ticket.objects.filter(contact__in=[keep, drop])
        .order_by("id")
        .select_for_update(no_key=True, of=("self",))
    )
    live = {
        row.connection_id: row
        for row in rows
        if row.contact_id == keep.pk and row.status != Ticket.Status.CLOSED
    }
    folded: list[dict[str, Any]] = []
    moved: list[Ticket] = []
    news: list[Event] = []
    for row in rows:
        if row.contact_id != drop.pk:
            continue
        winner = live.get(row.connection_id) if row.connection_id else None
        if winner is None or row.status == Ticket.Status.CLOSED:
            moved.append(row)
        else:
            news.append(TicketFolded(ticket_id=row.pk, into_id=winner.pk, before=facts_before(row)))
            folded.append(_fold(row, winner))
    ids = [row.pk for row in moved]
    Ticket.objects.filter(pk__in=ids).update(contact=keep)
    _mark(moved, keep)
    touched = {entry["into"] for entry in folded} | {
        row.pk for row in moved if row.status != Ticket.Status.CLOSED
    }
    news += [TicketUpdated(ticket_id=pk) for pk in sorted(touched)]
    if news:
        publish(*news)
    notes = list(TicketNote.objects.filter(contact=drop).values_list("pk", flat=True))
    TicketNote.objects.filter(pk__in=notes).update(contact=keep)
    return {"moved": ids, "folded": folded, "notes": notes}


def _fold(loser: Ticket, winner: Ticket) -> dict[str, Any]:
    entry = {
        "ticket": loser.pk,
        "into": winner.pk,
        "status": loser.status,
        "unread": loser.unread_count,
    }
    now = timezone.now()
    if (loser.last_message_at or loser.created_at) > (winner.last_message_at or winner.created_at):
        winner.last_message = loser.last_message
        winner.last_message_at = loser.last_message_at
        winner.last_message_from_me = loser.last_message_from_me
    if loser.last_inbound_at and (
        winner.last_inbound_at is None or loser.last_inbound_at > winner.last_inbound_at
    ):
        winner.last_inbound_at = loser.last_inbound_at
    winner.unread_count += loser.unread_count
    winner.message_count += loser.message_count
    winner.updated_at = now
    winner.save(
        update_fields=[
            "last_message",
            "last_message_at",
            "last_message_from_me",
            "last_inbound_at",
            "unread_count",
            "message_count",
            "updated_at",
        ]
    )
    Ticket.objects.filter(pk=loser.pk).update(
        status=Ticket.Status.CLOSED, closed_at=now, updated_at=now, is_newest_closed=False
    )
    end_episodes([loser.pk], at=now)
    return entry


def move_tickets_back(keep: Contact, drop: Contact, journal: Journal) -> None:
    """Undo `move_tickets` for what still is as it left it."""
    mine = journal[APP]
    moved = list(Ticket.objects.filter(pk__in=mine["moved"], contact=keep).order_by("id"))
    Ticket.objects.filter(pk__in=[row.pk for row in moved]).update(contact=drop)
    # Merges from before there were notes say nothing of them.
    TicketNote.objects.filter(pk__in=mine.get("notes", []), contact=keep).update(contact=drop)
    news: list[Event] = [
        TicketUpdated(ticket_id=row.pk) for row in moved if row.status != Ticket.Status.CLOSED
    ]
    revived = []
    for entry in mine["folded"]:
        row = Ticket.objects.filter(
            pk=entry["ticket"], contact=drop, status=Ticket.Status.CLOSED
        ).first()
        if row is None:
            continue
        Ticket.objects.filter(pk=entry["into"]).update(
            unread_count=Greatest(F("unread_count") - entry["unread"], 0),
            message_count=Greatest(F("message_count") - row.message_count, 0),
        )
        row.status = entry["status"]
        row.closed_at = None
        row.save(update_fields=["status", "closed_at"])
        revived.append(row)
        news.append(TicketUnfolded(ticket_id=row.pk, from_id=entry["into"]))
        news.append(TicketUpdated(ticket_id=entry["into"]))
    begin_episodes(revived, at=timezone.now())
    _mark(moved, keep)
    _mark(moved + revived, drop)
    if news:
        publish(*news)


def _mark(rows: list[Ticket], contact: Contact) -> None:
    for connection_id in {row.connection_id for row in rows}:
        mark_newest_closed(connection_id, [contact.pk])
