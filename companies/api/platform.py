"""`/api/companies*`: the operator's programs, with the platform's token (rest.md §4)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PlatformToken
from billing import services as billing
from companies import services, wire
from companies.api import serializers as take
from companies.api import shapes
from companies.api.companies import all_companies, company_page, register, with_plan
from companies.exceptions import CompanyNotFound, OtherCompany
from whaticket.api import valid
from whaticket.openapi import query


class Platform(APIView):
    """Whoever holds COMPANY_TOKEN."""

    authentication_classes = [PlatformToken]


class Companies(Platform):
    """All companies."""

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.COMPANIES})
    def get(self, request: Request) -> Response:
        return Response(company_page(request))

    @extend_schema(request=take.NewPlatformCompany, responses={200: shapes.COMPANY})
    def post(self, request: Request) -> Response:
        fields = valid(take.NewPlatformCompany, request)
        billing.check_document(fields["document"])
        return Response(register(fields, by=None))


class OneCompany(Platform):
    """One company."""

    @extend_schema(responses={200: shapes.WITH_PLAN})
    def get(self, request: Request, company_id: int) -> Response:
        return Response(with_plan(services.find_company(company_id)))

    @extend_schema(request=take.CompanyFields, responses={200: shapes.COMPANY})
    def put(self, request: Request, company_id: int) -> Response:
        company = services.find_company(company_id)
        fields = valid(take.CompanyFields, request)
        if fields.pop("id", company_id) != company_id:
            raise OtherCompany
        if fields.get("document"):
            billing.check_document(fields["document"], company_id=company_id)
        billing.change_account(company, by=None, **fields)
        return Response(wire.company_row(services.find_company(company_id)))

    @extend_schema(responses={200: None})
    def delete(self, request: Request, company_id: int) -> Response:
        services.drop_company(services.find_company(company_id))
        return Response()


class Schedules(Platform):
    """A company's working hours."""

    @extend_schema(request=take.SchedulesInput, responses={200: shapes.COMPANY})
    def put(self, request: Request, company_id: int) -> Response:
        company = services.find_company(company_id)
        schedules = valid(take.SchedulesInput, request)["schedules"]
        services.update_company(company, by_id=None, schedules=schedules)
        return Response(wire.company_row(company))


class CompanyByEmail(Platform):
    """One company by its address."""

    @extend_schema(responses={200: shapes.WITH_PLAN})
    def get(self, request: Request, email: str) -> Response:
        if "\0" in email:
            raise CompanyNotFound
        company = all_companies().filter(email__iexact=email).first()
        if company is None:
            raise CompanyNotFound
        return Response(with_plan(company))
