"""A company comes with its administrator and its plan, all or nothing (behaviour 7 and 8)."""

import datetime
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.exceptions import UserNotFound
from accounts.models import User
from accounts.services import create_user, update_user
from billing.exceptions import PlanNotFound, SignupClosed
from billing.models import Subscription
from billing.services.plans import find_plan
from companies.events import CompanySignedUp
from companies.exceptions import CompanyDocumentInvalid, CompanyDocumentTaken, SettingNotFound
from companies.models import Company
from companies.services import (
    create_company,
    may_sign_up,
    reactivate_company,
    set_named_setting,
    suspend_company,
    update_company,
)
from events.bus import publish
from whaticket.exceptions import NoPermission
from whaticket.tenancy import in_company

TRIAL_DAYS = 3
# Ten years; a slip of the finger must not lead past the calendar.
LONGEST_TRIAL = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is known of a company and its administrator when they come."""

    name: str
    email: str
    # None: nobody can sign in until a password was set by recovery.
    password: str | None
    admin_name: str
    phone: str = ""
    document: str = ""
    plan_id: int | None = None
    is_active: bool = True
    due_on: datetime.date | None = None
    recurrence: str = ""
    payment_method: str = ""
    campaigns_enabled: bool | None = None
    admin_fields: dict[str, Any] | None = None


@transaction.atomic
def register_company(order: Registration, *, by_id: int | None) -> tuple[Company, User]:
    """Create a company with its administrator, settings and plan.

    Raises CompanyNameInvalid, CompanyNameTaken, EmailTaken or PlanNotFound; nothing remains then.
    """
    plan = find_plan(order.plan_id) if order.plan_id is not None else None
    company = create_company(
        name=order.name,
        email=order.email,
        phone=order.phone,
        document=order.document,
        is_active=order.is_active,
        due_on=order.due_on,
    )
    if plan is not None:
        Subscription.objects.create(
            company=company,
            plan=plan,
            recurrence=order.recurrence,
            payment_method=order.payment_method,
        )
    if order.campaigns_enabled is not None:
        _set_campaigns(company, order.campaigns_enabled)
    admin = create_user(
        company_id=company.pk,
        email=order.email,
        password=order.password,
        name=order.admin_name,
        profile=User.Profile.ADMIN,
        by_id=by_id,
        **(order.admin_fields or {}),
    )
    return company, admin


@transaction.atomic
def sign_up(order: Registration) -> Company:
    """Let a team register itself on a public plan, with a trial of three days or the plan's own.

    Raises SignupClosed, SettingNotFound, NoPermission on a demo platform, PlanNotFound, and what
    `register_company` raises.
    """
    if settings.DEMO:
        raise NoPermission
    is_open = may_sign_up()
    if is_open is None:
        raise SettingNotFound
    if not is_open:
        raise SignupClosed
    plan = find_plan(order.plan_id) if order.plan_id is not None else None
    if plan is None or not plan.is_public:
        raise PlanNotFound
    if plan.trial and plan.trial_days:
        order = replace(order, due_on=trial_end(min(plan.trial_days, LONGEST_TRIAL)))
    company, admin = register_company(order, by_id=None)
    with in_company(company.pk):
        publish(CompanySignedUp(company_id=company.pk, admin_id=admin.pk))
    return company


def today() -> datetime.date:
    """Give the day it is where the companies are."""
    return timezone.localdate(timezone=ZoneInfo(settings.COMPANY_TIME_ZONE))


def trial_end(days: int = TRIAL_DAYS) -> datetime.date:
    """Give the last day of a trial that begins today."""
    return today() + datetime.timedelta(days=days)


@transaction.atomic
def change_account(company: Company, *, by: User | None, **changes: Any) -> Company:
    """Change a company together with its plan, its state and its main user's sign-in.

    `email` and `password` are those of the main user too. Raises what `update_company`,
    `update_user` and `find_plan` raise.
    """
    by_id = by.pk if by else None
    login = {key: changes[key] for key in ("email", "password") if changes.get(key)}
    if "admin_name" in changes:
        login["name"] = changes.pop("admin_name")
    changes.pop("password", None)
    if login:
        _change_login(company, login, by=by)
    _change_subscription(company, changes)
    is_active = changes.pop("is_active", None)
    campaigns = changes.pop("campaigns_enabled", None)
    if campaigns is not None:
        _set_campaigns(company, campaigns)
    update_company(company, by_id=by_id, **changes)
    if is_active is True:
        reactivate_company(company, by_id=by_id)
    elif is_active is False and company.is_active:
        suspend_company(company, by_id=by_id)
    return company


def main_user(company: Company) -> User:
    """Give the person behind the company's address, else its first administrator.

    Raises UserNotFound.
    """
    people = User.objects.of_company(company.pk)
    found = people.with_email(company.email).first() if company.email else None
    found = found or people.filter(profile=User.Profile.ADMIN).order_by("pk").first()
    if found is None:
        raise UserNotFound
    return found


def check_document(document: str, *, company_id: int | None = None) -> str:
    """Check a tax number; raise CompanyDocumentInvalid or CompanyDocumentTaken."""
    if not 11 <= len(document) <= 14:
        raise CompanyDocumentInvalid
    if Company.objects.filter(document=document).exclude(pk=company_id).exists():
        raise CompanyDocumentTaken
    return document


def _change_login(company: Company, login: dict[str, Any], *, by: User | None) -> None:
    user = main_user(company)
    if login.get("email", user.email) == user.email:
        login.pop("email", None)
    if login:
        update_user(user, by=by, **login)
        company.refresh_from_db(fields=["email"])


def _change_subscription(company: Company, changes: dict[str, Any]) -> None:
    defaults: dict[str, Any] = {
        key: changes.pop(key)
        for key in ("plan_id", "recurrence", "payment_method")
        if key in changes
    }
    plan_id = defaults.get("plan_id")
    if plan_id is not None:
        find_plan(plan_id)
    elif "plan_id" in defaults:
        Subscription.objects.filter(company=company).delete()
        return
    if plan_id is not None:
        Subscription.objects.update_or_create(company=company, defaults=defaults)
    elif defaults:
        Subscription.objects.filter(company=company).update(**defaults)


def _set_campaigns(company: Company, is_on: bool) -> None:
    set_named_setting("campaignsEnabled", "true" if is_on else "false", company_id=company.pk)
