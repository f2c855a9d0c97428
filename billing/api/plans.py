"""`/plans*` and `/api/plans*` (rest.md §5)."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest, PlatformToken
from billing import services, wire
from billing.api import shapes
from billing.models import Plan
from companies.exceptions import OtherCompany
from whaticket.api import Open, valid
from whaticket.exceptions import Invalid, NoPermission
from whaticket.openapi import query, rows
from whaticket.paging import page_of
from whaticket.params import LARGEST_ID, page_param, text_param
from whaticket.serializers import Lenient

MOST = 1_000_000


class PlanFields(Lenient):
    """What the routes of plans take."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    name = serializers.CharField(max_length=255, allow_blank=True, required=False)
    users = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    connections = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    queues = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)
    useWhatsapp = serializers.BooleanField(required=False, source="use_whatsapp")
    useFacebook = serializers.BooleanField(required=False, source="use_facebook")
    useInstagram = serializers.BooleanField(required=False, source="use_instagram")
    useCampaigns = serializers.BooleanField(required=False, source="use_campaigns")
    useSchedules = serializers.BooleanField(required=False, source="use_schedules")
    useInternalChat = serializers.BooleanField(required=False, source="use_internal_chat")
    useExternalApi = serializers.BooleanField(required=False, source="use_external_api")
    useKanban = serializers.BooleanField(required=False, source="use_kanban")
    useOpenAi = serializers.BooleanField(required=False, source="use_open_ai")
    useIntegrations = serializers.BooleanField(required=False, source="use_integrations")
    isPublic = serializers.BooleanField(required=False, source="is_public")
    recurrence = serializers.CharField(max_length=255, required=False, allow_blank=True)
    trial = serializers.BooleanField(required=False)
    trialDays = serializers.IntegerField(
        min_value=0, max_value=3650, required=False, source="trial_days"
    )


class NewPlan(PlanFields):
    """`POST /plans`."""

    name = serializers.CharField(max_length=255, allow_blank=True)


class NewPlatformPlan(NewPlan):
    """`POST /api/plans`."""

    users = serializers.IntegerField(min_value=0, max_value=MOST)
    connections = serializers.IntegerField(min_value=0, max_value=MOST)
    queues = serializers.IntegerField(min_value=0, max_value=MOST)
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)
    recurrence = serializers.CharField(max_length=255, allow_blank=True)


class Plans(APIView):
    """The offers: all for an operator, one's own for everybody else."""

    debtors_may = ("GET",)

    @extend_schema(
        parameters=query("searchParam", "pageNumber", "listPublic"), responses={200: shapes.PLANS}
    )
    def get(self, request: PersonRequest) -> Response:
        plans = Plan.objects.order_by("name", "pk")
        if not request.user.is_super:
            own = services.plan_of(request.user.company_id)
            plans = plans.filter(name__icontains=own.name) if own else plans.none()
        if text_param(request, "listPublic") == "false":
            plans = plans.filter(is_public=False)
        return Response(plan_page(plans, request))

    @extend_schema(request=NewPlan, responses={200: shapes.PLAN})
    def post(self, request: PersonRequest) -> Response:
        if not request.user.is_super:
            raise NoPermission
        fields = valid(NewPlan, request)
        fields.pop("id", None)
        return Response(wire.plan_row(services.create_plan(**fields)))


class OnePlan(APIView):
    """One offer."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.PLAN})
    def get(self, request: PersonRequest, plan_id: int) -> Response:
        if not request.user.is_super:
            own = services.plan_of(request.user.company_id)
            if own is None or own.pk != plan_id:
                raise OtherCompany
        return Response(wire.plan_row(services.find_plan(plan_id)))

    @extend_schema(request=PlanFields, responses={200: shapes.PLAN})
    def put(self, request: PersonRequest, plan_id: int) -> Response:
        if not request.user.is_super:
            raise OtherCompany
        return Response(wire.plan_row(changed_plan(request, plan_id)))

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest, plan_id: int) -> Response:
        if not request.user.is_super:
            raise OtherCompany
        services.delete_plan(services.find_plan(plan_id))
        return Response()


class PlanList(Open):
    """The offers that the sign-up page shows. `listPublic=false` leaves the public ones (sic)."""

    @extend_schema(parameters=query("listPublic"), responses={200: rows(shapes.PLAN)})
    def get(self, request: Request) -> Response:
        return Response(every_plan(request))


class AllPlans(APIView):
    """The same for somebody who is signed in."""

    debtors_may = ("GET",)

    @extend_schema(parameters=query("listPublic"), responses={200: rows(shapes.PLAN)})
    def get(self, request: Request) -> Response:
        return Response(every_plan(request))


class PlatformPlans(APIView):
    """The offers, for the operator's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.PLANS})
    def get(self, request: Request) -> Response:
        return Response(plan_page(Plan.objects.order_by("name", "pk"), request))

    @extend_schema(request=NewPlatformPlan, responses={200: shapes.PLAN})
    def post(self, request: Request) -> Response:
        fields = valid(NewPlatformPlan, request)
        fields.pop("id", None)
        return Response(wire.plan_row(services.create_plan(**fields)))


class OnePlatformPlan(APIView):
    """One offer, for the operator's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(responses={200: shapes.PLAN})
    def get(self, request: Request, plan_id: int) -> Response:
        return Response(wire.plan_row(services.find_plan(plan_id)))

    @extend_schema(request=PlanFields, responses={200: shapes.PLAN})
    def put(self, request: Request, plan_id: int) -> Response:
        # The contract keeps these as they were made.
        fixed = ("trial", "trial_days", "recurrence", "is_public")
        return Response(wire.plan_row(changed_plan(request, plan_id, fixed=fixed)))

    @extend_schema(responses={200: None})
    def delete(self, request: Request, plan_id: int) -> Response:
        services.delete_plan(services.find_plan(plan_id))
        return Response()


def changed_plan(request: Request, plan_id: int, *, fixed: tuple[str, ...] = ()) -> Plan:
    """Change a plan from a body; raise Invalid where the body names another one."""
    plan = services.find_plan(plan_id)
    fields = valid(PlanFields, request)
    if fields.pop("id", plan_id) != plan_id:
        raise Invalid(details={"id": ["This is another plan than the address names."]})
    for key in fixed:
        fields.pop(key, None)
    return services.update_plan(plan, **fields)


def plan_page(plans: QuerySet[Plan], request: Request) -> dict[str, Any]:
    """One page of plans."""
    if search := text_param(request, "searchParam").strip():
        plans = plans.filter(name__icontains=search)
    page, count, has_more = page_of(plans, page_param(request))
    return {"plans": [wire.plan_row(plan) for plan in page], "count": count, "hasMore": has_more}


def every_plan(request: Request) -> list[dict[str, Any]]:
    """All plans by name; `listPublic=false` leaves the public ones."""
    plans = Plan.objects.order_by("name", "pk")
    if text_param(request, "listPublic") == "false":
        plans = plans.filter(is_public=True)
    return [wire.plan_row(plan) for plan in plans]
