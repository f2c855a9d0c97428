"""How another program proves who it is: a token of a connection (errors.md §3)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.authentication import PlatformCaller, PlatformToken, PlatformTokenRefused, bearer
from billing.services import require_feature
from whatsapp.exceptions import ScopeMissing
from whatsapp.services.tokens import ApiCaller, caller_of

FEATURE = "useExternalApi"


class ApiTokenRefused(PermissionDenied):
    """403 for a token that opens nothing: unknown, revoked, or of a company that is off."""

    error_code = "ERR_API_TOKEN_REFUSED"


class ConnectionToken(BaseAuthentication):
    """`Authorization: Bearer <a connection's token>`; enters the company it belongs to."""

    def authenticate(self, request: Request) -> tuple[ApiCaller, str] | None:
        text = bearer(request)
        if text is None:
            return None
        caller = caller_of(text)
        if caller is None:
            raise ApiTokenRefused
        vars(request._request).update(company_id=caller.company_id)
        return caller, text

    def authenticate_header(self, request: Request) -> str:
        # Makes a missing header 401 and not 403.
        return "Bearer"


class ProgramToken(BaseAuthentication):
    """The platform's token, or else a connection's: for routes that serve both."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        try:
            return PlatformToken().authenticate(request)
        except PlatformTokenRefused:
            return ConnectionToken().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def has_scope(scope: str) -> type[BasePermission]:
    """Make a permission: programs whose token has a right, of companies whose plan has the API.

    The platform's own programs, where a view lets them in, may everything. It refuses with 403
    ERR_API_TOKEN_SCOPE and 403 ERR_FEATURE_NOT_IN_PLAN.
    """

    class HasScope(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            caller = request.user
            if isinstance(caller, PlatformCaller):
                return True
            if not isinstance(caller, ApiCaller):
                return False
            require_feature(caller.company_id, FEATURE)
            if not caller.may(scope):
                raise ScopeMissing(scope=scope)
            return True

    return HasScope


class ConnectionTokenScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows a connection's token."""

    target_class = ConnectionToken
    name = "connectionToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class ProgramTokenScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows either of the two."""

    target_class = ProgramToken
    name = "programToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
