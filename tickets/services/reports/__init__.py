"""Reports and dashboards: reads over tickets, their stretches of service, and ratings."""

from tickets.services.reports.dashboard import (
    dashboard,
    tickets_per_agent,
    tickets_per_day,
    tickets_per_hour,
)
from tickets.services.reports.limits import ALWAYS, Period, Scope, scope_of, sees_all_numbers
from tickets.services.reports.moments import MomentsWish, moments, moments_of_users
from tickets.services.reports.summary import (
    GROUPS,
    Numbers,
    Ratings,
    Summary,
    SummaryFilter,
    SummaryRow,
    ratings,
    summary,
)
from tickets.services.reports.tables import summary_table, ticket_table
from tickets.services.reports.tickets import (
    ReportedTicket,
    TicketFilter,
    report_page,
    reported_tickets,
    ticket_report,
)
from whaticket.days import company_zone

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
    "SummaryRow",
    "TicketFilter",
    "company_zone",
    "dashboard",
    "moments",
    "moments_of_users",
    "ratings",
    "report_page",
    "reported_tickets",
    "scope_of",
    "sees_all_numbers",
    "summary",
    "summary_table",
    "ticket_report",
    "ticket_table",
    "tickets_per_agent",
    "tickets_per_day",
    "tickets_per_hour",
]
