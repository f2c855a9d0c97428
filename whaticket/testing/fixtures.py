"""The cast of every test: two companies that must never see each other.

acme: Ana (sales queue), Bia (support queue), Rui (admin). globex: Eva, who must see nothing of it.
Schemas are made once per run; every test runs in a transaction that is rolled back.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from whaticket.testing.replay import Replay

# No row of globex has the number of one of acme: what is found by a number shows whose it is.
FOREIGN_IDS = 1_000_000


@pytest.fixture(scope="session")
def _companies(django_db_setup: None, django_db_blocker: Any) -> SimpleNamespace:
    """Create the schemas of both companies once; they outlive the tests."""
    from companies.services import create_company, prepare_template

    with django_db_blocker.unblock():
        prepare_template()
        acme, globex = create_company(name="Acme"), create_company(name="Globex")
        _count_from(FOREIGN_IDS, globex.schema_name)
        return SimpleNamespace(acme=acme, globex=globex)


def _count_from(first: int, schema: str) -> None:
    """Let every table of a schema number its rows from `first` on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s, false)"
            " FROM pg_sequences WHERE schemaname = %s",
            [first, schema],
        )


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    """Hash passwords fast: every test makes people, and few are about passwords."""
    cheap = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [cheap, *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _files_when_asked_for(settings: Any) -> None:
    """Look for a static file when somebody asks for it, not for all of them with each client."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def companies(_companies: SimpleNamespace, db: None) -> Iterator[SimpleNamespace]:
    """acme and globex; the test's thread works inside acme."""
    from companies.services import forget_settings
    from whaticket import tenancy

    # What an earlier test switched on was rolled back, but not in the cache.
    for company in (_companies.acme, _companies.globex):
        forget_settings(company.pk)
    tenancy.enter_company(_companies.acme.pk)
    yield _companies
    tenancy.leave_company()


@pytest.fixture
def acme(companies: SimpleNamespace) -> Any:
    return companies.acme


@pytest.fixture
def globex(companies: SimpleNamespace) -> Any:
    return companies.globex


@pytest.fixture(scope="session")
def _plays() -> dict[str, Replay]:
    """What was made once and is put back for each test, by name."""
    return {}


@pytest.fixture
def cast(companies: SimpleNamespace, _plays: dict[str, Replay]) -> SimpleNamespace:
    """The people and what they work with: queues, a connected sandbox number."""
    if "cast" in _plays:
        played = _plays["cast"].run()
    else:
        acme, globex = companies.acme, companies.globex
        schemas = ["public", acme.schema_name, globex.schema_name]
        _plays["cast"] = Replay(lambda: _make_cast(acme, globex), schemas, [acme, globex])
        played = _plays["cast"].given()
    return played


def _make_cast(acme: Any, globex: Any) -> SimpleNamespace:
    from tickets.models import Queue, QueueMember
    from whaticket.tenancy import in_company
    from whatsapp.models import Connection

    def person(name: str, company: Any, **fields: Any) -> Any:
        from accounts.services import create_user

        return create_user(
            company_id=company.pk,
            email=f"{name}@{company.name}.example".lower(),
            password="correct horse",
            name=name.capitalize(),
            **fields,
        )

    def connection(name: str, number: str) -> Connection:
        return Connection.objects.create(
            name=name,
            driver="sandbox",
            status=Connection.Status.CONNECTED,
            number=number,
            is_default=True,
        )

    sales = Queue.objects.create(name="Sales", color="#112233")
    support = Queue.objects.create(name="Support", color="#445566")
    number = connection("acme number", "5511900000001")
    sales.connections.add(number)
    support.connections.add(number)
    ana = person("ana", acme)
    bia = person("bia", acme)
    rui = person("rui", acme, profile="admin")
    QueueMember.objects.create(queue=sales, user=ana)
    QueueMember.objects.create(queue=support, user=bia)
    eva = person("eva", globex, profile="admin")
    with in_company(globex.pk):
        foreign_queue = Queue.objects.create(name="Foreign", color="#778899")
        foreign_number = connection("globex number", "5511900000002")
        foreign_queue.connections.add(foreign_number)
        QueueMember.objects.create(queue=foreign_queue, user=eva)
    return SimpleNamespace(
        acme=acme,
        globex=globex,
        ana=ana,
        bia=bia,
        rui=rui,
        eva=eva,
        sales=sales,
        support=support,
        number=number,
        foreign_queue=foreign_queue,
        foreign_number=foreign_number,
    )


@pytest.fixture
def api(cast: SimpleNamespace) -> Callable[[Any], Any]:
    """`api(cast.ana).get("/tickets")`: a REST client signed in as somebody (None: nobody)."""
    from rest_framework.test import APIClient

    from accounts import tokens
    from accounts.models import Session
    from whaticket import tenancy
    from whaticket.testing import answers

    class Client(APIClient):
        """A client that leaves the test's thread in the company where it was.

        It fails where an answer is not what the API document says.
        """

        def request(self, **kwargs: Any) -> Any:
            schema = tenancy.current_schema()
            try:
                response = super().request(**kwargs)
            finally:
                tenancy.enter_schema(schema)
            answers.check(kwargs["REQUEST_METHOD"], kwargs["PATH_INFO"], response)
            return response

    def client(user: Any = None) -> APIClient:
        http = Client(raise_request_exception=False)
        if user is not None:
            session = Session.objects.create(user=user, token_version=user.token_version)
            http.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token(user, session)}")
        return http

    return client


@pytest.fixture
def ticket(cast: SimpleNamespace) -> Any:
    """A pending ticket in the sales queue, from one customer."""
    from contacts.identity import Identity
    from contacts.services import Profile, identify_contacts
    from tickets.models import Ticket
    from tickets.services.find import Wanted, live_tickets

    profile = Profile((Identity("phone", "5511988887777"),), name="Carla Customer")
    (contact,) = identify_contacts([profile])
    found = live_tickets([Wanted(contact, cast.number)])[contact.pk]
    Ticket.objects.filter(pk=found.pk).update(queue=cast.sales)
    found.refresh_from_db()
    return found


@pytest.fixture
def heard(companies: SimpleNamespace) -> Callable[[type], list[Any]]:
    """`heard(TicketAccepted)`: the events of a class that the test has published so far."""
    from events.models import EventRecord

    def of_class(event_class: Any) -> list[Any]:
        rows = EventRecord.objects.filter(name=event_class.name).order_by("pk")
        return [row.payload for row in rows]

    return of_class


@pytest.fixture
def scratch_company(_companies: SimpleNamespace, django_db_blocker: Any) -> Iterator[Any]:
    """A company of its own for tests that really commit (races); dropped afterwards.

    Not `transactional_db`: its flush would take the other companies along.
    """
    import uuid

    from django.db import connection

    from companies.services import create_company, drop_company
    from whaticket import tenancy

    # pytest-django makes a test database only when a chosen test asks for `db`.
    assert str(connection.settings_dict["NAME"]).startswith("test_"), "run the whole module"
    with django_db_blocker.unblock():
        company = create_company(name=f"Scratch {uuid.uuid4()}")
        tenancy.enter_company(company.pk)
        try:
            yield company
        finally:
            tenancy.leave_company()
            drop_company(company)
