"""The menu of the operators' pages."""

from typing import Any

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


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the menu; unfold asks on every page."""
    return MENU
