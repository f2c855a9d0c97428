"""Operators inside companies: entered on purpose, told to the company, over within the hour."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.exceptions import VisitReasonMissing
from accounts.models import User, Visit
from companies.events import CompanyEntered, CompanyLeft
from companies.models import Company
from events.bus import publish
from whaticket.exceptions import NoPermission
from whaticket.tenancy import in_company

LASTS = timedelta(hours=1)


@transaction.atomic
def enter_company(company: Company, *, by: User, reason: str) -> Visit:
    """Let an operator into a company; its event log and the platform's visits say who and why.

    Raises NoPermission for anybody else, VisitReasonMissing.
    """
    if not by.is_super:
        raise NoPermission
    why = " ".join(reason.split())[:255]
    if not why:
        raise VisitReasonMissing
    now = timezone.now()
    visit = Visit.objects.create(
        operator=by,
        operator_email=by.email,
        company=company,
        company_name=company.name,
        reason=why,
        entered_at=now,
        expires_at=now + LASTS,
    )
    with in_company(company.pk):
        publish(CompanyEntered(company_id=company.pk, by_id=by.pk, visit_id=visit.pk, reason=why))
    return visit


@transaction.atomic
def end_visit(visit_id: int) -> None:
    """End a visit that still lasts; one that is over stays as it was."""
    now = timezone.now()
    ended = Visit.objects.filter(pk=visit_id, left_at=None, expires_at__gt=now)
    if not ended.update(left_at=now):
        return
    visit = Visit.objects.get(pk=visit_id)
    if visit.company_id is not None and visit.operator_id is not None:
        with in_company(visit.company_id):
            publish(
                CompanyLeft(company_id=visit.company_id, by_id=visit.operator_id, visit_id=visit.pk)
            )


def visit_in_force(visit_id: int, *, of: User) -> Visit | None:
    """Give an operator's visit, with its company, as long as it lasts."""
    return (
        Visit.objects.select_related("company")
        .filter(pk=visit_id, operator=of, left_at=None, expires_at__gt=timezone.now())
        .exclude(company=None)
        .first()
    )
