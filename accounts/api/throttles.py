"""How often one address may knock at the doors that need no sign-in."""

from rest_framework.throttling import AnonRateThrottle


class LoginThrottle(AnonRateThrottle):
    scope = "login"


class SignupThrottle(AnonRateThrottle):
    scope = "signup"


class RecoveryThrottle(AnonRateThrottle):
    scope = "recovery"


class ResetThrottle(AnonRateThrottle):
    scope = "reset"
