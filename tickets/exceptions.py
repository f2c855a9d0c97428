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
