"""Reports and dashboards (rest.md §7 and §22), and the summaries beyond them (docs/reports.md)."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from tickets.api import report_shapes as shapes
from tickets.api.report_input import (
    chart_period,
    dashboard_period,
    day_text,
    group_param,
    moments_wish,
    own_company,
    report_page,
    summary_filter,
    ticket_filter,
)
from tickets.services import reports, sight_of
from whaticket.api import RawJSON
from whaticket.exports import CSV, FILE, Download, TakesAnything, file_name
from whaticket.openapi import query

_TICKET_FILTERS = query(
    "searchParam", "contactId", "whatsappId", "status", "queueIds", "tags", "users", "dateFrom",
    "dateTo", "onlyRated",
)  # fmt: skip
_SUMMARY_FILTERS = query(
    "dateFrom", "dateTo", "queueIds", "tags", "users", "whatsapps", "withGroups"
)
_MOMENTS = query("dateStart", "dateEnd", "status", "queuesIds", "showAll", "userId")
_CHART = query("initialDate", "finalDate", "companyId")


class TicketReport(APIView):
    @extend_schema(
        parameters=_TICKET_FILTERS + query("page", "pageSize"), responses={200: shapes.REPORT}
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """The tickets that a person may see, newest first, with their times and ratings."""
        number, size = report_page(request)
        wanted = ticket_filter(request)
        return RawJSON(
            reports.ticket_report(sight_of(request.user), wanted, page=number, size=size)
        )


class TicketExport(APIView):
    """All rows of the ticket report as a file."""

    kind = CSV
    content_negotiation_class = TakesAnything

    @extend_schema(parameters=_TICKET_FILTERS, responses=FILE)
    def get(self, request: PersonRequest) -> Download:
        """The ticket report as a file, times in the company's zone."""
        rows = reports.reported_tickets(
            sight_of(request.user), ticket_filter(request), company_id=request.user.company_id
        )
        return Download(file_name("tickets"), self.kind, *reports.ticket_table(rows))


class Dashboard(APIView):
    @extend_schema(
        parameters=query("days", "date_from", "date_to"), responses={200: shapes.DASHBOARD}
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """The dashboard's numbers; agents get their own, unless they may see the dashboard."""
        return RawJSON(reports.dashboard(reports.scope_of(request.user), dashboard_period(request)))


class TicketsPerAgent(APIView):
    @extend_schema(parameters=_CHART, responses={200: shapes.PER_AGENT})
    def get(self, request: PersonRequest) -> Response:
        """How many tickets opened in a period each agent holds."""
        own_company(request)
        rows = reports.tickets_per_agent(reports.scope_of(request.user), chart_period(request))
        return Response({"data": [{"quantidade": n, "nome": name} for n, name in rows]})


class TicketsPerTime(APIView):
    @extend_schema(parameters=_CHART, responses={200: shapes.PER_TIME})
    def get(self, request: PersonRequest) -> Response:
        """How many tickets were opened: of one day by the hour, of several by the day."""
        own_company(request)
        scope, period = reports.scope_of(request.user), chart_period(request)
        data: list[dict[str, Any]]
        if period.first == period.last:
            hours = reports.tickets_per_hour(scope, period)
            data = [{"total": total, "horario": hour} for hour, total in hours]
        else:
            days = reports.tickets_per_day(scope, period)
            data = [{"total": total, "data": day} for day, total in days]
        return Response({"count": sum(row["total"] for row in data), "data": data})


class Moments(APIView):
    @extend_schema(parameters=_MOMENTS, responses={200: shapes.MOMENTS})
    def get(self, request: PersonRequest) -> RawJSON:
        """Tickets with who holds them; agents see their own."""
        return RawJSON(reports.moments(reports.scope_of(request.user), moments_wish(request)))


class MomentsOfUsers(APIView):
    @extend_schema(
        parameters=query("dateStart", "dateEnd", "status", "queuesIds", "showAll"),
        responses={200: shapes.MOMENTS_OF_USERS},
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """Open and waiting tickets by agent; who may watch live sees colleagues of their queues."""
        return RawJSON(
            reports.moments_of_users(
                sight_of(request.user),
                moments_wish(request),
                of_colleagues=request.user.sees_realtime,
            )
        )


class Summary(APIView):
    @extend_schema(parameters=query("groupBy") + _SUMMARY_FILTERS, responses={200: shapes.SUMMARY})
    def get(self, request: PersonRequest) -> Response:
        """Work of a period by `groupBy`: agent, queue, tag, connection, day or hour.

        Durations are in minutes and leave out those of none; a period not given is the last thirty
        days. Agents get their own numbers, unless they may see the dashboard.
        """
        wanted, group = summary_filter(request), group_param(request)
        found = reports.summary(reports.scope_of(request.user), wanted, by=group)
        return Response(
            {
                "groupBy": group,
                "dateFrom": day_text(wanted.period.first),
                "dateTo": day_text(wanted.period.last),
                "total": _numbers(found.total),
                "rows": [
                    {"key": row.key, "name": row.name, **_numbers(row.numbers)}
                    for row in found.rows
                ],
            }
        )


def _numbers(numbers: reports.Numbers) -> dict[str, Any]:
    return {
        "opened": numbers.opened,
        "closed": numbers.closed,
        "firstResponse": asdict(numbers.first_response),
        "waiting": asdict(numbers.waiting),
        "handling": asdict(numbers.handling),
        "ratings": {**asdict(numbers.ratings), "score": numbers.ratings.score},
    }


class SummaryExport(APIView):
    """The summary as a file."""

    kind = CSV
    content_negotiation_class = TakesAnything

    @extend_schema(parameters=query("groupBy") + _SUMMARY_FILTERS, responses=FILE)
    def get(self, request: PersonRequest) -> Download:
        """The summary as a file; its last row is the total."""
        group = group_param(request)
        found = reports.summary(reports.scope_of(request.user), summary_filter(request), by=group)
        name = file_name(f"summary-{group}")
        return Download(name, self.kind, *reports.summary_table(found))


class Nps(APIView):
    @extend_schema(parameters=_SUMMARY_FILTERS, responses={200: shapes.NPS})
    def get(self, request: PersonRequest) -> Response:
        """The net promoter score of a period, and how often each rate was given."""
        wanted = summary_filter(request)
        found, each = reports.ratings(reports.scope_of(request.user), wanted)
        return Response(
            {
                "dateFrom": day_text(wanted.period.first),
                "dateTo": day_text(wanted.period.last),
                **asdict(found),
                "promotersPercent": found.percent(found.promoters),
                "passivesPercent": found.percent(found.passives),
                "detractorsPercent": found.percent(found.detractors),
                "score": found.score,
                "rates": [{"rate": rate, "count": count} for rate, count in enumerate(each)],
            }
        )
