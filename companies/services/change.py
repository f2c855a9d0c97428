"""What a company is called, whether it may work, and when."""

from typing import Any

from django.db import IntegrityError, transaction

from companies.events import CompanyReactivated, CompanySuspended, CompanyUpdated
from companies.exceptions import CompanyNameTaken, CompanyNotFound, PlatformOwnerProtected
from companies.hours import clean_schedules
from companies.models import Company
from companies.services.create import clean_name
from events.bus import publish
from whaticket.tenancy import PUBLIC, in_company, in_schema

CHANGEABLE = frozenset({"name", "email", "phone", "document", "due_on", "schedules"})


@transaction.atomic
def update_company(company: Company, *, by_id: int | None, **changes: Any) -> Company:
    """Change facts of a company; raise CompanyNameInvalid, CompanyNameTaken or SchedulesInvalid."""
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"not a fact of a company: {sorted(unknown)}")
    if "name" in changes:
        changes["name"] = clean_name(changes["name"])
    if "schedules" in changes:
        changes["schedules"] = clean_schedules(changes["schedules"])
    changed = sorted(key for key, value in changes.items() if getattr(company, key) != value)
    if not changed:
        return company
    for key in changed:
        setattr(company, key, changes[key])
    try:
        # django-tenants lets nobody save a company from inside another one.
        with transaction.atomic(), in_schema(PUBLIC):
            company.save(update_fields=[*changed, "updated_at"])
    except IntegrityError as error:
        raise CompanyNameTaken from error
    with in_company(company.pk):
        publish(CompanyUpdated(company_id=company.pk, fields=tuple(changed), by_id=by_id))
    return company


@transaction.atomic
def suspend_company(company: Company, *, by_id: int | None, is_unpaid: bool = False) -> Company:
    """Switch a company off: nobody signs in, tokens stop counting, sessions end.

    One that `is_unpaid` may still be signed in to, in order to pay; an operator's word outweighs
    that. Raises PlatformOwnerProtected for company 1.
    """
    if company.pk == Company.OWNER_ID:
        raise PlatformOwnerProtected
    if not is_unpaid:
        Company.objects.filter(pk=company.pk, is_active=False).update(is_unpaid=False)
    news = CompanySuspended(company_id=company.pk, by_id=by_id)
    return _switch(company, to=False, is_unpaid=is_unpaid, news=news)


@transaction.atomic
def reactivate_company(company: Company, *, by_id: int | None) -> Company:
    """Switch a company on again; sign-ins that had not run out count again."""
    news = CompanyReactivated(company_id=company.pk, by_id=by_id)
    return _switch(company, to=True, is_unpaid=False, news=news)


def _switch(
    company: Company,
    *,
    to: bool,
    is_unpaid: bool,
    news: CompanySuspended | CompanyReactivated,
) -> Company:
    # The condition makes one of two simultaneous switches tell, and the other do nothing.
    others = Company.objects.filter(pk=company.pk, is_active=not to)
    if others.update(is_active=to, is_unpaid=is_unpaid):
        with in_company(company.pk):
            publish(news)
    company.is_active, company.is_unpaid = to, is_unpaid
    return company


def find_company(company_id: int) -> Company:
    """Give a company; raise CompanyNotFound."""
    company = Company.objects.select_related("subscription__plan").filter(pk=company_id).first()
    if company is None:
        raise CompanyNotFound
    return company
