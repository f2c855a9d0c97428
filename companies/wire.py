"""Companies and their settings as the contract writes them (models.md; rest.md §4)."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from companies.models import (
    Announcement,
    Company,
    CompanySettings,
    Help,
    LoginConfig,
    Partner,
    Setting,
    WhitelabelConfig,
)
from companies.registry import COLUMNS, Key


def flag(value: bool) -> str:
    """Write a yes or no as most of the contract does."""
    return "enabled" if value else "disabled"


def company_settings(row: CompanySettings) -> dict[str, Any]:
    """All columns of CompaniesSettings."""
    columns = {key.name: key.write(getattr(row, key.field)) for key in COLUMNS}
    times = {"createdAt": row.created_at, "updatedAt": row.updated_at}
    return {"id": row.pk, "companyId": row.company_id, **columns, **times}


def column_setting(row: CompanySettings, key: Key) -> dict[str, Any]:
    """One column as clients read it that know settings only by name.

    No row of Settings stands behind it, so its id is below zero: its place among the columns.
    """
    return {
        "id": -1 - COLUMNS.index(key),
        "key": key.name,
        "value": key.text(getattr(row, key.field)),
        "companyId": row.company_id,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def named_setting(row: Setting) -> dict[str, Any]:
    """One row of Settings."""
    return {
        "id": row.pk,
        "key": row.key,
        "value": row.value,
        "companyId": row.company_id,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def due_date(company: Company) -> datetime.datetime | None:
    """The last paid day as a moment: its first instant where the companies are."""
    if company.due_on is None:
        return None
    zone = ZoneInfo(settings.COMPANY_TIME_ZONE)
    return datetime.datetime.combine(company.due_on, datetime.time(), zone)


def company_row(company: Company) -> dict[str, Any]:
    """All columns of Companies. Needs `subscription` selected too."""
    subscription = getattr(company, "subscription", None)
    return {
        "id": company.pk,
        "name": company.name,
        "phone": company.phone,
        "email": company.email,
        "planId": subscription.plan_id if subscription else None,
        "status": company.is_active,
        "schedules": company.schedules,
        "dueDate": due_date(company),
        "recurrence": subscription.recurrence if subscription else "",
        "document": company.document,
        "paymentMethod": subscription.payment_method if subscription else "",
        "lastLogin": company.last_login_at,
        # Columns that no client fills and nothing ever wrote.
        "folderSize": None,
        "numberFileFolder": None,
        "updatedAtFolder": None,
        "createdAt": company.created_at,
        "updatedAt": company.updated_at,
    }


def announcement_row(row: Announcement) -> dict[str, Any]:
    """All columns of Announcements; the file as a whole address."""
    path = row.media_path
    return {
        "id": row.pk,
        "priority": row.priority,
        "title": row.title,
        "text": row.text,
        "mediaPath": f"{settings.BACKEND_URL}/public/announcements/{path}" if path else None,
        "mediaName": row.media_name or None,
        "companyId": row.company_id,
        "status": row.is_shown,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def help_row(row: Help) -> dict[str, Any]:
    """All columns of Helps."""
    return {
        "id": row.pk,
        "title": row.title,
        "description": row.description,
        "video": row.video,
        "link": row.link,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def partner_row(row: Partner) -> dict[str, Any]:
    """All columns of Partners."""
    return {
        "id": row.pk,
        "name": row.name,
        "phone": row.phone,
        "email": row.email,
        "document": row.document,
        "commission": float(row.commission),
        "typeCommission": row.commission_type,
        "walletId": row.wallet_id,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


# contract key -> column, apart from the mail server's
LOGIN_FIELDS = {
    "theme": "theme",
    "logoUrl": "logo_url",
    "backgroundImageUrl": "background_image_url",
    "title": "title",
    "subtitle": "subtitle",
    "typingTexts": "typing_texts",
    "primaryColor": "primary_color",
    "secondaryColor": "secondary_color",
    "enableTypingEffect": "enables_typing",
    "enableAnimations": "enables_animations",
    "enablePasswordRecovery": "enables_recovery",
    "customCss": "custom_css",
    "welcomeMessage": "welcome_message",
    "teamImages": "team_images",
}
MAIL_FIELDS = {
    "mailHost": "mail_host",
    "mailPort": "mail_port",
    "mailUser": "mail_user",
    "mailFrom": "mail_from",
    "mailSecure": "mail_secure",
}


def login_row(row: LoginConfig, *, with_mail: bool) -> dict[str, Any]:
    """All columns of LoginConfigs; the mail server's only where they may be seen."""
    wire: dict[str, Any] = {"id": row.pk}
    wire |= {key: getattr(row, field) for key, field in LOGIN_FIELDS.items()}
    for key, field in MAIL_FIELDS.items():
        wire[key] = (getattr(row, field) or None) if with_mail else None
    wire["mailSecure"] = row.mail_secure if with_mail else None
    wire["mailPass"] = masked(row.mail_credentials.get("password", "")) if with_mail else None
    return wire | _times(row)


def masked(secret: str) -> str | None:
    """Show that there is a secret, and of a long one its last four characters."""
    if not secret:
        return None
    return f"***{secret[-4:]}" if len(secret) >= 8 else "***"


_WHITELABEL = [
    field.attname
    for field in WhitelabelConfig._meta.concrete_fields
    if field.attname not in {"id", "created_at", "updated_at"}
]
# contract key -> column
WHITELABEL_FIELDS = {
    name.split("_")[0] + "".join(word.capitalize() for word in name.split("_")[1:]): name
    for name in _WHITELABEL
}


def whitelabel_row(row: WhitelabelConfig) -> dict[str, Any]:
    """All columns of WhitelabelConfigs."""
    columns = {key: getattr(row, field) for key, field in WHITELABEL_FIELDS.items()}
    return {"id": row.pk, **columns, **_times(row)}


def _times(row: LoginConfig | WhitelabelConfig) -> dict[str, Any]:
    # One that nobody has changed is not kept yet.
    return {"createdAt": row.created_at, "updatedAt": row.updated_at or row.created_at}
