"""The sign-in page and the white label, as operators change them."""

from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from companies.custom_css import clean_css
from companies.exceptions import LoginConfigInvalid
from companies.models import LoginConfig, WhitelabelConfig
from companies.services.branding import (
    login_config,
    save_login_config,
    save_whitelabel_config,
    whitelabel_config,
)
from companies.services.uploads import discard, login_folder, store_picture

MOST_TEAM_IMAGES = 8
# Of PostgreSQL's advisory locks, this one: the rows may not exist yet, so they cannot be locked.
LOCK = 0x6C6F6F6B
# What a mail server needs before a mail can be sent through it.
_MAIL = {
    "mail_host": "mailHost",
    "mail_port": "mailPort",
    "mail_user": "mailUser",
    "mail_from": "mailFrom",
}
# A reset leaves who the platform is and takes back only how it is coloured.
_IDENTITY = {"app_logo_light", "app_logo_dark", "app_logo_favicon", "app_name"}


@transaction.atomic
def change_login_config(*, mail_pass: str | None = None, **changes: Any) -> LoginConfig:
    """Change the sign-in page and the mail server; raise LoginConfigInvalid.

    Of the mail server all is needed or nothing. `mail_pass` None, or what was shown of the old
    one, keeps it.
    """
    _alone()
    config = login_config()
    if "custom_css" in changes:
        try:
            changes["custom_css"] = clean_css(changes["custom_css"])
        except ValueError as error:
            raise invalid({"customCss": str(error)}) from error
    for name, value in changes.items():
        setattr(config, name, value)
    if mail_pass is not None and not mail_pass.startswith("***"):
        config.mail_credentials = {"password": mail_pass} if mail_pass else {}
    given = {key: bool(getattr(config, name)) for name, key in _MAIL.items()}
    given["mailPass"] = bool(config.mail_credentials)
    if any(given.values()) and not all(given.values()):
        missing = [key for key, is_there in given.items() if not is_there]
        raise invalid(dict.fromkeys(missing, "The mail server needs this too."))
    return save_login_config(config)


def add_login_picture(file: IO[bytes], kind: str, *, company_id: int) -> str:
    """Keep a picture for the sign-in page and show it there; give its address.

    `kind` is `team`, which adds to at most eight, `background`, or else the logo. Raises
    LoginConfigInvalid when there is no room, and what `store_picture` does.
    """
    name = store_picture(file, login_folder(company_id))
    url = f"{settings.BACKEND_URL}/public/company{company_id}/login/{name}"
    try:
        _show_picture(url, kind)
    except Exception:
        discard(login_folder(company_id), name)
        raise
    return url


@transaction.atomic
def _show_picture(url: str, kind: str) -> None:
    _alone()
    config = login_config()
    if kind == "team":
        if len(config.team_images) >= MOST_TEAM_IMAGES:
            raise invalid({"teamImages": f"At most {MOST_TEAM_IMAGES} pictures are possible."})
        config.team_images = [*config.team_images, url]
    elif kind == "background":
        config.background_image_url = url
    else:
        config.logo_url = url
    save_login_config(config)


@transaction.atomic
def change_whitelabel_config(**changes: Any) -> WhitelabelConfig:
    """Change colours, fonts, logos and name of the whole platform."""
    _alone()
    config = whitelabel_config()
    for name, value in changes.items():
        setattr(config, name, value)
    return save_whitelabel_config(config)


@transaction.atomic
def reset_whitelabel_config() -> WhitelabelConfig:
    """Take back colours and fonts; logos and name stay."""
    _alone()
    config = whitelabel_config()
    fresh = WhitelabelConfig()
    for field in WhitelabelConfig._meta.concrete_fields:
        if field.attname not in _IDENTITY | {"id", "created_at", "updated_at"}:
            setattr(config, field.attname, getattr(fresh, field.attname))
    return save_whitelabel_config(config)


def invalid(problems: dict[str, str]) -> LoginConfigInvalid:
    """Make the refusal in the form that clients of the sign-in page's editor read."""
    return LoginConfigInvalid(
        message="; ".join(f"{key}: {words}" for key, words in problems.items()),
        errors=[{"field": key, "message": words} for key, words in problems.items()],
        fields=list(problems),
        details={key: [words] for key, words in problems.items()},
    )


def is_web_address(text: str) -> bool:
    """Tell addresses that a page may load a picture from."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _alone() -> None:
    """Let one change after the other read, and keep, all that the row has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
