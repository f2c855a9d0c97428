"""Reports and dashboards: reads over tickets, their stretches of service, and ratings."""

from tickets.services.reports.dashboard import (
    dashboard,
    tickets_per_agent,
    tickets_per_day,
    tickets_per_hour,
)
from tickets.services.reports.limits import ALWAYS, Period, Scope, company_zone, scope_of
from tickets.services.reports.moments import MomentsWish, moments, moments_of_users
from tickets.services.reports.summary import (
    GROUPS,
    Numbers,
    Ratings,
    Summary,
    SummaryFilter,
    ratings,
    summary,
)
from tickets.services.reports.tickets import (
    ReportedTicket,
    TicketFilter,
    reported_tickets,
    ticket_report,
)

__all__ = [
    "ALWAYS",
    "GROUPS",
    "MomentsWish",
    "Numbers",
    "Period",
    "Ratings",
    "ReportedTicket",
    "Scope",
    "Summary",
    "SummaryFilter",
    "TicketFilter",
    "company_zone",
    "dashboard",
    "moments",
    "moments_of_users",
    "ratings",
    "reported_tickets",
    "scope_of",
    "summary",
    "ticket_report",
    "tickets_per_agent",
    "tickets_per_day",
    "tickets_per_hour",
]
