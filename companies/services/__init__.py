"""Every write to companies."""

from companies.services.appearance import (
    add_login_picture,
    change_login_config,
    change_whitelabel_config,
    invalid,
    is_web_address,
    reset_whitelabel_config,
)
from companies.services.branding import (
    Brand,
    brand_of,
    company_of_host,
    forget_brand,
    login_config,
    whitelabel_config,
)
from companies.services.change import (
    find_company,
    reactivate_company,
    suspend_company,
    update_company,
)
from companies.services.create import create_company, drop_company
from companies.services.logos import set_logo, set_private_file
from companies.services.named import (
    change_setting,
    known_key,
    may_sign_up,
    named_setting,
    set_named_setting,
)
from companies.services.notices import (
    attach_file,
    delete_announcement,
    delete_help,
    delete_partner,
    detach_file,
    find_announcement,
    find_help,
    find_partner,
    save_announcement,
    save_help,
    save_partner,
    set_version,
    version_of_frontend,
    write_announcement,
)
from companies.services.settings import forget_settings, settings_of, update_settings
from companies.services.template import migrate_companies, prepare_template
from companies.services.uploads import login_folder, public_folder

__all__ = [
    "Brand",
    "add_login_picture",
    "attach_file",
    "brand_of",
    "change_login_config",
    "change_setting",
    "change_whitelabel_config",
    "company_of_host",
    "create_company",
    "delete_announcement",
    "delete_help",
    "delete_partner",
    "detach_file",
    "drop_company",
    "find_announcement",
    "find_company",
    "find_help",
    "find_partner",
    "forget_brand",
    "forget_settings",
    "invalid",
    "is_web_address",
    "known_key",
    "login_config",
    "login_folder",
    "may_sign_up",
    "migrate_companies",
    "named_setting",
    "prepare_template",
    "public_folder",
    "reactivate_company",
    "reset_whitelabel_config",
    "save_announcement",
    "save_help",
    "save_partner",
    "set_logo",
    "set_named_setting",
    "set_private_file",
    "set_version",
    "settings_of",
    "suspend_company",
    "update_company",
    "update_settings",
    "version_of_frontend",
    "whitelabel_config",
    "write_announcement",
]
