"""Sign-in by e-mail and password for pages and the admin."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User


class EmailBackend(BaseBackend):
    """Check an e-mail and password; refuse people whose company is switched off."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        email = username or kwargs.get("email")
        if not email or not password:
            return None
        user = User.objects.present().select_related("company").filter(email__iexact=email).first()
        if user is None:
            # The same work as for a known address, so that time tells nothing.
            User().set_password(password)
            return None
        if not user.check_password(password):
            return None
        return user if user.is_active and (user.company.is_active or user.is_super) else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.present().filter(pk=user_id, is_active=True).first()
