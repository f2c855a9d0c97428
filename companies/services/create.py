"""A company and its schema come and go together."""

import datetime
import shutil
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from companies.exceptions import CompanyNameInvalid, CompanyNameTaken, PlatformOwnerProtected
from companies.models import Company, CompanySettings
from companies.services.settings import forget_settings
from dispatch.models import Agenda, Inbox, Outbox, Route, SessionLease
from whaticket.tenancy import PUBLIC, TEMPLATE, in_schema, schema_of


@transaction.atomic
def create_company(
    *,
    name: str,
    email: str = "",
    phone: str = "",
    document: str = "",
    is_active: bool = True,
    due_on: datetime.date | None = None,
    company_id: int | None = None,
) -> Company:
    """Create a company with its settings and a schema cloned from the template, in one transaction.

    Raises CompanyNameInvalid or CompanyNameTaken (behaviour 8).
    """
    name = clean_name(name)
    with in_schema(PUBLIC):
        company_id = company_id or _next_id()
        company = Company(
            pk=company_id,
            schema_name=schema_of(company_id),
            name=name,
            email=email,
            phone=phone,
            document=document,
            is_active=is_active,
            due_on=due_on,
        )
        try:
            with transaction.atomic():
                company.save(force_insert=True)
        except IntegrityError as error:
            raise CompanyNameTaken from error
        CompanySettings.objects.create(company=company)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT public.clone_schema(%s, %s, 'DATA')", [TEMPLATE, company.schema_name]
            )
            cursor.execute(
                "SELECT public.copy_constraint_names(%s, %s)", [TEMPLATE, company.schema_name]
            )
    return company


@transaction.atomic
def drop_company(company: Company) -> None:
    """Remove a company and everything it had; there is no way back.

    Raises PlatformOwnerProtected for company 1.
    """
    if company.pk == Company.OWNER_ID:
        raise PlatformOwnerProtected
    company_id = company.pk
    schema = schema_of(company_id)
    pointers: list[Any] = [Agenda, Inbox, Outbox, Route, SessionLease]
    with in_schema(PUBLIC):
        for table in pointers:
            table.objects.filter(company_id=company_id).delete()
        company.delete()
        with connection.cursor() as cursor:
            # A table with checks still to come cannot be dropped.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(schema)} CASCADE")

    def clear_up() -> None:
        forget_settings(company_id)
        shutil.rmtree(settings.MEDIA_ROOT / schema, ignore_errors=True)

    transaction.on_commit(clear_up, robust=True)


def clean_name(name: str) -> str:
    """Trim a company's name; raise CompanyNameInvalid where less than two characters are left."""
    name = name.strip()
    if len(name) < 2:
        raise CompanyNameInvalid
    return name


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('companies_company', 'id'))")
        return int(cursor.fetchone()[0])
