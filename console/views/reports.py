"""Reports: what a manager opens in the morning. The page appears at once, its parts follow."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from console import charts
from console.access import person, signed_in
from console.reads import reports as reads
from console.views import shell
from tickets.services import reports
from whaticket.exceptions import Invalid
from whaticket.exports import CSV, XLSX, Download, file_name

_NO_FILTERS = dict.fromkeys(["queue", "agent", "connection", "tag", "status", "groups"])


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show the period, the filters, and a place for each part; 400 with what cannot be read."""
    wish = reads.Wish.of(person(request), request.GET)
    choices = reads.choices_for(wish)
    errors = reads.unknown_choices(wish, choices) | wish.errors
    labels = {choice.name: choice.label for choice in choices} | {"from": _("From"), "to": _("To")}
    context = {
        "wish": wish,
        "query": wish.query(),
        "tickets_query": wish.query(page=wish.page),
        "periods": [
            (name, title, wish.query(**_period(name))) for name, title in reads.PERIODS.items()
        ],
        "own_range": reads.OWN_RANGE,
        "choices": choices,
        "errors": [(labels.get(name, ""), words) for name, words in errors.items()],
        "kept": wish.parameters(**_NO_FILTERS),
        "chosen": wish.parameters(**_period(reads.OWN_RANGE)),
        "plain": wish.query(**_NO_FILTERS),
        "from_text": request.GET.get("from", ""),
        "to_text": request.GET.get("to", ""),
        "zone": reports.company_zone().key,
    }
    return shell.page(
        request,
        "console/reports.html",
        context,
        section="reports",
        status=400 if errors else 200,
    )


def _period(name: str) -> dict[str, str | None]:
    return {"period": name, "from": None, "to": None}


def _readable(request: HttpRequest) -> reads.Wish:
    """Read the address; raise Invalid where it says what cannot be."""
    wish = reads.Wish.of(person(request), request.GET)
    if wish.errors:
        raise Invalid(details={name: [words] for name, words in wish.errors.items()})
    return wish


@require_GET
@signed_in
def part(request: HttpRequest, name: str) -> HttpResponse:
    """Show one part of the page."""
    make = _PARTS.get(name)
    if make is None:
        raise Http404
    wish = _readable(request)
    context = {"wish": wish, "query": wish.query(), **make(wish)}
    with timezone.override(reports.company_zone()):
        html = render_to_string(f"console/parts/report_{name}.html", context, request)
    # A part with nothing to say is empty to the style sheet, too.
    return HttpResponse(html.strip())


def _now(wish: reads.Wish) -> dict[str, Any]:
    return {"now": reads.now_for(wish.scope)}


def _numbers(wish: reads.Wish) -> dict[str, Any]:
    found = reports.summary(wish.scope, wish.summary_filter(), by="day")
    before = wish.before()
    then = reports.summary(before.scope, before.summary_filter(), by="day")
    counts = {str(row.key): (row.numbers.opened, row.numbers.closed) for row in found.rows}
    return {
        "is_empty": not found.rows,
        "headlines": reads.headlines(found.total, then.total),
        "before": before,
        "days": charts.per_day(counts, wish.first, wish.last) if wish.days > 1 else None,
        "month": wish.query(**_period("30d")),
        "plain": wish.query(**_NO_FILTERS),
    }


def _hours(wish: reads.Wish) -> dict[str, Any]:
    found = reports.summary(wish.scope, wish.summary_filter(), by="hour")
    counts = {int(row.key): row.numbers.opened for row in found.rows if row.key is not None}
    return {"hours": charts.per_hour(counts) if any(counts.values()) else None}


def _ratings(wish: reads.Wish) -> dict[str, Any]:
    found, each = reports.ratings(wish.scope, wish.summary_filter())
    return {
        "ratings": found,
        "score": reads.nps(found),
        "rates": charts.per_rate(each),
        "shares": [
            ("promoters", found.promoters, round(found.percent(found.promoters))),
            ("passives", found.passives, round(found.percent(found.passives))),
            ("detractors", found.detractors, round(found.percent(found.detractors))),
        ],
    }


def _groups(wish: reads.Wish) -> dict[str, Any]:
    found = reports.summary(wish.scope, wish.summary_filter(), by=wish.by)
    lines = []
    for line in reads.lines_of(found, wish.by):
        # Of queues, 0 is none.
        key = 0 if line.key is None and wish.by == "queue" else line.key
        lines.append((line, wish.query(**{wish.by: key}) if key is not None else ""))
    return {
        "lines": lines,
        "total": reads.total_line(found),
        "more": max(len(found.rows) - reads.MOST_LINES, 0),
        "tabs": [(name, title, wish.query(by=name)) for name, title in reads.GROUPS.items()],
    }


def _tickets(wish: reads.Wish) -> dict[str, Any]:
    found = reads.tickets_page(wish)
    return {
        "page": found,
        "previous": wish.query(page=found.previous) if found.previous else "",
        "next": wish.query(page=found.next) if found.next else "",
    }


_PARTS = {
    "now": _now,
    "numbers": _numbers,
    "hours": _hours,
    "ratings": _ratings,
    "groups": _groups,
    "tickets": _tickets,
}


@require_GET
@signed_in
def file(request: HttpRequest, what: str, kind: str) -> Any:
    """Give the tickets behind the numbers, or the numbers by group, as a file."""
    if kind not in {CSV, XLSX} or what not in {"tickets", "summary"}:
        raise Http404
    wish = _readable(request)
    if what == "tickets":
        rows = reports.reported_tickets(
            wish.scope.sight, wish.ticket_filter(), company_id=wish.user.company_id
        )
        return Download(file_name("tickets"), kind, *reports.ticket_table(rows))
    found = reports.summary(wish.scope, wish.summary_filter(), by=wish.by)
    name = file_name(f"summary-{wish.by}")
    return Download(name, kind, *reports.summary_table(found))
