"""The tenants, what they decide for themselves, and the platform's own pages (public schema)."""

from companies.models.appearance import LoginConfig, WhitelabelConfig
from companies.models.notices import Announcement, Help, Partner, Version
from companies.models.settings import CompanySettings, Setting, SettingQuerySet
from companies.models.tenants import Company, CompanyQuerySet, Domain

__all__ = [
    "Announcement",
    "Company",
    "CompanyQuerySet",
    "CompanySettings",
    "Domain",
    "Help",
    "LoginConfig",
    "Partner",
    "Setting",
    "SettingQuerySet",
    "Version",
    "WhitelabelConfig",
]
