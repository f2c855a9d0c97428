"""What clients ask of reports, read from the address."""

import datetime

from rest_framework.request import Request

from accounts.authentication import PersonRequest
from tickets.selection import STATUSES
from tickets.services.reports import (
    ALWAYS,
    GROUPS,
    MomentsWish,
    Period,
    SummaryFilter,
    TicketFilter,
)
from whaticket.days import day_param
from whaticket.exceptions import Invalid, NoPermission
from whaticket.params import (
    LAST_PAGE,
    flag_param,
    ids_param,
    int_param,
    text_param,
    whole_number,
    words_param,
)

# Clients of the contract fetch whole reports as one page of any size; files are for more.
LARGEST_PAGE = 50_000
PAGE_SIZE = 20
_MOST_DAYS = 36_500


def period_param(request: Request, first: str, last: str) -> Period:
    """Give the days from one parameter to another; raise Invalid."""
    return Period.between(day_param(request, first), day_param(request, last))


def some_ids(request: Request, name: str) -> tuple[int, ...]:
    """Give ids, written as a list or as a single one; raise Invalid."""
    one = whole_number(request.query_params.get(name, "").strip())
    return (ids_param(request, name) or ()) if one is None else (one,)


def some_statuses(request: Request) -> tuple[str, ...]:
    """Give statuses, written as a list or as a single word; raise Invalid."""
    text = request.query_params.get("status", "").strip()
    if text in STATUSES:
        return (text,)
    return words_param(request, "status", STATUSES)


def ticket_filter(request: Request) -> TicketFilter:
    """Read which tickets a report has (rest.md §7)."""
    return TicketFilter(
        text=text_param(request, "searchParam").strip(),
        period=period_param(request, "dateFrom", "dateTo"),
        contact_ids=some_ids(request, "contactId"),
        connection_ids=some_ids(request, "whatsappId"),
        statuses=some_statuses(request),
        queue_ids=some_ids(request, "queueIds"),
        tag_ids=some_ids(request, "tags"),
        agent_ids=some_ids(request, "users"),
        only_rated=flag_param(request, "onlyRated"),
    )


def report_page(request: Request) -> tuple[int, int]:
    """Give `page` and `pageSize`; raise Invalid."""
    number, size = int_param(request, "page"), int_param(request, "pageSize")
    number = 1 if number is None else number
    size = PAGE_SIZE if size is None else size
    if not 1 <= number <= LAST_PAGE:
        raise Invalid(details={"page": ["There is no such page."]})
    if size < 1:
        raise Invalid(details={"pageSize": ["A page has at least one row."]})
    return number, min(size, LARGEST_PAGE)


def dashboard_period(request: Request) -> Period:
    """Read `date_from` and `date_to`, or else the last `days`; raise Invalid."""
    period = period_param(request, "date_from", "date_to")
    days = int_param(request, "days")
    if period != ALWAYS or days is None:
        return period
    if days > _MOST_DAYS:
        raise Invalid(details={"days": ["There are not so many days."]})
    return Period.of_last_days(days)


def own_company(request: PersonRequest) -> None:
    """Refuse another company's id in `companyId`, which says nothing that the token does not."""
    company_id = int_param(request, "companyId")
    if company_id is not None and company_id != request.user.company_id:
        raise NoPermission


def chart_period(request: Request) -> Period:
    """Read `initialDate` and `finalDate`; without them, today. Raises Invalid."""
    period = period_param(request, "initialDate", "finalDate")
    return Period.of_last_days(0) if period == ALWAYS else period


def moments_wish(request: Request) -> MomentsWish:
    """Read which tickets a live panel shows; raise Invalid."""
    agent_id = None if flag_param(request, "showAll") else int_param(request, "userId")
    return MomentsWish(
        period=period_param(request, "dateStart", "dateEnd"),
        statuses=some_statuses(request),
        queue_ids=some_ids(request, "queuesIds"),
        agent_id=agent_id,
    )


def summary_filter(request: Request) -> SummaryFilter:
    """Read which part of the work a summary is about; without days, the last thirty."""
    period = period_param(request, "dateFrom", "dateTo")
    return SummaryFilter(
        period=Period.of_last_days(29) if period == ALWAYS else period,
        queue_ids=some_ids(request, "queueIds"),
        tag_ids=some_ids(request, "tags"),
        agent_ids=some_ids(request, "users"),
        connection_ids=some_ids(request, "whatsapps"),
        with_groups=flag_param(request, "withGroups"),
    )


def group_param(request: Request) -> str:
    """Give what a summary is grouped by, agents where nothing is said; raise Invalid."""
    group = request.query_params.get("groupBy", "").strip() or "agent"
    if group not in GROUPS:
        raise Invalid(details={"groupBy": [f"One of {', '.join(GROUPS)} is needed."]})
    return group


def day_text(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
