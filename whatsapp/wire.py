"""Connections as the contract writes them (models.md Whatsapp; rest.md §1.1).

Secrets never leave: a token is told by its last letters, credentials not at all, and what links a
phone (QR text, pairing code) only to those who manage connections. Columns whose engine a company
cannot have yet are at their documented defaults.
"""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from whaticket.tenancy import current_company_id
from whatsapp.models import ApiToken, ApiUsage, Connection

# What stands before the letters of a token that are shown.
MASK = "••••"

_FOR_EVERYBODY = {
    "battery": None,
    "plugged": None,
    "provider": "stable",
    "facebookUserToken": None,
    "tokenMeta": None,
    "facebookPageUserId": None,
    "facebookUserId": None,
    "statusImportMessages": None,
    "integrationId": None,
    "flowIdNotPhrase": None,
    "flowIdWelcome": None,
    "promptId": None,
}


def masked_token(connection: Connection) -> str:
    """Write a token so that people can tell two apart and nobody can use it."""
    return f"{MASK}{connection.token_hint}" if connection.token_hint else ""


def _minutes(value: int) -> str:
    """Some of the contract's numbers are text, and nothing where they are off."""
    return str(value) if value else ""


def _moment(value: datetime.datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE)).strftime("%Y-%m-%dT%H:%M")


def session(connection: Connection, *, manages: bool) -> dict[str, Any]:
    """All columns of Whatsapp: the shape Session, and the base of the others."""
    row = connection
    wire = {
        "id": row.pk,
        "name": row.name,
        "status": row.status,
        "statusReason": row.status_reason,
        "qrcode": row.qrcode if manages else "",
        "retries": row.retries,
        "number": row.number,
        "channel": row.channel,
        "driver": row.driver,
        "isDefault": row.is_default,
        "companyId": current_company_id(),
        "token": masked_token(row) if manages else "",
        "greetingMessage": row.greeting_message,
        "complationMessage": row.completion_message,
        "outOfHoursMessage": row.out_of_hours_message,
        "ratingMessage": row.rating_message,
        "farewellMessage": row.farewell_message,
        "greetingMediaAttachment": row.greeting_media or None,
        "maxUseBotQueues": row.max_bot_menus,
        "timeUseBotQueues": str(row.bot_silence_minutes),
        "expiresTicket": row.expires_minutes,
        "whenExpiresTicket": "1" if row.expires_only_after_us else "0",
        "expiresInactiveMessage": row.expires_message,
        "timeInactiveMessage": _minutes(row.inactive_minutes),
        "inactiveMessage": row.inactive_message,
        "expiresTicketNPS": _minutes(row.rating_expires_minutes),
        "maxUseBotQueuesNPS": row.max_rating_retries,
        "timeSendQueue": row.move_after_minutes,
        "sendIdQueue": row.move_to_queue_id,
        "timeCreateNewTicket": row.reopen_minutes,
        "allowGroup": row.allows_groups,
        "groupAsTicket": "enabled" if row.groups_as_tickets else "disabled",
        "schedules": row.schedules,
        "collectiveVacationMessage": row.vacation_message,
        "collectiveVacationStart": row.vacation_starts.isoformat() if row.vacation_starts else "",
        "collectiveVacationEnd": row.vacation_ends.isoformat() if row.vacation_ends else "",
        "importOldMessages": _moment(row.import_from),
        "importRecentMessages": _moment(row.import_until),
        "importOldMessagesGroups": row.import_groups,
        "closedTicketsPostImported": row.import_closes_tickets,
        "queueIdImportMessages": row.import_queue_id,
        "lastSeenAt": row.last_seen_at,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    } | _FOR_EVERYBODY
    if manages and row.pair_code:
        wire["connectionCode"] = row.pair_code
    if manages and row.driver == "cloud":
        wire["driverSettings"] = _driver_settings(row)
    return wire


def _driver_settings(row: Connection) -> dict[str, Any]:
    """What an administrator needs to finish the set-up with Meta; no secret among it."""
    stored = row.driver_settings
    return {
        "phoneNumberId": stored.get("phone_number_id", ""),
        "wabaId": stored.get("waba_id", ""),
        "version": stored.get("version", ""),
        "webhookUrl": f"{settings.BACKEND_URL}/webhooks/cloud/{stored.get('webhook_key', '')}",
        "hasAccessToken": bool(row.credentials.get("access_token")),
        "hasAppSecret": bool(row.credentials.get("app_secret")),
        "hasVerifyToken": bool(row.credentials.get("verify_token")),
    }


def row(connection: Connection, *, manages: bool) -> dict[str, Any]:
    """The shape WhatsappRow. Needs `queues` prefetched where there are many."""
    queues: list[dict[str, Any]] = [
        {
            "id": queue.pk,
            "name": queue.name,
            "color": queue.color,
            "greetingMessage": queue.greeting_message,
        }
        for queue in connection.queues.all()  # type: ignore[attr-defined]
    ]
    return session(connection, manages=manages) | {"queues": queues, "prompt": None}


def show(connection: Connection, *, manages: bool) -> dict[str, Any]:
    """The shape WhatsappShow; queues in their order."""
    queues: list[dict[str, Any]] = [
        {
            "id": queue.pk,
            "name": queue.name,
            "color": queue.color,
            "greetingMessage": queue.greeting_message,
            "integrationId": queue.integration_id,
            "fileListId": queue.file_list_id,
            "closeTicket": queue.closes_tickets,
            "chatbots": [],
        }
        for queue in connection.queues.all()  # type: ignore[attr-defined]
    ]
    return session(connection, manages=manages) | {
        "queues": queues,
        "prompt": None,
        "flowBuilder": None,
    }


def token_row(token: ApiToken) -> dict[str, Any]:
    """A token as administrators see it; its secret is kept nowhere."""
    return {
        "id": token.pk,
        "whatsappId": token.connection_id,
        "name": token.name,
        "hint": f"{MASK}{token.hint}",
        "scopes": token.scopes,
        "isMain": token.is_main,
        "ratePerMinute": token.rate_per_minute,
        "userId": token.created_by_id,
        "createdAt": token.created_at,
        "lastUsedAt": token.last_used_at,
    }


def usage_row(usage: ApiUsage) -> dict[str, Any]:
    """One day of the external API (models.md ApiUsages)."""
    return {
        "id": usage.pk,
        "companyId": current_company_id(),
        "dateUsed": usage.day.strftime("%d/%m/%Y"),
        "UsedOnDay": usage.total,
        "usedText": usage.texts,
        "usedPDF": usage.pdfs,
        "usedImage": usage.images,
        "usedVideo": usage.videos,
        "usedOther": usage.others,
        "usedCheckNumber": usage.checks,
        "createdAt": usage.created_at,
        "updatedAt": usage.updated_at,
    }
