"""Every write to companies."""

from companies.services.create import create_company, drop_company
from companies.services.template import prepare_template

__all__ = ["create_company", "drop_company", "prepare_template"]
