"""What tests of accounts share."""

import itertools
from types import SimpleNamespace

import pytest

_addresses = itertools.count(1)


@pytest.fixture
def web(api):
    """A client nobody signed in with, from an address of its own: throttles count by it."""
    client = api()
    number = next(_addresses)
    client.defaults["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return client


@pytest.fixture
def signed_in(api, web):
    """`signed_in(cast.ana)`: a client that went through the sign-in, with its cookie."""

    def enter(user, **body):
        client = api()
        client.defaults["REMOTE_ADDR"] = web.defaults["REMOTE_ADDR"]
        answer = client.post(
            "/auth/login", {"email": user.email, "password": "correct horse", **body}
        )
        assert answer.status_code == 200, answer.json()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
        client.answer = answer
        return client

    return enter


@pytest.fixture
def platform(api, settings):
    """A client with the platform's token."""
    settings.COMPANY_TOKEN = "token-of-the-platform"
    client = api()
    client.credentials(HTTP_AUTHORIZATION="Bearer token-of-the-platform")
    return client


@pytest.fixture
def root(cast):
    """An operator of the platform, employed by acme."""
    from accounts.services import create_user

    return create_user(
        company_id=cast.acme.pk,
        email="root@acme.example",
        password="correct horse",
        name="Root",
        profile="admin",
        is_super=True,
    )


@pytest.fixture
def plan(db):
    """An offer that everybody can choose."""
    from billing.models import Plan

    return Plan.objects.create(name="Basic", users=5, connections=2, queues=3, amount="49.90")


@pytest.fixture
def facts(cast, root, plan):
    """The cast and what else a table of routes needs."""
    from companies.models import Announcement, Help, Partner

    return SimpleNamespace(
        **vars(cast),
        root=root,
        plan=plan,
        notice=Announcement.objects.create(company=cast.acme, title="Soon", text="New things"),
        help=Help.objects.create(title="Start", description="How to start"),
        partner=Partner.objects.create(
            name="Partner", document="10987654321", commission=5, commission_type="percent"
        ),
    )


@pytest.fixture
def owner(cast):
    """Company 1, which owns the platform."""
    from companies.models import Company
    from companies.services import create_company

    found = Company.objects.filter(pk=Company.OWNER_ID).first()
    return found or create_company(name="Owner", company_id=Company.OWNER_ID)
