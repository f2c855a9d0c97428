"""Every write to tickets and queues."""

from tickets.services.accept import accept_ticket
from tickets.services.close import close_all, close_ticket
from tickets.services.delete import delete_ticket
from tickets.services.find import Wanted, live_tickets
from tickets.services.move import KEEP
from tickets.services.open import open_ticket_for
from tickets.services.read import ReadMark, mark_read, mark_unread
from tickets.services.reopen import reopen_ticket, return_ticket
from tickets.services.sight import sight_of
from tickets.services.transfer import transfer_ticket
from tickets.services.update import TicketChange, update_ticket

__all__ = [
    "KEEP",
    "ReadMark",
    "TicketChange",
    "Wanted",
    "accept_ticket",
    "close_all",
    "close_ticket",
    "delete_ticket",
    "live_tickets",
    "mark_read",
    "mark_unread",
    "open_ticket_for",
    "reopen_ticket",
    "return_ticket",
    "sight_of",
    "transfer_ticket",
    "update_ticket",
]
