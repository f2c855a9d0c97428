"""The ways contacts say no."""

from whaticket.exceptions import DomainError


class ContactNotFound(DomainError):
    """No such contact here."""

    code = "ERR_NO_CONTACT_FOUND"
    status = 404


class ContactExists(DomainError):
    """Somebody here already has that number."""

    code = "ERR_DUPLICATED_CONTACT"


class InvalidNumber(DomainError):
    """That is not a phone number."""

    code = "ERR_INVALID_NUMBER"


class MergeNotPossible(DomainError):
    """These contacts cannot be one (the same contact, or a group and a person)."""

    code = "ERR_MERGE_NOT_POSSIBLE"


class MergeAlreadyUndone(DomainError):
    """The merge is undone, or its contacts have changed too much to be taken apart."""

    code = "ERR_MERGE_UNDONE"
    status = 409


class NumberNotOnNetwork(DomainError):
    """WhatsApp knows nobody under that number (behaviour 30)."""

    code = "ERR_CHECK_NUMBER"


class MergeNotFound(DomainError):
    """No such merge here."""

    code = "ERR_NO_MERGE_FOUND"
    status = 404


class TagNotFound(DomainError):
    """No such tag here."""

    code = "ERR_NO_TAG_FOUND"
    status = 404
