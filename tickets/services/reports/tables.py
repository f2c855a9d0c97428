"""Reports as tables for files: headings in the language of now, and rows."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from tickets.services.reports.summary import Numbers, Summary
from tickets.services.reports.tickets import ReportedTicket
from whaticket.days import company_zone
from whaticket.exports import Row, local_text


def ticket_table(rows: Iterable[ReportedTicket]) -> tuple[Row, Iterator[Row]]:
    """Give headings and rows of the ticket report, times in the companies' zone."""
    headings = [
        _("Ticket"),
        _("Opened"),
        _("Closed"),
        _("Status"),
        _("Contact"),
        _("Number"),
        _("Queue"),
        _("Agent"),
        _("Connection"),
        _("Tags"),
        _("Waiting time (minutes)"),
        _("Handling time (minutes)"),
        _("Rating"),
        _("Last message"),
    ]
    return headings, map(_ticket_row, rows)


def _ticket_row(row: ReportedTicket) -> Row:
    zone = company_zone()
    return [
        row.ticket_id,
        local_text(row.created_at, zone),
        local_text(row.closed_at, zone),
        row.status,
        row.contact,
        row.number,
        row.queue,
        row.agent,
        row.connection,
        row.tags,
        row.waited_minutes,
        row.served_minutes,
        row.rate,
        row.last_message,
    ]


def summary_table(found: Summary) -> tuple[Row, list[Row]]:
    """Give headings and rows of a summary; the last row is the total."""
    headings = [
        _("Group"),
        _("Opened"),
        _("Closed"),
        _("First response (minutes)"),
        _("Waiting time (minutes)"),
        _("Handling time (minutes)"),
        _("Ratings"),
        _("Mean rating"),
        _("NPS"),
    ]
    return headings, list(_summary_rows(found))


def _summary_rows(found: Summary) -> Iterator[Row]:
    for row in found.rows:
        name = row.name if row.name is not None else row.key
        yield [_("None") if name is None else name, *_cells(row.numbers)]
    yield [_("Total"), *_cells(found.total)]


def _cells(numbers: Numbers) -> Row:
    return [
        numbers.opened,
        numbers.closed,
        numbers.first_response.average,
        numbers.waiting.average,
        numbers.handling.average,
        numbers.ratings.count,
        numbers.ratings.average,
        numbers.ratings.score,
    ]
