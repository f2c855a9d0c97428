"""What the product is called and looks like, by company and by host name; read on every page."""

from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.forms.models import model_to_dict

from companies.models import Company, Domain, LoginConfig, Setting, WhitelabelConfig
from companies.registry import KEYS, Place

CACHED_SECONDS = 60
_NAMES = [key.name for key in KEYS if key.place is Place.BRAND]
_LOGIN, _WHITELABEL = "platform:login-page", "platform:white-label"
_SECRETS = ("mail_host", "mail_port", "mail_user", "mail_from", "mail_secure", "mail_credentials")


@dataclass(frozen=True, slots=True)
class Brand:
    """Name, logos and colours as one company's people see them; "" is the product's own."""

    name: str
    logo_light: str
    logo_dark: str
    favicon: str
    primary_light: str
    primary_dark: str
    # What the platform changed about its sign-in page and its colours, by column.
    login: dict[str, Any] = field(default_factory=dict)
    colours: dict[str, Any] = field(default_factory=dict)

    def by_key(self, name: str) -> str:
        """Give a part of it under the name of its setting."""
        return {
            "appName": self.name,
            "appLogoLight": self.logo_light,
            "appLogoDark": self.logo_dark,
            "appLogoFavicon": self.favicon,
            "primaryColorLight": self.primary_light,
            "primaryColorDark": self.primary_dark,
        }[name]


def company_of_host(host: str) -> int | None:
    """Give the company whose sign-in page a host name shows; None: the platform's own."""
    name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host
    if not name or len(name) > 253 or "\0" in name:
        return None
    return Domain.objects.filter(domain=name).values_list("tenant_id", flat=True).first()


def brand_of(company_id: int | None) -> Brand:
    """Give the look of a company; what it does not decide is the platform owner's, then ours."""
    owner = Company.OWNER_ID
    keys = {_key(company_id or owner), _key(owner), _LOGIN, _WHITELABEL}
    known = cache.get_many(keys)
    for key in keys - known.keys():
        known[key] = _read(key)
        cache.add(key, known[key], CACHED_SECONDS)
    login, colours = known[_LOGIN], known[_WHITELABEL]
    # One brand is never mixed with another: a light logo without a dark one serves for both.
    sources = [
        known[_key(company_id or owner)],
        known[_key(owner)],
        {
            "appName": colours.get("app_name"),
            "appLogoLight": colours.get("app_logo_light"),
            "appLogoDark": colours.get("app_logo_dark"),
            "appLogoFavicon": colours.get("app_logo_favicon"),
            "primaryColorLight": colours.get("primary_color"),
        },
    ]
    logo = _first(sources, "appLogoLight", "appLogoDark")
    primary = _first(sources, "primaryColorLight", "primaryColorDark")
    return Brand(
        name=_first(sources, "appName")[0],
        logo_light=logo[0] or logo[1],
        logo_dark=logo[1] or logo[0],
        favicon=_first(sources, "appLogoFavicon")[0],
        primary_light=primary[0] or primary[1],
        primary_dark=primary[1] or primary[0],
        login=login,
        colours=colours,
    )


def forget_brand(company_id: int | None = None) -> None:
    """Take out of the cache what pages remember of a company's look, or of the platform's."""
    cache.delete_many([_key(company_id or Company.OWNER_ID), _LOGIN, _WHITELABEL])


def login_config() -> LoginConfig:
    """Give the platform's sign-in page; one nobody has changed has the defaults."""
    return LoginConfig.objects.filter(pk=LoginConfig.ONLY).first() or LoginConfig(
        pk=LoginConfig.ONLY
    )


def whitelabel_config() -> WhitelabelConfig:
    """Give the platform's colours and fonts; those nobody has changed are the defaults."""
    return WhitelabelConfig.objects.filter(pk=WhitelabelConfig.ONLY).first() or WhitelabelConfig(
        pk=WhitelabelConfig.ONLY
    )


@transaction.atomic
def save_login_config(config: LoginConfig) -> LoginConfig:
    """Keep the platform's sign-in page; pages show it at once."""
    config.pk = LoginConfig.ONLY
    config.save()
    transaction.on_commit(forget_brand, robust=True)
    return config


@transaction.atomic
def save_whitelabel_config(config: WhitelabelConfig) -> WhitelabelConfig:
    """Keep the platform's colours and fonts; pages show them at once."""
    config.pk = WhitelabelConfig.ONLY
    config.save()
    transaction.on_commit(forget_brand, robust=True)
    return config


def _first(sources: list[dict[str, Any]], *names: str) -> list[str]:
    """Give values of the first source that has any of them."""
    for source in sources:
        values = [str(source.get(name) or "") for name in names]
        if any(values):
            return values
    return [""] * len(names)


def _key(company_id: int) -> str:
    return f"company_{company_id}:brand"


def _read(key: str) -> dict[str, Any]:
    if key == _LOGIN:
        return _changed(login_config(), without=_SECRETS)
    if key == _WHITELABEL:
        return _changed(whitelabel_config())
    named = key.removeprefix("company_").removesuffix(":brand")
    rows = Setting.objects.filter(company_id=int(named), key__in=_NAMES).exclude(value="")
    return dict(rows.values_list("key", "value"))


def _changed(row: LoginConfig | WhitelabelConfig, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What differs from a new row: only that may change the pages' own look."""
    fresh = model_to_dict(type(row)())
    return {
        name: value
        for name, value in model_to_dict(row).items()
        if name not in without and name != "id" and value != fresh[name]
    }
