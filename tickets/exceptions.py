"""The ways tickets say no."""

from whaticket.exceptions import DomainError


class TicketNotFound(DomainError):
    """No such ticket here, or not for these eyes."""

    code = "ERR_NO_TICKET_FOUND"
    status = 404


class TicketTaken(DomainError):
    """A colleague was faster."""

    code = "ERR_TICKET_TAKEN"
    status = 409


class OtherOpenTicket(DomainError):
    """The contact already has a live ticket on this connection; `ticket` says which."""

    code = "ERR_OTHER_OPEN_TICKET"


class QueueNotFound(DomainError):
    """No such queue here."""

    code = "ERR_QUEUE_NOT_FOUND"


class AgentNotFound(DomainError):
    """No such person in this company."""

    code = "ERR_NO_USER_FOUND"
    status = 404


class AgentNotInQueue(DomainError):
    """That person does not answer that queue."""

    code = "ERR_AGENT_NOT_IN_QUEUE"


class ConnectionNotFound(DomainError):
    """No such connection here."""

    code = "ERR_NO_WAPP_FOUND"
    status = 404


class NoConnection(DomainError):
    """No connection was named, and none of the company is connected."""

    code = "ERR_NO_DEF_WAPP_FOUND"


class PendingTicketsStayOpen(DomainError):
    """This person may not close what still waits for an agent."""

    code = "ERR_NO_PERMISSION"
    status = 403


class IntegrationNotFound(DomainError):
    """No such integration here."""

    code = "ERR_NO_DIALOG_FOUND"
    status = 404


class QueueNameInvalid(DomainError):
    code = "ERR_QUEUE_INVALID_NAME"


class QueueNameTaken(DomainError):
    code = "ERR_QUEUE_NAME_ALREADY_EXISTS"


class QueueColorInvalid(DomainError):
    code = "ERR_QUEUE_INVALID_COLOR"


class QueueColorTaken(DomainError):
    code = "ERR_QUEUE_COLOR_ALREADY_EXISTS"


class QueueLimitReached(DomainError):
    """The plan allows no further queue; `limit` says how many it allows."""

    code = "ERR_QUEUE_LIMIT_REACHED"


class NoteNotFound(DomainError):
    """No such note here, or not for these eyes."""

    code = "ERR_NO_TICKETNOTE_FOUND"
    status = 404


class NoteInvalid(DomainError):
    """A note has at least three characters; the code is the contract's."""

    code = "ERR_TICKETNOTE_INVALID_NAME"
