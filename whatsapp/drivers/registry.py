"""Which drivers there are. Each is imported when first asked for, so none drags its library in."""

from __future__ import annotations

from importlib import import_module

from .base import Capabilities, Driver

_DRIVERS = {
    "sandbox": "whatsapp.drivers.sandbox.gateway:SandboxDriver",
    "cloud": "whatsapp.drivers.cloud.gateway:CloudDriver",
}


class UnknownDriver(LookupError):
    """No driver has this name."""

    code = "ERR_UNKNOWN_DRIVER"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no driver {name!r}; there are: {', '.join(driver_names())}")
        self.name = name


class DriverUnavailable(RuntimeError):
    """The driver exists, but something it needs is not installed here."""

    code = "ERR_DRIVER_UNAVAILABLE"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The driver {name!r} cannot be used here: {reason}")
        self.name = name


def driver_names() -> tuple[str, ...]:
    """Return the names `driver_for` knows."""
    return tuple(sorted(_DRIVERS))


def driver_for(name: str) -> type[Driver]:
    """Return the driver class of that name; raise UnknownDriver, DriverUnavailable."""
    path = _DRIVERS.get(name)
    if path is None:
        raise UnknownDriver(name)
    module_name, class_name = path.split(":")
    try:
        driver: type[Driver] = getattr(import_module(module_name), class_name)
    except ImportError as error:
        raise DriverUnavailable(name, str(error)) from error
    return driver


def capabilities_of(name: str) -> Capabilities:
    """Return what the driver of that name can do; raise as `driver_for`."""
    return driver_for(name).capabilities
