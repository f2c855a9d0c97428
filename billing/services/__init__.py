"""Every write to billing, and what spans a company, its people and its plan."""

from billing.services.plans import (
    create_plan,
    delete_plan,
    find_plan,
    has_feature,
    limit_of,
    plan_of,
    require_feature,
    seat_limit,
    update_plan,
)
from billing.services.registration import (
    Registration,
    change_account,
    check_document,
    main_user,
    register_company,
    sign_up,
    trial_end,
)

__all__ = [
    "Registration",
    "change_account",
    "check_document",
    "create_plan",
    "delete_plan",
    "find_plan",
    "has_feature",
    "limit_of",
    "main_user",
    "plan_of",
    "register_company",
    "require_feature",
    "seat_limit",
    "sign_up",
    "trial_end",
    "update_plan",
]
