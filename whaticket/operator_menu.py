"""The menu of the operators' pages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, model: str, icon: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}


MENU: list[dict[str, Any]] = [
    {
        "title": _("Companies"),
        "items": [
            _item(_("Companies"), "companies_company", "apartment"),
            _item(_("Subscriptions"), "billing_subscription", "receipt_long"),
            _item(_("Plans"), "billing_plan", "sell"),
            _item(_("Named settings"), "companies_setting", "tune"),
            _item(_("Visits of operators"), "accounts_visit", "meeting_room"),
            _item(_("Operators' log"), "admin_logentry", "history"),
        ],
    },
    {
        "title": _("Platform"),
        "items": [
            _item(_("Announcements"), "companies_announcement", "campaign"),
            _item(_("Help pages"), "companies_help", "help"),
            _item(_("Partners"), "companies_partner", "handshake"),
            _item(_("Sign-in page"), "companies_loginconfig", "login"),
            _item(_("White label"), "companies_whitelabelconfig", "palette"),
            _item(_("Versions"), "companies_version", "new_releases"),
        ],
    },
    {
        "title": _("Billing"),
        "items": [
            _item(_("Invoices"), "billing_invoice", "request_quote"),
            _item(_("Payments"), "billing_charge", "payments"),
            _item(_("Billing rules"), "billing_billingrules", "rule"),
            _item(_("Payment account"), "billing_paymentaccount", "account_balance"),
        ],
    },
    {
        "title": _("People"),
        "items": [
            _item(_("People"), "accounts_user", "group"),
            _item(_("Sign-ins"), "accounts_session", "devices"),
            _item(_("Password recoveries"), "accounts_passwordrecovery", "lock_reset"),
            _item(_("Authenticators"), "otp_totp_totpdevice", "phonelink_lock"),
            _item(_("Backup codes"), "otp_static_staticdevice", "password"),
            _item(_("Lockouts"), "axes_accessattempt", "block"),
            _item(_("Failed sign-ins"), "axes_accessfailurelog", "report"),
        ],
    },
    {
        "title": _("Work"),
        "items": [
            _item(_("Session leases"), "dispatch_sessionlease", "cell_tower"),
            _item(_("Outbox"), "dispatch_outbox", "outbox"),
            _item(_("Inbox"), "dispatch_inbox", "inbox"),
            _item(_("Agenda"), "dispatch_agenda", "event"),
            _item(_("Addresses and keys"), "dispatch_route", "signpost"),
            _item(_("Lives of the database"), "dispatch_installation", "settings_backup_restore"),
        ],
    },
    {
        "title": _("Clock"),
        "items": [
            _item(_("Periodic tasks"), "django_celery_beat_periodictask", "schedule"),
            _item(_("Intervals"), "django_celery_beat_intervalschedule", "timer"),
            _item(_("Times of day"), "django_celery_beat_crontabschedule", "alarm"),
        ],
    },
]


# Of the company that an operator has entered.
COMPANY_MENU: list[dict[str, Any]] = [
    {
        "title": _("Conversations"),
        "items": [
            _item(_("Tickets"), "tickets_ticket", "confirmation_number"),
            _item(_("Messages"), "messaging_message", "chat"),
            _item(_("Queues"), "tickets_queue", "groups"),
            _item(_("Notes"), "tickets_ticketnote", "sticky_note_2"),
            _item(_("Stretches of service"), "tickets_episode", "timelapse"),
            _item(_("Ratings"), "tickets_rating", "star"),
            _item(_("Assignments"), "tickets_assignment", "assignment_ind"),
        ],
    },
    {
        "title": _("Contacts"),
        "items": [
            _item(_("Contacts"), "contacts_contact", "contacts"),
            _item(_("Identities"), "contacts_contactidentity", "fingerprint"),
            _item(_("Fields"), "contacts_contactfield", "list_alt"),
            _item(_("Wallets"), "contacts_wallet", "account_balance_wallet"),
            _item(_("Tags"), "contacts_tag", "label"),
            _item(_("Merges"), "contacts_contactmerge", "merge"),
            _item(_("Imports"), "contacts_contactimport", "upload_file"),
        ],
    },
    {
        "title": _("Connections"),
        "items": [
            _item(_("Connections"), "whatsapp_connection", "smartphone"),
            _item(_("Raw events"), "messaging_inboundevent", "move_to_inbox"),
            _item(_("Keys of programs"), "whatsapp_apitoken", "key"),
            _item(_("Calls of programs"), "whatsapp_apirequest", "api"),
            _item(_("Use by programs"), "whatsapp_apiusage", "bar_chart"),
            _item(_("Direct messages"), "whatsapp_directmessage", "send"),
        ],
    },
    {
        "title": _("Team"),
        "items": [
            _item(_("Quick messages"), "messaging_quickmessage", "bolt"),
            _item(_("File lists"), "messaging_filelist", "folder"),
            _item(_("Rooms"), "messaging_teamchat", "forum"),
            _item(_("Said in rooms"), "messaging_teamchatmessage", "comment"),
            _item(_("To-dos"), "messaging_todo", "checklist"),
        ],
    },
    {
        "title": _("Bot and log"),
        "items": [
            _item(_("Turns of the bot"), "chatbots_turn", "smart_toy"),
            _item(_("Waiting texts"), "chatbots_pendingtext", "schedule_send"),
            _item(_("Event log"), "events_eventrecord", "receipt_long"),
        ],
    },
]

MONITOR: list[dict[str, Any]] = [
    {
        "title": _("Tasks"),
        "items": [{"title": _("Task monitor"), "icon": "monitoring", "link": "/admin/queues"}],
    }
]

DOORS: list[dict[str, Any]] = [
    {
        "items": [
            {"title": _("Enter a company"), "icon": "login", "link": reverse_lazy("admin:enter")}
        ]
    }
]


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the menu; unfold asks on every page. A company's rows are in it while one is entered."""
    here = COMPANY_MENU if getattr(request, "visit", None) is not None else []
    monitor = MONITOR if settings.BULL_BOARD else []
    return [*here, *DOORS, *MENU, *monitor]
