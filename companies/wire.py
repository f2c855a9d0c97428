"""Companies and their settings as the contract writes them (models.md; rest.md §4)."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from companies.models import Company, CompanySettings, Setting

# contract key -> (field, how its value is written)
SETTING_FIELDS: dict[str, tuple[str, str]] = {
    "hoursCloseTicketsAuto": ("hours_close_tickets", "text"),
    "chatBotType": ("chatbot_type", "text"),
    "acceptCallWhatsapp": ("answers_calls", "flag"),
    "userRandom": ("assigns_randomly", "flag"),
    "sendGreetingMessageOneQueues": ("greets_on_single_queue", "flag"),
    "sendSignMessage": ("signs_messages", "flag"),
    "sendFarewellWaitingTicket": ("says_farewell_to_waiting", "flag"),
    "userRating": ("asks_rating", "flag"),
    "sendGreetingAccepted": ("greets_on_accept", "flag"),
    "CheckMsgIsGroup": ("checks_group_messages", "flag"),
    "sendQueuePosition": ("sends_queue_position", "flag"),
    "scheduleType": ("schedule_type", "text"),
    "acceptAudioMessageContact": ("accepts_audio", "flag"),
    "enableLGPD": ("lgpd_enabled", "flag"),
    "sendMsgTransfTicket": ("announces_transfer", "flag"),
    "requiredTag": ("requires_tag", "flag"),
    "lgpdDeleteMessage": ("lgpd_blanks_deleted", "flag"),
    "lgpdHideNumber": ("lgpd_hides_numbers", "flag"),
    "lgpdConsent": ("lgpd_asks_every_ticket", "flag"),
    "lgpdLink": ("lgpd_link", "text"),
    "lgpdMessage": ("lgpd_text", "text"),
    "DirectTicketsToWallets": ("routes_to_wallets", "bool"),
    "closeTicketOnTransfer": ("closes_on_transfer", "bool"),
    "transferMessage": ("transfer_text", "text"),
    "greetingAcceptedMessage": ("accept_greeting", "text"),
    "AcceptCallWhatsappMessage": ("call_answer", "text"),
    "sendQueuePositionMessage": ("queue_position_text", "text"),
    "showNotificationPending": ("notifies_pending", "bool"),
}


def flag(value: bool) -> str:
    """Write a yes or no as most of the contract does."""
    return "enabled" if value else "disabled"


def company_settings(row: CompanySettings) -> dict[str, Any]:
    """All columns of CompaniesSettings."""
    wire: dict[str, Any] = {"id": row.pk, "companyId": row.company_id}
    for key, (field, kind) in SETTING_FIELDS.items():
        value = getattr(row, field)
        wire[key] = flag(value) if kind == "flag" else value
    return wire | {"createdAt": row.created_at, "updatedAt": row.updated_at}


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
