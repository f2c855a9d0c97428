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


class TooLate(DomainError):
    """The network allows this only for a while after sending; `minutes` says for how long."""

    code = "ERR_MESSAGE_TOO_OLD"


class NotEditable(DomainError):
    """Only texts of ours that the network has, or still gets, can be changed."""

    code = "ERR_EDITING_WAPP_MSG"


class NotRevocable(DomainError):
    """Only what we sent ourselves can be taken back."""

    code = "ERR_DELETE_WAPP_MSG"


class NotForwardable(DomainError):
    """Notes, reactions, calls and deleted messages cannot be passed on."""

    code = "ERR_MESSAGE_NOT_FORWARDABLE"


class NotReactable(DomainError):
    """The network does not know this message, so nobody can react to it."""

    code = "ERR_MESSAGE_NOT_REACTABLE"


class InvalidEmoji(DomainError):
    """A reaction is one emoji, or nothing."""

    code = "ERR_INVALID_EMOJI"


class NotResendable(DomainError):
    """Only what failed, or may have failed, is sent again; perhaps somebody just did."""

    code = "ERR_MESSAGE_NOT_FAILED"
    status = 409
