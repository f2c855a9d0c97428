"""Where a company is entered. One PostgreSQL schema per company is the wall between companies.

No query of a company's tables names a company; whoever comes from outside (a token, a
session cookie, a task, a worker) enters the schema here first.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PUBLIC = "public"
TEMPLATE = "company_template"
PREFIX = "company_"


class NotInCompany(RuntimeError):
    """Code that needs a company ran in the public schema: a programming error."""


def schema_of(company_id: int) -> str:
    """Name the schema of a company."""
    return f"{PREFIX}{int(company_id)}"


def current_schema() -> str:
    """Name the schema that queries of this thread go to now."""
    return connection.schema_name or PUBLIC  # type: ignore[attr-defined]


def current_company_id() -> int:
    """Give the id of the company entered; raise NotInCompany outside of one."""
    schema = current_schema()
    suffix = schema.removeprefix(PREFIX)
    if suffix == schema or not suffix.isdigit():
        raise NotInCompany(schema)
    return int(suffix)


def enter_schema(schema: str) -> None:
    """Point this thread's queries at a schema until something else does."""
    if current_schema() != schema:
        connection.set_schema(schema)  # type: ignore[attr-defined]


def enter_company(company_id: int) -> None:
    """Point this thread's queries at a company."""
    enter_schema(schema_of(company_id))


def leave_company() -> None:
    """Point this thread's queries at the public schema."""
    enter_schema(PUBLIC)


@contextmanager
def in_schema(schema: str) -> Iterator[None]:
    """Run a block in a schema and return to the former one."""
    before = current_schema()
    enter_schema(schema)
    try:
        yield
    finally:
        enter_schema(before)


@contextmanager
def in_company(company_id: int) -> Iterator[None]:
    """Run a block inside a company and return to where the thread was."""
    with in_schema(schema_of(company_id)):
        yield
