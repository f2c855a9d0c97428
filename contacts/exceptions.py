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


class SheetUnreadable(DomainError):
    """A table of contacts is CSV or XLSX; this file is neither, or is damaged."""

    code = "ERR_IMPORT_FILE"


class SheetTooLarge(DomainError):
    """The file, or what it unpacks to, is too large; `limit` says how much is not."""

    code = "ERR_IMPORT_TOO_LARGE"


class SheetTooManyRows(DomainError):
    """One file brings at most `limit` contacts."""

    code = "ERR_IMPORT_TOO_MANY_ROWS"


class SheetColumnsMissing(DomainError):
    """The first row names no column with numbers (numero)."""

    code = "ERR_IMPORT_COLUMNS"


class SheetFormula(DomainError):
    """A cell holds a formula, which a name or a number never is; `row` says where."""

    code = "ERR_IMPORT_FORMULA"


class ImportNotFound(DomainError):
    """No such import here."""

    code = "ERR_NO_IMPORT_FOUND"
    status = 404


class NumberUnknown(DomainError):
    """WhatsApp knows nobody under that number; the code is the contract's."""

    code = "NUMBER_NOT_ON_WHATSAPP"


class NoAddressBook(DomainError):
    """No running connection can tell who is in the phone's address book."""

    code = "ERR_NO_BAILEYS_DATA_FOUND"
    status = 404
