"""A company and its schema come and go together."""

import datetime

from django.db import IntegrityError, connection, transaction

from companies.exceptions import CompanyNameInvalid, CompanyNameTaken
from companies.models import Company, CompanySettings
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
    name = name.strip()
    if len(name) < 2:
        raise CompanyNameInvalid
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
    return company


@transaction.atomic
def drop_company(company: Company) -> None:
    """Remove a company and everything it had. There is no way back."""
    with in_schema(PUBLIC):
        schema = connection.ops.quote_name(schema_of(company.pk))
        company.delete()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('companies_company', 'id'))")
        return int(cursor.fetchone()[0])
