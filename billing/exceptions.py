"""The ways billing says no."""

from whaticket.exceptions import DomainError


class PlanNotFound(DomainError):
    """No such plan."""

    code = "ERR_NO_PLAN_FOUND"
    status = 404


class PlanNameInvalid(DomainError):
    """A plan's name has at least two characters."""

    code = "ERR_PLAN_INVALID_NAME"


class PlanNameTaken(DomainError):
    """Another plan has that name."""

    code = "ERR_PLAN_NAME_ALREADY_EXISTS"


class PlanInUse(DomainError):
    """Companies are on the plan; without it they would have no limits."""

    code = "ERR_PLAN_IN_USE"


class SignupClosed(DomainError):
    """The platform takes no new companies."""

    code = "ERR_USER_CREATION_DISABLED"
    status = 403


class FeatureNotInPlan(DomainError):
    """The company's plan does not have it; `feature` is its name in the contract."""

    code = "ERR_FEATURE_NOT_IN_PLAN"
    status = 403
