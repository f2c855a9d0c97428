"""The ways messaging says no."""

from whaticket.exceptions import DomainError


class MessageNotFound(DomainError):
    """No such message here, or not for these eyes."""

    code = "ERR_NO_MESSAGE_FOUND"
    status = 404


class NothingToSend(DomainError):
    """A message needs a text, a file or a contact card."""

    code = "ERR_MESSAGE_EMPTY"


class TextTooLong(DomainError):
    """The connection cannot carry a text of this length."""

    code = "ERR_MESSAGE_TOO_LONG"


class TicketNotWritable(DomainError):
    """The conversation is closed; reopen it to write."""

    code = "ERR_TICKET_CLOSED"
    status = 409


class NoConnection(DomainError):
    """The ticket's connection was deleted, so there is no way to the customer."""

    code = "ERR_NO_DEF_WAPP_FOUND"


class NotSupportedHere(DomainError):
    """This kind of connection cannot do that."""

    code = "ERR_NOT_SUPPORTED"
