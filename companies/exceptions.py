"""The ways companies say no."""

from whaticket.exceptions import NO_PERMISSION, DomainError, Invalid


class CompanyNotFound(DomainError):
    """No such company."""

    code = "ERR_NO_COMPANY_FOUND"
    status = 404


class OtherCompany(DomainError):
    """A record of another company: the contract answers 400 (errors.md §1)."""

    code = NO_PERMISSION


class CompanyNameTaken(DomainError):
    """Another company has that name."""

    code = "ERR_COMPANY_NAME_ALREADY_EXISTS"


class CompanyNameInvalid(DomainError):
    """A company's name has at least two characters."""

    code = "ERR_COMPANY_INVALID_NAME"


class CompanyDocumentInvalid(DomainError):
    """A tax number has 11 to 14 characters."""

    code = "ERR_COMPANY_INVALID_DOCUMENT"


class CompanyDocumentTaken(DomainError):
    """Another company has that tax number."""

    code = "ERR_COMPANY_DOCUMENT_ALREADY_EXISTS"


class CompanyInactive(DomainError):
    """The company is switched off."""

    code = "ERR_COMPANY_INACTIVE"
    status = 401


class CompanyUnpaid(DomainError):
    """The company is switched off until it pays; only what is needed for that is open."""

    code = "ERR_COMPANY_UNPAID"
    status = 402


class PlatformOwnerProtected(DomainError):
    """Company 1 owns the platform: it can be neither removed nor switched off."""

    code = "ERR_COMPANY_OWNS_PLATFORM"


class SettingNotFound(DomainError):
    """No such setting."""

    code = "ERR_NO_SETTING_FOUND"
    status = 404


class SettingInvalid(Invalid):
    """A setting was given a value of another kind than it has; `details` names it."""


class SchedulesInvalid(Invalid):
    """Working hours are a list of days with times of day; `details` says what is wrong."""
