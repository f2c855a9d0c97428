"""`/companies/*` and `/companiesPlan` (rest.md §4)."""

import os
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsSuper, PersonRequest
from accounts.models import User
from billing import services as billing
from billing.wire import plan16, plan_of
from companies import services, wire
from companies.api import serializers as take
from companies.api import shapes
from companies.exceptions import OtherCompany
from companies.models import Company
from whaticket.api import valid
from whaticket.exceptions import Invalid, NoPermission
from whaticket.openapi import of, query, rows
from whaticket.paging import page_of
from whaticket.params import page_param, text_param

# What the operator decides; a company's own administrator may send these back unchanged.
OPERATOR_FIELDS = (
    "plan_id", "is_active", "due_on", "recurrence", "payment_method", "campaigns_enabled",
)  # fmt: skip


def all_companies() -> QuerySet[Company]:
    """Companies with what their shapes need, by id."""
    return Company.objects.select_related("subscription__plan").order_by("pk")


class CompanyList(APIView):
    """Every company for an operator, one's own for everybody else."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: rows(shapes.LISTED)})
    def get(self, request: PersonRequest) -> Response:
        companies = all_companies().prefetch_related("named_settings")
        if not request.user.is_super:
            companies = companies.filter(pk=request.user.company_id)
        return Response([listed(company) for company in companies])


class Companies(APIView):
    """The operator's list of companies."""

    permission_classes = [IsSuper]

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.COMPANIES})
    def get(self, request: Request) -> Response:
        return Response(company_page(request))

    @extend_schema(request=take.NewCompany, responses={200: shapes.COMPANY})
    def post(self, request: PersonRequest) -> Response:
        fields = valid(take.NewCompany, request)
        return Response(register(fields, by=request.user))


class OneCompany(APIView):
    """One company: for an operator any, for others their own."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.WITH_PLAN})
    def get(self, request: PersonRequest, company_id: int) -> Response:
        return Response(with_plan(own_or_super(request.user, company_id)))

    @extend_schema(request=take.CompanyFields, responses={200: shapes.COMPANY})
    def put(self, request: PersonRequest, company_id: int) -> Response:
        caller = request.user
        company = own_or_super(caller, company_id)
        fields = valid(take.CompanyFields, request)
        if fields.pop("id", company_id) != company_id:
            raise OtherCompany
        if not caller.is_super:
            if not caller.is_admin:
                raise NoPermission
            drop_operator_fields(company, fields)
        billing.change_account(company, by=caller, **fields)
        return Response(wire.company_row(services.find_company(company_id)))

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest, company_id: int) -> Response:
        if not request.user.is_super:
            raise OtherCompany
        company = services.find_company(company_id)
        if company.pk == request.user.company_id:
            raise Invalid(details={"id": ["This is your own company."]})
        services.drop_company(company)
        return Response()


class Schedules(APIView):
    """A company's working hours."""

    @extend_schema(request=take.SchedulesInput, responses={200: shapes.COMPANY})
    def put(self, request: PersonRequest, company_id: int) -> Response:
        company = own_or_super(request.user, company_id)
        if not request.user.is_admin:
            raise NoPermission
        schedules = valid(take.SchedulesInput, request)["schedules"]
        services.update_company(company, by_id=request.user.pk, schedules=schedules)
        return Response(wire.company_row(company))


class CompanyPlan(APIView):
    """A company with the plan that decides its menus."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.WITH_MENU})
    def get(self, request: PersonRequest, company_id: int) -> Response:
        return Response(with_menu(own_or_super(request.user, company_id)))


class CompaniesPlan(APIView):
    """The operator's overview: plans, and how much disk each company uses."""

    permission_classes = [IsSuper]

    @extend_schema(
        parameters=query("searchParam"), responses={200: of(companies=rows(shapes.WITH_DISK))}
    )
    def get(self, request: Request) -> Response:
        companies = searched(all_companies(), request)
        return Response({"companies": [with_disk(company) for company in companies]})


