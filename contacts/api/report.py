"""The report of contacts and its files (rest.md §22)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from contacts.report import (
    AREA_CODES,
    ContactFilter,
    contact_report,
    contact_table,
    reported_contacts,
)
from whaticket.api import RawJSON
from whaticket.days import bound_param
from whaticket.exceptions import Invalid
from whaticket.exports import CSV, FILE, Download, TakesAnything, file_name
from whaticket.openapi import INT, TEXT, of, query, rows
from whaticket.params import text_param, whole_number

_FILTERS = query("startDate", "endDate", "tags[]", "ddds[]", "wallets[]", "searchParam")


def _values(request: Request, name: str) -> list[str]:
    """Give what a repeated parameter holds, with or without brackets after its name."""
    given = request.query_params.getlist(name) + request.query_params.getlist(f"{name}[]")
    return [value.strip() for value in given if value.strip()]


def _ids(request: Request, name: str) -> tuple[int, ...]:
    found = []
    for text in _values(request, name):
        number = whole_number(text)
        if number is None:
            raise Invalid(details={name: ["A list of ids is needed."]})
        found.append(number)
    return tuple(found)


def _states(request: Request) -> tuple[str, ...]:
    found = tuple(text.upper() for text in _values(request, "ddds"))
    if any(state not in AREA_CODES for state in found):
        raise Invalid(details={"ddds": ["There is no such state."]})
    return found


def contact_filter(request: Request) -> ContactFilter:
    """Read which contacts a report has; raise Invalid."""
    return ContactFilter(
        text=text_param(request, "searchParam").strip(),
        since=bound_param(request, "startDate"),
        until=bound_param(request, "endDate", is_end=True),
        tag_ids=_ids(request, "tags"),
        states=_states(request),
        wallet_ids=_ids(request, "wallets"),
    )


class ContactReport(APIView):
    @extend_schema(
        parameters=_FILTERS,
        responses={
            200: of(
                contacts=rows(
                    of(
                        id=INT,
                        name=TEXT,
                        number=TEXT,
                        email=TEXT,
                        tags=rows(of(id=INT, name=TEXT, color=TEXT)),
                    )
                )
            )
        },
    )
    def get(self, request: Request) -> RawJSON:
        """All contacts that a filter leaves, by name; groups are none."""
        return RawJSON(contact_report(contact_filter(request)))


class ContactExport(APIView):
    """The report of contacts as a file."""

    kind = CSV
    content_negotiation_class = TakesAnything

    @extend_schema(parameters=_FILTERS, responses=FILE)
    def get(self, request: PersonRequest) -> Download:
        """The report of contacts as a file, times in the company's zone."""
        found = reported_contacts(contact_filter(request), company_id=request.user.company_id)
        return Download(file_name("contacts"), self.kind, *contact_table(found))
