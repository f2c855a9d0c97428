"""Named values, and the one door through which clients write any setting."""

from typing import Any

from django.db import transaction

from companies.events import NamedSettingChanged
from companies.exceptions import SettingInvalid
from companies.models import CompanySettings, Setting
from companies.registry import Key, Place, find_key
from companies.services.branding import forget_brand
from companies.services.settings import update_settings
from events.bus import publish
from whaticket.exceptions import NoPermission
from whaticket.tenancy import NotInCompany, current_company_id, in_company


def named_setting(key: str, *, company_id: int | None = None) -> str | None:
    """Give a named value of a company, or of the platform; None where there is none."""
    return (
        Setting.objects.filter(company_id=company_id, key=key)  # type: ignore[misc]  # null: the platform's
        .values_list("value", flat=True)
        .first()
    )


@transaction.atomic
def set_named_setting(
    key: str, value: str, *, company_id: int | None = None, by_id: int | None = None
) -> Setting:
    """Write a named value of a company, or of the platform.

    The company hears of it; of a value of the platform, the company this is called in, if any.
    Raises SettingInvalid for an unknown name or a wrong value.
    """
    known = known_key(key)
    if known.place is Place.COLUMN:
        raise SettingInvalid(details={key: ["No such setting."]})
    text = known.text(understood(known, value))
    setting, _ = Setting.objects.update_or_create(  # type: ignore[misc]  # null: the platform's
        company_id=company_id, key=key, defaults={"value": text}
    )
    told_in = company_id or _here()
    if told_in is not None:
        with in_company(told_in):
            publish(NamedSettingChanged(setting_id=setting.pk, key=key, by_id=by_id))
    if known.place is Place.BRAND:
        transaction.on_commit(lambda: forget_brand(company_id), robust=True)
    return setting


def change_setting(
    name: str, value: Any, *, company_id: int, by_id: int | None, is_operator: bool
) -> CompanySettings | Setting:
    """Write a setting under its name on the wire, wherever it is kept.

    Raises SettingInvalid for an unknown name or a wrong value, NoPermission for what only
    operators write.
    """
    key = known_key(name)
    if key.by_operator and not is_operator:
        raise NoPermission
    understandable = understood(key, value)
    if key.place is Place.COLUMN:
        return update_settings(company_id, by_id=by_id, **{key.field: understandable})
    owner = None if key.place is Place.PLATFORM else company_id
    with in_company(company_id):
        return set_named_setting(name, key.text(understandable), company_id=owner, by_id=by_id)


def known_key(name: str) -> Key:
    """Give a setting by its name on the wire; raise SettingInvalid where there is none."""
    key = find_key(name)
    if key is None:
        raise SettingInvalid(details={name[:64]: ["No such setting."]})
    return key


def understood(key: Key, value: Any) -> bool | str:
    """Understand what a client sent for a setting; raise SettingInvalid."""
    try:
        return key.read(value)
    except ValueError as error:
        raise SettingInvalid(details={key.name: [str(error)]}) from error


def may_sign_up() -> bool | None:
    """Tell whether a team may register itself; None where the platform has not decided."""
    wanted = ("userCreation", "allowSignup")
    found = dict(Setting.objects.of_platform().filter(key__in=wanted).values_list("key", "value"))
    if "userCreation" not in found:
        return None
    return "disabled" not in found.values() and found["userCreation"] == "enabled"


def _here() -> int | None:
    try:
        return current_company_id()
    except NotInCompany:
        return None
