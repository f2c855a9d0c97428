"""The wall between companies: every route, with another company's ids and tokens."""

import json
import threading

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from whaticket.tenancy import TEMPLATE, in_company

# Ids of globex begin here, so that none of them exists in acme.
FAR = 5_000_000


def wire_routes():
    """Every route of the wire with its view, in order; pages have their own tests."""

    def walk(patterns, prefix=""):
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern):
                yield path, pattern.callback

    for path, callback in walk(get_resolver().url_patterns):
        if not f"/{path}".startswith(settings.BROWSER_PREFIXES):
            yield path, callback


def with_ids():
    """Routes that name rows by id, and their methods."""
    for path, callback in wire_routes():
        view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
        if view is None or "<id:" not in path or path.startswith(("api/", "public/")):
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            if hasattr(view, method):
                yield method.upper(), path


ROUTES = sorted(set(with_ids()))


@pytest.fixture
def foreign(cast):
    """Rows of globex with ids, names and texts that acme does not have."""
    from contacts.models import Contact, Tag
    from messaging.models import Message
    from tickets.models import Queue, Ticket
    from whatsapp.models import Connection

    ids = {}
    with in_company(cast.globex.pk):
        with connection.cursor() as cursor:
            for model in apps.get_models(include_auto_created=True):
                if model._meta.app_label in settings.TENANT_APPS:
                    table = f'"{model._meta.db_table}"'
                    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
                    sequence = cursor.fetchone()[0]
                    if sequence:
                        cursor.execute("SELECT setval(%s, %s)", [sequence, FAR])
        contact = Contact.objects.create(name="SECRET", address="5511977776666")
        queue = Queue.objects.create(name="SECRET queue", color="#010203")
        number = Connection.objects.create(name="SECRET number")
        ticket = Ticket.objects.create(
            contact=contact, queue=queue, connection=number, last_message="SECRET"
        )
        message = Message.objects.create(ticket=ticket, contact=contact, body="SECRET")
        tag = Tag.objects.create(name="SECRET tag")
        ids = {row.pk for row in (contact, queue, number, ticket, message, tag)}
    assert min(ids) > FAR
    return {"id": FAR + 1, "uuid": ticket.uuid}


def test_there_are_routes_to_walk():
    assert len(ROUTES) > 20


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda value: value)
def test_no_route_shows_or_changes_a_row_of_another_company(api, cast, foreign, method, path):
    filled = _filled(path, foreign, cast)
    before = _fingerprint(cast.globex)
    with transaction.atomic():
        answer = api(cast.rui).generic(
            method,
            f"/{filled}",
            data=json.dumps(_body(foreign)).encode(),
            content_type="application/json",
        )
        content = b"".join(answer) if answer.streaming else answer.content
        after = _fingerprint(cast.globex)
        transaction.set_rollback(True)
    assert answer.status_code < 500, content[:300]
    assert b"SECRET" not in content
    assert after == before


@pytest.mark.parametrize(
    "path", sorted({path for path, _ in wire_routes() if "<" not in path}), ids=str
)
def test_no_list_shows_a_row_of_another_company(api, cast, foreign, path):
    answer = api(cast.rui).get(f"/{path}", {"searchParam": "SECRET", "companyId": cast.globex.pk})
    content = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code < 500, content[:300]
    assert b"SECRET" not in content


@pytest.mark.parametrize(
    "path", sorted({path for path, _ in wire_routes() if "<" not in path}), ids=str
)
def test_a_token_opens_its_own_company_whatever_the_request_says(api, cast, path):
    client = api(cast.eva)
    hints = {
        "HTTP_X_COMPANY": str(cast.acme.pk),
        "HTTP_HOST": "acme.example",
    }
    answer = client.get(f"/{path}", {"companyId": cast.acme.pk}, **hints)
    content = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code < 500
    assert b"ana@acme.example" not in content
    assert b"acme number" not in content


def _filled(path, foreign, cast):
    import re

    def value(match):
        kind, name = match.groups()
        if kind == "uuid":
            return str(foreign["uuid"])
        if name == "company_id":
            return str(cast.globex.pk)
        if name == "user_id":
            return str(cast.eva.pk)
        return str(foreign["id"]) if kind == "id" else "SECRET"

    return re.sub(r"<(?:(\w+):)?(\w+)>", value, path)


def _body(foreign):
    far = foreign["id"]
    names = (
        "ticketId", "contactId", "queueId", "whatsappId", "userId", "messageId", "tagId",
    )  # fmt: skip
    return dict.fromkeys(names, far) | {"status": "closed", "name": "TAKEN", "body": "TAKEN"}


def _fingerprint(company):
    """What globex holds: a count and a hash of every table."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in settings.TENANT_APPS:
                table = f'"{company.schema_name}"."{model._meta.db_table}"'
                cursor.execute(
                    f"SELECT count(*), md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), ''))"
                    f" FROM {table} t"
                )
                found[table] = cursor.fetchone()
    return found


# The schemas themselves ---------------------------------------------------------------------


def test_tables_of_companies_are_absent_from_the_public_schema(companies):
    tenant = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in settings.TENANT_APPS
    }
    assert tenant
    assert not tenant & _tables("public")
    assert tenant <= _tables(companies.acme.schema_name)


def test_public_tables_are_absent_from_companies(companies):
    public = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in settings.TENANT_APPS
    }
    assert not public & _tables(companies.acme.schema_name)


def test_a_company_is_what_the_template_is(companies):
    assert _tables(companies.globex.schema_name) == _tables(TEMPLATE)
    assert _definitions(companies.globex.schema_name) == _definitions(TEMPLATE)


def _tables(schema):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


def _definitions(schema):
    """Indexes and constraints without the schema's name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = %s UNION ALL "
            "SELECT conrelid::regclass::text || pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = %s::regnamespace",
            [schema, schema],
        )
        return sorted(text.replace(f"{schema}.", "") for (text,) in cursor.fetchall())


# Connections --------------------------------------------------------------------------------


def test_more_threads_than_connections_wait_and_none_fails(scratch_company, django_db_blocker):
    from accounts.models import User

    with django_db_blocker.unblock():
        most = connection.pool.max_size if connection.pool else 0
        assert most > 0
        threads = most * 3
        start = threading.Barrier(threads)
        outcomes = []

        def work():
            start.wait()
            try:
                with in_company(scratch_company.pk), transaction.atomic():
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(0.05)")
                    outcomes.append(User.objects.filter(pk=0).exists())
            except Exception as error:  # the point is that there is none
                outcomes.append(error)
            finally:
                connection.close()

        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        assert outcomes == [False] * threads
        assert connection.pool.get_stats()["pool_size"] <= most
