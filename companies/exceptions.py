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


class AnnouncementNotFound(DomainError):
    """No such announcement, or it is not shown."""

    code = "ERR_NO_ANNOUNCEMENT_FOUND"
    status = 404


class AnnouncementIncomplete(DomainError):
    """An announcement has a title and a text."""

    code = "ERR_ANNOUNCEMENT_REQUIRED"


class HelpNotFound(DomainError):
    """No such help page."""

    code = "ERR_NO_HELP_FOUND"
    status = 404


class HelpTitleMissing(DomainError):
    """A help page has a title."""

    code = "ERR_HELP_REQUIRED"


class HelpTooShort(DomainError):
    """Title and description of a help page have at least three characters each."""

    code = "ERR_HELP_INVALID_NAME"


class PartnerNotFound(DomainError):
    """No such partner."""

    code = "ERR_NO_PARTNER_FOUND"
    status = 404


class PartnerNameTaken(DomainError):
    """Another partner has that name."""

    code = "ERR_PARTNER_NAME_ALREADY_EXISTS"


class PartnerDocumentTaken(DomainError):
    """Another partner has that tax number."""

    code = "ERR_PARTNER_DOCUMENT_ALREADY_EXISTS"


class LoginConfigInvalid(Invalid):
    """The sign-in page cannot look like that; `errors` and `fields` say what is wrong."""


class LogoPlaceUnknown(DomainError):
    """Logos are `Light`, `Dark` or `Favicon`; the contract answers 406 to others."""

    code = "ERR_LOGO_MODE_INVALID"
    status = 406
