"""People come, change and go."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.exceptions import EmailTaken
from accounts.models import User


@transaction.atomic
def create_user(*, company_id: int, email: str, password: str, name: str, **fields: Any) -> User:
    """Create a person in a company; raise EmailTaken when the address signs in somebody already."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email=email, password=password, name=name, company_id=company_id, **fields
            )
    except IntegrityError as error:
        raise EmailTaken from error
