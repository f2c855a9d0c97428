"""Every write to companies."""

from companies.services.change import (
    find_company,
    reactivate_company,
    suspend_company,
    update_company,
)
from companies.services.create import create_company, drop_company
from companies.services.settings import (
    forget_settings,
    named_setting,
    set_named_setting,
    settings_of,
    update_settings,
)
from companies.services.template import migrate_companies, prepare_template

__all__ = [
    "create_company",
    "drop_company",
    "find_company",
    "forget_settings",
    "migrate_companies",
    "named_setting",
    "prepare_template",
    "reactivate_company",
    "set_named_setting",
    "settings_of",
    "suspend_company",
    "update_company",
    "update_settings",
]
