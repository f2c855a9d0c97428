"""Routes of billing (rest.md §5)."""

from billing.api import plans
from whaticket.routing import route

urlpatterns = [
    route("plans", plans.Plans.as_view()),
    route("plans/list", plans.PlanList.as_view()),
    route("plans/all", plans.AllPlans.as_view()),
    route("plans/<id:plan_id>", plans.OnePlan.as_view()),
    route("api/plans", plans.PlatformPlans.as_view()),
    route("api/plans/<id:plan_id>", plans.OnePlatformPlan.as_view()),
]
