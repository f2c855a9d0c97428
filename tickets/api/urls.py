"""Paths of tickets and queues; fixed words stand before parameters."""

from tickets.api import distribution, lists, notes, queues, tags, tickets
from whaticket.routing import route

urlpatterns = [
    route("tickets", tickets.Tickets.as_view()),
    route("tickets/closeAll", tickets.CloseAll.as_view()),
    route("tickets/u/<str:ticket_uuid>", tickets.TicketByUuid.as_view()),
    route("tickets/<id:ticket_id>", tickets.OneTicket.as_view()),
    route("tickets/<id:ticket_id>/accept", tickets.Accept.as_view()),
    route("tickets/<id:ticket_id>/read", tickets.Read.as_view()),
    route("tickets/<id:ticket_id>/unread", tickets.Unread.as_view()),
    route("tickets/<id:ticket_id>/assignments", distribution.Assignments.as_view()),
    route("tickets-log/<id:ticket_id>", tickets.Log.as_view()),
    route("ticket/kanban", lists.Board.as_view()),
    route("queue", queues.Queues.as_view()),
    route("queue/<id:queue_id>", queues.OneQueue.as_view()),
    route("queue/<id:queue_id>/distribution", distribution.Distribution.as_view()),
    route("ticket-tags/<id:ticket_id>", tags.LanesOfTicket.as_view()),
    route("ticket-tags/<id:ticket_id>/<id:tag_id>", tags.TagOfTicket.as_view()),
    route("ticket-notes", notes.Notes.as_view()),
    route("ticket-notes/list", notes.NoteList.as_view()),
    route("ticket-notes/<id:note_id>", notes.OneNote.as_view()),
]
