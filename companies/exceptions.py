"""The ways companies say no."""

from whaticket.exceptions import DomainError


class CompanyNotFound(DomainError):
    """No such company."""

    code = "ERR_NO_COMPANY_FOUND"
    status = 404


class CompanyNameTaken(DomainError):
    """Another company has that name."""

    code = "ERR_COMPANY_NAME_ALREADY_EXISTS"


class CompanyNameInvalid(DomainError):
    """A company's name has at least two characters."""

    code = "ERR_COMPANY_INVALID_NAME"


class CompanyInactive(DomainError):
    """The company is switched off."""

    code = "ERR_COMPANY_INACTIVE"
    status = 401
