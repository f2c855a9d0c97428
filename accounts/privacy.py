"""Who may read customers' numbers (models.md, lgpdHideNumber)."""

from accounts.models import User
from companies.services import settings_of


def hides_numbers(user: User) -> bool:
    """Tell whether a person's company keeps customers' numbers from them.

    Agents only; who runs the company or the platform reads them.
    """
    if user.is_super or user.profile != User.Profile.USER:
        return False
    if user.answers is not None:
        return user.answers.hides_numbers
    settings = settings_of(user.company_id)
    return settings.lgpd_enabled and settings.lgpd_hides_numbers
