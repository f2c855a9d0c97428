"""Which routes a plan opens."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from billing.services.plans import require_feature
from billing.wire import FEATURES
from whaticket.tenancy import current_company_id


def plan_has(feature: str) -> type[BasePermission]:
    """Make a permission for views: `permission_classes = [IsAuthenticated, plan_has("useKanban")]`.

    It refuses with 403 ERR_FEATURE_NOT_IN_PLAN. It looks at the company that the request has
    entered, so it must stand behind the permission that asks who is calling. Raises KeyError for a
    name that is no feature of plans.
    """
    if feature not in FEATURES:
        raise KeyError(feature)

    class PlanHas(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            require_feature(current_company_id(), feature)
            return True

    return PlanHas
