"""What a company has switched on, read often and written seldom; and named values."""

from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models, transaction

from companies.events import CompanySettingsChanged
from companies.exceptions import CompanyNotFound, SettingInvalid
from companies.models import CompanySettings, Setting
from events.bus import publish
from whaticket.tenancy import in_company

# A reader that looked at the table just before a change can keep the old values this long; so can
# everybody when the cache was away while the change was made.
CACHED_SECONDS = 60
_FIXED = frozenset({"id", "company", "created_at", "updated_at"})
_COLUMNS = [field.attname for field in CompanySettings._meta.concrete_fields]


def settings_of(company_id: int) -> CompanySettings:
    """Give a company's settings, from the cache where they are; raise CompanyNotFound.

    What it returns is for reading: write through `update_settings`.
    """
    values = cache.get(_key(company_id))
    if values is None or len(values) != len(_COLUMNS):
        row = CompanySettings.objects.filter(company_id=company_id).first()
        if row is None:
            raise CompanyNotFound
        # `add` and not `set`: a value that a writer stored meanwhile is newer than this one.
        cache.add(_key(company_id), _values(row), CACHED_SECONDS)
        return row
    return CompanySettings.from_db(None, _COLUMNS, values)


@transaction.atomic
def update_settings(company_id: int, *, by_id: int | None, **changes: Any) -> CompanySettings:
    """Change settings of a company; raise SettingInvalid for an unknown name or a wrong kind."""
    row = CompanySettings.objects.select_for_update().filter(company_id=company_id).first()
    if row is None:
        raise CompanyNotFound
    for name, value in changes.items():
        setattr(row, name, _checked(name, value))
    row.save(update_fields=[*changes, "updated_at"])
    with in_company(company_id):
        publish(
            CompanySettingsChanged(
                company_id=company_id, fields=tuple(sorted(changes)), by_id=by_id
            )
        )
    values = _values(row)

    def store() -> None:
        cache.set(_key(company_id), values, CACHED_SECONDS)

    transaction.on_commit(store, robust=True)
    return row


def forget_settings(company_id: int) -> None:
    """Take a company's settings out of the cache."""
    cache.delete(_key(company_id))


def named_setting(key: str, *, company_id: int | None = None) -> str | None:
    """Give a named value of a company, or of the platform; None where there is none."""
    return (
        Setting.objects.filter(company_id=company_id, key=key)  # type: ignore[misc]  # null: the platform's
        .values_list("value", flat=True)
        .first()
    )


@transaction.atomic
def set_named_setting(key: str, value: str, *, company_id: int | None = None) -> Setting:
    """Write a named value of a company, or of the platform."""
    setting, _ = Setting.objects.update_or_create(  # type: ignore[misc]  # null: the platform's
        company_id=company_id, key=key, defaults={"value": value}
    )
    return setting


def _checked(name: str, value: Any) -> Any:
    try:
        field = CompanySettings._meta.get_field(name)
    except Exception as error:
        raise SettingInvalid(details={name: ["No such setting."]}) from error
    if name in _FIXED or not isinstance(field, models.Field):
        raise SettingInvalid(details={name: ["No such setting."]})
    wanted = bool if isinstance(field, models.BooleanField) else str
    if type(value) is not wanted:
        raise SettingInvalid(details={name: [f"A {wanted.__name__} is needed."]})
    if isinstance(value, str) and ("\0" in value or len(value) > 20_000):
        raise SettingInvalid(details={name: [f"A {wanted.__name__} is needed."]})
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise SettingInvalid(details={name: error.messages}) from error


def _values(row: CompanySettings) -> list[Any]:
    return [getattr(row, column) for column in _COLUMNS]


def _key(company_id: int) -> str:
    return f"company_{company_id}:settings"
