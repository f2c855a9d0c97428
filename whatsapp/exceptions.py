"""The ways connections say no."""

from whaticket.exceptions import DomainError


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
