"""Tickets as clients read them: JSON that PostgreSQL builds, one statement each."""

from tickets.wire.assignments import ticket_assignments
from tickets.wire.kanban import board
from tickets.wire.lists import Page, ticket_list
from tickets.wire.logs import ticket_log
from tickets.wire.notes import note_json, note_list, note_page
from tickets.wire.queues import queue_json, queues_json
from tickets.wire.show import (
    ticket_by_uuid,
    ticket_show,
    tickets_json,
    tickets_with_facts,
)

__all__ = [
    "Page",
    "board",
    "note_json",
    "note_list",
    "note_page",
    "queue_json",
    "queues_json",
    "ticket_assignments",
    "ticket_by_uuid",
    "ticket_list",
    "ticket_log",
    "ticket_show",
    "tickets_json",
    "tickets_with_facts",
]
