"""Who may do what with connections. Reading is for everybody, secrets and changes are not."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import User


def manages(user: Any) -> bool:
    """Administrators manage connections, and whoever was given that right."""
    return isinstance(user, User) and (user.is_admin or user.manages_connections)


class ManagesConnections(BasePermission):
    """Administrators and those who were given the right."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return manages(request.user)


class ReadsOrManages(BasePermission):
    """Everybody reads; changes are for those who manage connections."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and (
            request.method in SAFE_METHODS or manages(request.user)
        )


class ReadsManagesOrDeletes(ReadsOrManages):
    """As above, but only administrators delete (rest.md §9: A)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "DELETE":
            return isinstance(request.user, User) and request.user.is_admin
        return super().has_permission(request, view)
