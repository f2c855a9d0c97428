"""What of the console a company's plan opens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from billing.models import Subscription
from billing.services import require_feature
from billing.wire import FEATURES
from console.access import View, person, signed_in


def with_feature(feature: str) -> Callable[[View], View]:
    """Let people in whose company's plan has a feature (behaviour 138)."""

    def guard(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require_feature(person(request).company_id, feature)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def includes(user: User, feature: str) -> bool:
    """Tell whether the plan of a person's company has a feature, named as in the contract.

    A page asks several times; the plan is read once for each person that a request loaded. A
    company on no plan has everything. Raises KeyError for a name that is no feature.
    """
    field = FEATURES[feature]
    known: tuple[int, dict[str, bool]] | None = vars(user).get("_plan_features")
    if known is None or known[0] != user.company_id:
        rows = Subscription.objects.filter(company_id=user.company_id)
        names = list(FEATURES.values())
        row = rows.values_list(*(f"plan__{name}" for name in names)).first()
        known = (user.company_id, dict(zip(names, row, strict=True)) if row else {})
        vars(user)["_plan_features"] = known
    return known[1].get(field, True)
