"""What a company has switched on, read often and written seldom."""

from typing import Any

from django.core.cache import cache
from django.db import transaction

from companies.events import CompanySettingsChanged
from companies.exceptions import CompanyNotFound, SettingInvalid
from companies.models import CompanySettings
from companies.registry import BY_FIELD
from events.bus import publish
from whaticket.tenancy import in_company

# A reader that looked at the table just before a change can keep the old values this long; so can
# everybody when the cache was away while the change was made.
CACHED_SECONDS = 60
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


def _checked(field: str, value: Any) -> Any:
    key = BY_FIELD.get(field)
    if key is None:
        raise SettingInvalid(details={field: ["No such setting."]})
    try:
        return key.check(value)
    except ValueError as error:
        raise SettingInvalid(details={key.name: [str(error)]}) from error


def _values(row: CompanySettings) -> list[Any]:
    return [getattr(row, column) for column in _COLUMNS]


def _key(company_id: int) -> str:
    return f"company_{company_id}:settings"