def own_or_super(caller: User, company_id: int) -> Company:
    """Give a company that the caller may look at; raise OtherCompany or CompanyNotFound."""
    if company_id != caller.company_id and not caller.is_super:
        raise OtherCompany
    return services.find_company(company_id)


def drop_operator_fields(company: Company, fields: dict[str, Any]) -> None:
    """Take out what only an operator decides; raise NoPermission where it would change."""
    now = current(company)
    for key in OPERATOR_FIELDS:
        if key in fields and fields.pop(key) != now[key]:
            raise NoPermission


def current(company: Company) -> dict[str, Any]:
    """What the operator has decided for a company."""
    subscription = getattr(company, "subscription", None)
    campaigns = services.named_setting("campaignsEnabled", company_id=company.pk)
    return {
        "plan_id": subscription.plan_id if subscription else None,
        "recurrence": subscription.recurrence if subscription else "",
        "payment_method": subscription.payment_method if subscription else "",
        "is_active": company.is_active,
        "due_on": company.due_on,
        "campaigns_enabled": campaigns == "true",
    }


def register(fields: dict[str, Any], *, by: User | None) -> dict[str, Any]:
    """Create a company from the fields of a body."""
    fields.pop("id", None)
    order = billing.Registration(
        name=fields.pop("name"),
        email=fields.pop("email").lower(),
        password=fields.pop("password", None),
        admin_name=fields.pop("admin_name", None) or "Admin",
        **fields,
    )
    company, _ = billing.register_company(order, by_id=by.pk if by else None)
    return wire.company_row(company)


def company_page(request: Request) -> dict[str, Any]:
    """One page of companies, with the names of their plans."""
    page, count, has_more = page_of(searched(all_companies(), request), page_param(request))
    rows = [
        wire.company_row(company) | {"plan": {"name": plan.name} if plan else None}
        for company in page
        for plan in [plan_of(company)]
    ]
    return {"companies": rows, "count": count, "hasMore": has_more}


def searched(companies: QuerySet[Company], request: Request) -> QuerySet[Company]:
    """Leave the companies whose name, address or tax number has the text."""
    text = text_param(request, "searchParam").strip()
    if not text:
        return companies
    return companies.filter(
        Q(name__icontains=text) | Q(email__icontains=text) | Q(document__icontains=text)
    )


def listed(company: Company) -> dict[str, Any]:
    """A company with a little of its plan and its named settings."""
    plan = plan_of(company)
    short = {"id": plan.pk, "name": plan.name, "amount": str(plan.amount)} if plan else None
    named = [wire.named_setting(row) for row in company.named_settings.all()]
    return wire.company_row(company) | {"plan": short, "settings": named}


def with_plan(company: Company) -> dict[str, Any]:
    """A company with its plan and limits."""
    return wire.company_row(company) | {"plan": plan16(plan_of(company))}


def with_menu(company: Company) -> dict[str, Any]:
    """What a client draws its menus from."""
    row = with_plan(company)
    keys = (
        "id", "name", "email", "status", "dueDate", "createdAt", "phone", "document", "lastLogin",
        "plan",
    )  # fmt: skip
    return {key: row[key] for key in keys}


def with_disk(company: Company) -> dict[str, Any]:
    """A company with what its files take."""
    size = number = 0
    newest = 0.0
    for folder, _, names in os.walk(settings.MEDIA_ROOT / company.schema_name):
        for name in names:
            try:
                status = os.stat(os.path.join(folder, name))
            except FileNotFoundError:
                continue
            size += status.st_size
            number += 1
            newest = max(newest, status.st_mtime)
    moment = datetime.fromtimestamp(newest, tz=timezone.get_default_timezone()) if newest else None
    return with_menu(company) | {
        "folderSize": str(size),
        "numberFileFolder": str(number),
        "updatedAtFolder": moment,
        "metrics": {"folderSize": size, "numberOfFiles": number, "lastUpdated": moment},
    }
