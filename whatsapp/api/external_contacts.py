"""What programs read of companies: contacts, and messages of some days (rest.md §8 and §10).

The platform's token names a company; a connection's token is of one already.
"""

import datetime
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PlatformToken
from companies.services import find_company
from contacts import services
from contacts.exceptions import ContactExists, InvalidNumber
from contacts.identity import Identity, phone_from
from contacts.models import Contact
from contacts.records import contacts_after
from contacts.services.identify import look_up
from contacts.wire import contact_json
from messaging.wire.raw import messages_between
from whaticket.api import RawJSON, valid
from whaticket.days import day_of, end_of, midnight
from whaticket.exceptions import Invalid
from whaticket.marks import resolved
from whaticket.openapi import query, ref, rows
from whaticket.params import whole_number
from whaticket.serializers import Lenient
from whaticket.tenancy import enter_company, in_company
from whatsapp.api import shapes
from whatsapp.api.external import External
from whatsapp.authentication import ProgramToken, has_scope
from whatsapp.models import ApiToken
from whatsapp.services.tokens import ApiCaller

PAGE = 500
MOST_DAYS = 31


class JsonRows(StreamingHttpResponse):
    """An answer of any length, a page of rows in memory at a time.

    `pages` is drawn when the request's view has returned: it enters its company by itself.
    """

    def __init__(self, begin: bytes, pages: Iterator[list[bytes]], end: bytes):
        self._pieces = _joined(begin, pages, end)
        super().__init__(self._pieces, content_type="application/json")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Draw piece by piece; Django itself would first draw all of it."""
        draw = sync_to_async(lambda: next(self._pieces, None))
        while (piece := await draw()) is not None:
            yield piece


def _joined(begin: bytes, pages: Iterator[list[bytes]], end: bytes) -> Iterator[bytes]:
    yield begin
    is_first = True
    for page in pages:
        yield (b"" if is_first else b",") + b",".join(page)
        is_first = False
    yield end


def _company_of(request: Request) -> int:
    """Enter the company a program means; raise Invalid and CompanyNotFound."""
    caller: Any = request.user
    if isinstance(caller, ApiCaller):
        return caller.company_id
    data = request.data if isinstance(request.data, dict) else {}
    named = str(data.get("companyId") or request.query_params.get("companyId") or "")
    given = whole_number(named)
    if not given:
        raise Invalid(details={"companyId": ["The company's number is needed."]})
    company_id: int = find_company(given).pk
    enter_company(company_id)
    return company_id


class ProgramContactBody(Lenient):
    """Somebody another program knows."""

    number = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    email = serializers.CharField(max_length=255, required=False, allow_blank=True)


class Contacts(External):
    """A company's contacts."""

    authentication_classes = [ProgramToken]

    def get_permissions(self) -> list[Any]:
        scope = ApiToken.Scope.CONTACTS_READ
        if self.request is not None and self.request.method == "POST":
            scope = ApiToken.Scope.CONTACTS_WRITE
        return [has_scope(scope)()]

    @extend_schema(parameters=query("companyId"), responses={200: shapes.PROGRAM_CONTACTS})
    def get(self, request: Request) -> StreamingHttpResponse:
        """All of them with tags and free fields, however many there are."""
        company_id = _company_of(request)
        count = Contact.objects.filter(merged_into=None).count()
        return JsonRows(b'{"count":%d,"contacts":[' % count, _pages(company_id), b"]}")

    @extend_schema(request=ProgramContactBody, responses={200: ref("ContactFull")})
    def post(self, request: Request) -> RawJSON:
        """Add somebody, or change name and address of whoever has the number already."""
        _company_of(request)
        body = valid(ProgramContactBody, request)
        return RawJSON(contact_json(_written(body)) or b"")


def _written(body: dict[str, Any]) -> int:
    columns = {key: body[key] for key in ("name", "email") if body.get(key)}
    if (known := _known(body["number"])) is None:
        try:
            name = columns.pop("name", "")
            made = services.create_contact(
                name=name, number=body["number"], by=None, verify=False, **columns
            )
        except ContactExists:
            # Another call with this number was faster.
            known = _known(body["number"])
            if known is None:
                raise
        else:
            return made.pk
    return services.update_contact(known, by=None, **columns).pk


def _known(number: str) -> Contact | None:
    phone = phone_from(number)
    if not phone:
        raise InvalidNumber
    return next(iter(look_up({Identity("phone", phone).key}).values()), None)


def _pages(company_id: int) -> Iterator[list[bytes]]:
    last = 0
    while True:
        with in_company(company_id):
            page = [(pk, resolved(text)) for pk, text in contacts_after(last, PAGE)]
        if not page:
            return
        yield [text for _, text in page]
        last = page[-1][0]


class ContactCount(External):
    """How many contacts a company has."""

    authentication_classes = [ProgramToken]
    permission_classes = [has_scope(ApiToken.Scope.CONTACTS_READ)]

    @extend_schema(parameters=query("companyId"), responses={200: shapes.COUNT})
    def get(self, request: Request) -> Response:
        _company_of(request)
        return Response({"count": Contact.objects.filter(merged_into=None).count()})


class MessagesRange(APIView):
    """A company's messages of some days, for the platform's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(
        parameters=query("companyId", "startDate", "lastDate"),
        responses={200: rows(shapes.RAW_MESSAGE)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """All columns of messages from the first day to the last, oldest first; a month at most."""
        company_id = _company_of(request)
        first, last = _day(request, "startDate"), _day(request, "lastDate")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise Invalid(details={"lastDate": [f"At most {MOST_DAYS} days, the last one last."]})
        since, until = midnight(first), end_of(last)

        def pages() -> Iterator[list[bytes]]:
            last_id = 0
            while True:
                with in_company(company_id):
                    page = messages_between(since, until, after=last_id, limit=PAGE)
                if not page:
                    return
                yield [text for _, text in page]
                last_id = page[-1][0]

        return JsonRows(b"[", pages(), b"]")


def _day(request: Request, name: str) -> datetime.date:
    data = request.data if isinstance(request.data, dict) else {}
    day = day_of(name, data.get(name) or request.query_params.get(name))
    if day is None:
        raise Invalid(details={name: ["A day is needed, as YYYY-MM-DD."]})
    return day
