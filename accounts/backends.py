"""Sign-in by e-mail and password for pages and the admin."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q
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
        user = User.objects.with_email(email).select_related("company").first()
        if user is None:
            # The same work as for a known address, so that time tells nothing.
            User().set_password(password)
            return None
        if not user.check_password(password):
            return None
        # Whoever has to pay must be able to enter; what they reach is decided behind the door.
        if not (user.company.is_active or user.company.is_unpaid or user.is_super):
            if request is not None:
                # The wire tells those who know the password why they may not enter.
                request.refused_company = user.company_id  # type: ignore[attr-defined]
            return None
        return user if user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        people = User.objects.present().select_related("company").filter(pk=user_id, is_active=True)
        # Administrators of a company that has to pay: what they reach is decided behind the door.
        debtors = Q(company__is_unpaid=True, profile=User.Profile.ADMIN)
        return people.filter(Q(company__is_active=True) | debtors | Q(is_super=True)).first()
