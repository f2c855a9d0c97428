"""People as the contract writes them (rest.md §1.1); nothing secret is in any shape."""

import datetime
from typing import Any

from accounts.models import User
from billing.wire import plan13, plan_of
from companies.models import Company
from companies.wire import company_row, company_settings, due_date, flag

Queues = list[dict[str, Any]]

# contract key -> (field, how its value is written)
FIELDS: dict[str, tuple[str, str]] = {
    "name": ("name", "text"),
    "email": ("email", "text"),
    "profile": ("profile", "text"),
    "profileImage": ("profile_image", "image"),
    "super": ("is_super", "bool"),
    "whatsappId": ("connection_id", "text"),
    "online": ("is_online", "bool"),
    "startWork": ("work_starts", "time"),
    "endWork": ("work_ends", "time"),
    "color": ("color", "text"),
    "farewellMessage": ("farewell_message", "text"),
    "allTicket": ("sees_unqueued", "enable"),
    "allowGroup": ("sees_groups", "bool"),
    "defaultTheme": ("default_theme", "text"),
    "defaultMenu": ("menu_open", "menu"),
    "allHistoric": ("sees_all_history", "flag"),
    "allUserChat": ("sees_all_users", "flag"),
    "userClosePendingTicket": ("closes_pending", "flag"),
    "showDashboard": ("sees_dashboard", "flag"),
    "defaultTicketsManagerWidth": ("pane_width", "text"),
    "allowRealTime": ("sees_realtime", "flag"),
    "allowConnections": ("manages_connections", "flag"),
}

SHOW = (
    "name", "email", "profile", "profileImage", "super", "whatsappId", "online", "startWork",
    "endWork", "allTicket", "defaultTheme", "allowGroup", "defaultMenu", "farewellMessage",
    "userClosePendingTicket", "showDashboard", "defaultTicketsManagerWidth", "allUserChat",
    "allHistoric", "allowRealTime", "allowConnections",
)  # fmt: skip
AUTH = (
    "name", "email", "profile", "super", "startWork", "endWork", "allTicket", "whatsappId",
    "profileImage", "defaultTheme", "defaultMenu", "allHistoric", "allUserChat",
    "defaultTicketsManagerWidth", "userClosePendingTicket", "showDashboard", "allowGroup",
    "allowRealTime", "allowConnections",
)  # fmt: skip
UPDATED = (
    "name", "email", "profile", "startWork", "endWork", "allTicket", "defaultMenu", "defaultTheme",
    "allowGroup", "allHistoric", "userClosePendingTicket", "showDashboard",
    "defaultTicketsManagerWidth", "allowRealTime", "allowConnections", "profileImage",
)  # fmt: skip
ROW = ("name", "email", "profile", "online", "startWork", "endWork", "profileImage")


def queue3(queue: dict[str, Any]) -> dict[str, Any]:
    """What names a queue and colours it."""
    return {"id": queue["id"], "name": queue["name"], "color": queue["color"]}


def user_row(user: User, queues: Queues) -> dict[str, Any]:
    """One line of `GET /users`."""
    company = user.company
    return _fields(user, ROW) | {
        "companyId": user.company_id,
        "queues": [queue3(queue) for queue in queues],
        "company": {
            "id": company.pk,
            "name": company.name,
            "dueDate": due_date(company),
            "document": company.document,
        },
    }


def user_name(user: User, queues: Queues) -> dict[str, Any]:
    """One line of `GET /users/list`."""
    return {"id": user.pk, "name": user.name, "email": user.email, "queues": queues}


def user_show(user: User, queues: Queues) -> dict[str, Any]:
    """UserShow, without the token version that it once exposed."""
    return _fields(user, SHOW) | {
        "companyId": user.company_id,
        "queues": [queue3(queue) for queue in queues],
        "company": _company_with_plan(user.company),
    }


def user_auth(user: User, queues: Queues) -> dict[str, Any]:
    """UserAuth; its `token`, which passed for an access token, is gone."""
    company = company_row(user.company)
    return _fields(user, AUTH) | {
        "companyId": user.company_id,
        "company": company | {"companieSettings": [company_settings(user.company.settings)]},
        "queues": queues,
    }


def user_updated(user: User, queues: Queues) -> dict[str, Any]:
    """UserUpd."""
    return _fields(user, UPDATED) | {
        "companyId": user.company_id,
        "company": company_row(user.company),
        "queues": queues,
        "greetingMessage": user.farewell_message,
    }


def user_all(user: User, queues: Queues) -> dict[str, Any]:
    """All columns that are no secret, for the operator's programs."""
    return _fields(user, FIELDS) | {
        "companyId": user.company_id,
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
        "queues": [queue3(queue) for queue in queues],
        "company": _company_with_plan(user.company),
    }


def _fields(user: User, keys: Any) -> dict[str, Any]:
    wire: dict[str, Any] = {"id": user.pk}
    for key in keys:
        field, kind = FIELDS[key]
        wire[key] = _write(getattr(user, field), kind)
    return wire


def _write(value: Any, kind: str) -> Any:
    if kind == "flag":
        return flag(value)
    if kind == "enable":
        # No "d" at the end: this key alone is written so (models.md, User).
        return "enable" if value else "disable"
    if kind == "menu":
        return "open" if value else "closed"
    if kind == "time":
        # A user just created still has what was given, perhaps a text.
        return value.strftime("%H:%M") if isinstance(value, datetime.time) else value
    if kind == "image":
        return value or None
    return value


def _company_with_plan(company: Company) -> dict[str, Any]:
    return {
        "id": company.pk,
        "name": company.name,
        "dueDate": due_date(company),
        "document": company.document,
        "plan": plan13(plan_of(company)),
    }
