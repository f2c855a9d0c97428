"""Every write to accounts."""

from accounts.services.users import create_user

__all__ = ["create_user"]
