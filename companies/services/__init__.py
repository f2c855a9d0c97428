"""Every write to companies."""

from companies.services.create import create_company, drop_company
from companies.services.template import migrate_companies, prepare_template

__all__ = ["create_company", "drop_company", "migrate_companies", "prepare_template"]
