"""Paths of tickets and queues; fixed words stand before parameters."""

from tickets.api import distribution, lists, notes, queues, reports, tags, tickets
from whaticket.exports import CSV, XLSX
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
    route("ticketreport/reports", reports.TicketReport.as_view()),
    route("dashboard", reports.Dashboard.as_view()),
    route("dashboard/ticketsUsers", reports.TicketsPerAgent.as_view()),
    route("dashboard/ticketsDay", reports.TicketsPerTime.as_view()),
    route("dashboard/moments", reports.Moments.as_view()),
    route("usersMoments", reports.MomentsOfUsers.as_view()),
    route("reports/summary", reports.Summary.as_view()),
    route("reports/summary.csv", reports.SummaryExport.as_view(kind=CSV)),
    route("reports/summary.xlsx", reports.SummaryExport.as_view(kind=XLSX)),
    route("reports/nps", reports.Nps.as_view()),
    route("reports/tickets.csv", reports.TicketExport.as_view(kind=CSV)),
    route("reports/tickets.xlsx", reports.TicketExport.as_view(kind=XLSX)),
]
