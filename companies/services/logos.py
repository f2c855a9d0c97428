"""Files behind settings: logos that anybody sees, and files that nobody does."""

from typing import IO

from companies.exceptions import LogoPlaceUnknown, SettingInvalid
from companies.models import Setting
from companies.registry import LOGOS, PRIVATE_KEY
from companies.services.named import named_setting, set_named_setting
from companies.services.uploads import (
    FAVICON_SIDE,
    LOGO_SIDE,
    discard,
    private_folder,
    public_folder,
    store_picture,
    store_private,
)


def set_logo(file: IO[bytes], mode: str, *, company_id: int, by_id: int | None) -> str:
    """Give a company a logo; give the name of its file.

    Raises LogoPlaceUnknown, and what `store_picture` does. A replaced file stays: pages that are
    open still show it.
    """
    key = LOGOS.get(mode)
    if key is None:
        raise LogoPlaceUnknown
    side = FAVICON_SIDE if mode == "Favicon" else LOGO_SIDE
    name = store_picture(file, public_folder(), side=side)
    try:
        set_named_setting(key, name, company_id=company_id, by_id=by_id)
    except Exception:
        discard(public_folder(), name)
        raise
    return name


def set_private_file(file: IO[bytes], name: str, *, company_id: int, by_id: int | None) -> str:
    """Keep a file under `_<name>` of a company; give the name of the file.

    Raises SettingInvalid for a name that is none, and what `store_private` does.
    """
    key = f"_{name}"
    if not PRIVATE_KEY.fullmatch(key):
        raise SettingInvalid(details={"settingKey": ["A name of letters and digits is needed."]})
    old = named_setting(key, company_id=company_id) or ""
    stored = store_private(file, company_id)
    try:
        row: Setting = set_named_setting(key, stored, company_id=company_id, by_id=by_id)
    except Exception:
        discard(private_folder(company_id), stored)
        raise
    discard(private_folder(company_id), old)
    return row.value
