"""What is on offer, and what a company may have by its plan."""

from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from billing.exceptions import (
    FeatureNotInPlan,
    PlanInUse,
    PlanNameInvalid,
    PlanNameTaken,
    PlanNotFound,
)
from billing.models import Plan, Subscription
from billing.wire import FEATURES


def find_plan(plan_id: int) -> Plan:
    """Give a plan; raise PlanNotFound."""
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise PlanNotFound
    return plan


def plan_of(company_id: int) -> Plan | None:
    """Give the plan a company is on."""
    return Plan.objects.filter(subscriptions__company_id=company_id).first()


def seat_limit(company_id: int) -> int | None:
    """Give how many people a company may have; None where it is on no plan."""
    plan = plan_of(company_id)
    return plan.users if plan else None


def has_feature(company_id: int, feature: str) -> bool:
    """Tell whether a company may use a feature, named as in the contract (`useKanban`).

    A company on no plan has everything. Raises KeyError for a name that is no feature.
    """
    is_on = (
        Subscription.objects.filter(company_id=company_id)
        .values_list(f"plan__{FEATURES[feature]}", flat=True)
        .first()
    )
    return is_on is not False


def require_feature(company_id: int, feature: str) -> None:
    """Raise FeatureNotInPlan where a company's plan lacks a feature (behaviour 138)."""
    if not has_feature(company_id, feature):
        raise FeatureNotInPlan(feature=feature)


def limit_of(company_id: int, what: Literal["users", "connections", "queues"]) -> int | None:
    """Give how many a company may have; None where it is on no plan. Needs a transaction.

    Whoever adds something to the company queues here until the transaction ends, so that two at
    once cannot both be the last.
    """
    subscription = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plan")
        .filter(company_id=company_id)
        .first()
    )
    return getattr(subscription.plan, what) if subscription else None


@transaction.atomic
def create_plan(**fields: Any) -> Plan:
    """Make an offer; raise PlanNameInvalid or PlanNameTaken."""
    return _save(Plan(), fields)


@transaction.atomic
def update_plan(plan: Plan, **fields: Any) -> Plan:
    """Change an offer; raise PlanNameInvalid or PlanNameTaken."""
    return _save(plan, fields)


@transaction.atomic
def delete_plan(plan: Plan) -> None:
    """Take an offer away; raise PlanInUse while companies are on it."""
    try:
        with transaction.atomic():
            plan.delete()
    except (ProtectedError, IntegrityError) as error:
        raise PlanInUse from error


def _save(plan: Plan, fields: dict[str, Any]) -> Plan:
    for name, value in fields.items():
        setattr(plan, name, value)
    plan.name = plan.name.strip()
    if len(plan.name) < 2:
        raise PlanNameInvalid
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError as error:
        raise PlanNameTaken from error
    return plan
