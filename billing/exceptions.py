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


class InvoiceNotFound(DomainError):
    """The company has no such invoice."""

    code = "ERR_NO_INVOICE_FOUND"
    status = 404


class InvoiceIsPaid(DomainError):
    """What is paid stays paid: it is neither paid again, nor changed, nor removed."""

    code = "ERR_INVOICE_PAID"


class InvoiceIsCancelled(DomainError):
    """Nobody has to pay this invoice any more."""

    code = "ERR_INVOICE_CANCELLED"


class InvoiceWithoutAmount(DomainError):
    """There is nothing to pay."""

    code = "ERR_INVOICE_WITHOUT_AMOUNT"


class PaymentNotSetUp(DomainError):
    """The platform takes no payments online; its operator confirms them by hand."""

    code = "ERR_PIX_NOT_CONFIGURED"


class PaymentProviderFailed(DomainError):
    """The payment provider refused or did not answer; `reason` is its own."""

    code = "ERR_PAYMENT_PROVIDER"
    status = 502


class NoticeRefused(DomainError):
    """Whoever tells of a payment does not prove to be the provider."""

    code = "ERR_PAYMENT_NOTICE_REFUSED"
    status = 403


class CertificateInvalid(DomainError):
    """This is no usable client certificate with its key; `details` says why."""

    code = "ERR_CERTIFICATE_INVALID"
