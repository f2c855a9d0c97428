"""The ways connections say no."""

from whaticket.exceptions import DomainError, Invalid


class ConnectionNotFound(DomainError):
    """No such connection here."""

    code = "ERR_NO_WAPP_FOUND"
    status = 404


class NoDefaultConnection(DomainError):
    """No connection of the company is connected."""

    code = "ERR_NO_DEF_WAPP_FOUND"


class SessionNotRunning(DomainError):
    """The connection has no session to ask."""

    code = "ERR_WAPP_NOT_INITIALIZED"


class ConnectionNameTaken(DomainError):
    """Another connection has that name."""

    code = "ERR_WAPP_NAME_ALREADY_EXISTS"


class ConnectionTokenTaken(DomainError):
    """That API token leads somewhere already."""

    code = "ERR_WAPP_TOKEN_ALREADY_EXISTS"


class ConnectionLimitReached(DomainError):
    """The company's plan allows no more connections."""

    code = "ERR_CONNECTION_LIMIT_REACHED"


class GreetingRequired(DomainError):
    """With several queues the customer has to be asked; the greeting asks."""

    code = "ERR_WAPP_GREETING_REQUIRED"


class ConnectionNameInvalid(DomainError):
    """A connection's name has at least two characters."""

    code = "ERR_WAPP_INVALID_NAME"


class ChannelNotInPlan(DomainError):
    """The company's plan has no connections of this channel."""

    code = "ERR_PLAN_FORBIDS_CHANNEL"


class DriverNotUsable(DomainError):
    """No such driver, or something it needs is not installed here."""

    code = "ERR_UNKNOWN_DRIVER"


class DriverSettingsInvalid(Invalid):
    """The driver needs other settings or credentials; `details` says which."""


class CloudNumberTaken(DomainError):
    """That number of the Cloud API belongs to a connection already, perhaps elsewhere."""

    code = "ERR_WAPP_NUMBER_ALREADY_EXISTS"


class PairingNotPossible(DomainError):
    """This connection is linked in another way, or the network refused the code."""

    code = "ERR_WAPP_PAIRING_REFUSED"


class PairingCodeWrong(DomainError):
    """That is not the code that waits to be typed on the phone."""

    code = "ERR_WAPP_PAIRING_CODE"


class QueueUnknown(Invalid):
    """No such queue here; `details` says where it was named."""


class ApiTokenNotFound(DomainError):
    """The connection has no such token."""

    code = "ERR_NO_API_TOKEN_FOUND"
    status = 404


class TooManyTokens(DomainError):
    """The connection has all the tokens it may have; `limit` says how many."""

    code = "ERR_API_TOKEN_LIMIT_REACHED"


class ScopeMissing(DomainError):
    """The token was not given this right; `scope` says which."""

    code = "ERR_API_TOKEN_SCOPE"
    status = 403


class TooManyCalls(DomainError):
    """The token's allowance is used up; `retryAfter` says for how many seconds."""

    code = "ERR_TOO_MANY_REQUESTS"
    status = 429


class IdempotencyKeyReused(DomainError):
    """This key came with another request before."""

    code = "ERR_IDEMPOTENCY_KEY_REUSED"
    status = 422


class TicketInAnotherService(DomainError):
    """Somebody else, or another queue, talks to this customer (behaviour 34).

    `agent` and `queue` are their names.
    """

    code = "ERR_TICKET_IN_ANOTHER_SERVICE"


class LinkRefused(DomainError):
    """That address is not fetched: of a private network, not http, or no answer worth keeping."""

    code = "ERR_LINK_REFUSED"
