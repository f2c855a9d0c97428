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


class NumberNotOnWhatsApp(DomainError):
    """WhatsApp does not know that number."""

    code = "ERR_CHECK_NUMBER"


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
