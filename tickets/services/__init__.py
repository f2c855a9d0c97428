"""Every write to tickets and queues."""

from tickets.services.accept import accept_ticket
from tickets.services.close import close_all, close_imported, close_ticket
from tickets.services.delete import delete_ticket
from tickets.services.find import Wanted, live_tickets
from tickets.services.move import KEEP
from tickets.services.notes import add_note, change_note, delete_note, note_or_refuse
from tickets.services.open import open_ticket_for
from tickets.services.queues import (
    DistributionChange,
    create_queue,
    delete_queue,
    order_queues,
    release_tickets_of,
    set_distribution,
    set_members_of,
    set_up_queue,
    update_queue,
)
from tickets.services.read import ReadMark, mark_read, mark_unread
from tickets.services.reopen import reopen_ticket, return_ticket
from tickets.services.sight import sight_of
from tickets.services.tags import tag_ticket, take_off_board, untag_ticket
from tickets.services.transfer import transfer_ticket
from tickets.services.update import TicketChange, update_ticket
from tickets.services.view import note_view

__all__ = [
    "KEEP",
    "DistributionChange",
    "ReadMark",
    "TicketChange",
    "Wanted",
    "accept_ticket",
    "add_note",
    "change_note",
    "close_all",
    "close_imported",
    "close_ticket",
    "create_queue",
    "delete_note",
    "delete_queue",
    "delete_ticket",
    "live_tickets",
    "mark_read",
    "mark_unread",
    "note_or_refuse",
    "note_view",
    "open_ticket_for",
    "order_queues",
    "release_tickets_of",
    "reopen_ticket",
    "return_ticket",
    "set_distribution",
    "set_members_of",
    "set_up_queue",
    "sight_of",
    "tag_ticket",
    "take_off_board",
    "transfer_ticket",
    "untag_ticket",
    "update_queue",
    "update_ticket",
]
