"""`/invoices*` and `/api/invoices*` (rest.md §6 and §26)."""

import hmac
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import (
    AccessToken,
    AccessTokenAlsoScheme,
    PersonRequest,
    PlatformToken,
    bearer,
)
from accounts.models import User
from billing import services, wire
from billing.api import serializers as take
from billing.api import shapes
from billing.models import Invoice
from companies.exceptions import OtherCompany
from companies.services import find_company
from whaticket.api import valid
from whaticket.exceptions import Invalid, NoPermission
from whaticket.openapi import query, rows
from whaticket.paging import page_of
from whaticket.params import page_param, text_param


class PlatformOrPerson(AccessToken):
    """The operator's programs, or a person: the contract's client orders with its own token."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        text, expected = bearer(request), settings.COMPANY_TOKEN
        if text and expected and hmac.compare_digest(text.encode(), expected.encode()):
            return PlatformToken().authenticate(request)
        return super().authenticate(request)


class PlatformOrPersonScheme(AccessTokenAlsoScheme):
    """How OpenAPI shows that either token opens."""

    target_class = PlatformOrPerson
    priority = 1
    opens = ("accessToken", "platformToken")


class Invoices(APIView):
    """What the caller's company owes and has paid."""

    debtors_may = ("GET", "POST")

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.INVOICES})
    def get(self, request: PersonRequest) -> Response:
        return Response(invoice_page(own(request), request))

    @extend_schema(request=take.OrderInput, responses={200: shapes.INVOICE})
    def post(self, request: PersonRequest) -> Response:
        return Response(wire.invoice_row(ordered(request)))


class InvoiceList(APIView):
    """All invoices of the caller's company."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: rows(shapes.INVOICE)})
    def get(self, request: PersonRequest) -> Response:
        return Response([wire.invoice_row(invoice) for invoice in own(request)])


class AllInvoices(InvoiceList):
    """The same, by the name that the contract's client calls."""


class OneInvoice(APIView):
    """One invoice: the caller's company looks, an operator decides."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.INVOICE})
    def get(self, request: PersonRequest, invoice_id: int) -> Response:
        invoice = services.find_invoice(invoice_id, company_id=request.user.company_id)
        return Response(wire.invoice_row(invoice))

    @extend_schema(request=take.InvoiceStatus, responses={200: shapes.INVOICE})
    def put(self, request: PersonRequest, invoice_id: int) -> Response:
        require_operator(request.user)
        return Response(wire.invoice_row(decided(request, invoice_id, by_id=request.user.pk)))

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest, invoice_id: int) -> Response:
        require_operator(request.user)
        services.cancel_invoice(services.find_invoice(invoice_id), by_id=request.user.pk)
        return Response()


class PlatformInvoices(APIView):
    """All invoices, for the operator's programs; a person orders that of the own company."""

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.INVOICES})
    def get(self, request: Request) -> Response:
        return Response(invoice_page(Invoice.objects.valid().order_by("pk"), request))

    @extend_schema(request=take.NewInvoice, responses={200: shapes.INVOICE})
    def post(self, request: PersonRequest) -> Response:
        if isinstance(request.user, User):
            return Response(wire.invoice_row(ordered(request)))
        fields = valid(take.NewInvoice, request)
        return Response(wire.invoice_row(written(fields)))

    # The contract's client orders here with a person's token; nothing else is open to people.
    debtors_may = ("POST",)

    def get_authenticators(self) -> list[Any]:
        is_order = self.request is not None and self.request.method == "POST"
        return [PlatformOrPerson() if is_order else PlatformToken()]


class OnePlatformInvoice(APIView):
    """One invoice, for the operator's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(responses={200: shapes.INVOICE})
    def get(self, request: Request, invoice_id: int) -> Response:
        return Response(wire.invoice_row(services.find_invoice(invoice_id)))

    @extend_schema(request=take.InvoiceStatus, responses={200: shapes.INVOICE})
    def put(self, request: Request, invoice_id: int) -> Response:
        return Response(wire.invoice_row(decided(request, invoice_id, by_id=None)))

    @extend_schema(responses={200: None})
    def delete(self, request: Request, invoice_id: int) -> Response:
        services.cancel_invoice(services.find_invoice(invoice_id), by_id=None)
        return Response()


class InvoicesOfCompany(APIView):
    """All invoices of a company, for the operator's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(responses={200: rows(shapes.INVOICE)})
    def get(self, request: Request, company_id: int) -> Response:
        company = find_company(company_id)
        invoices = Invoice.objects.valid().of_company(company.pk).order_by("pk")
        return Response([wire.invoice_row(invoice) for invoice in invoices])


def own(request: PersonRequest) -> QuerySet[Invoice]:
    """The invoices of the caller's company."""
    return Invoice.objects.valid().of_company(request.user.company_id).order_by("pk")


def invoice_page(invoices: QuerySet[Invoice], request: Request) -> dict[str, Any]:
    """One page of invoices."""
    if search := text_param(request, "searchParam").strip():
        invoices = invoices.filter(detail__icontains=search)
    page, count, has_more = page_of(invoices, page_param(request))
    return {
        "invoices": [wire.invoice_row(invoice) for invoice in page],
        "count": count,
        "hasMore": has_more,
    }


def ordered(request: PersonRequest) -> Invoice:
    """Give the caller's company its next invoice; price and contents are the server's."""
    user = request.user
    if valid(take.OrderInput, request).get("company_id", user.company_id) != user.company_id:
        raise OtherCompany
    return services.order_invoice(user.company_id, by_id=user.pk)


@transaction.atomic
def written(fields: dict[str, Any]) -> Invoice:
    """Write an invoice from a program's body; one that is paid already gives its days."""
    is_paid = fields.pop("status", None) == Invoice.Status.PAID
    invoice = services.create_invoice(fields.pop("company_id"), by_id=None, **fields)
    return services.pay_invoice(invoice, by_id=None) if is_paid else invoice


def decided(request: Request, invoice_id: int, *, by_id: int | None) -> Invoice:
    """Have an invoice paid from a body, once; what is paid does not become unpaid."""
    fields = valid(take.InvoiceStatus, request)
    if fields.get("id", invoice_id) != invoice_id:
        raise Invalid(details={"id": ["This is another invoice than the address names."]})
    invoice = services.find_invoice(invoice_id)
    if invoice.status == fields["status"]:
        return invoice
    # Only "paid" is left to ask for, or a paid invoice to be unpaid, which is refused.
    return services.pay_invoice(invoice, by_id=by_id)


def require_operator(user: User) -> None:
    """Raise NoPermission for everybody but operators of the platform."""
    if not user.is_super:
        raise NoPermission
