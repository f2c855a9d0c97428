"""Whoever registers a company is greeted on WhatsApp by the platform's number (rest.md §2)."""

import pytest
from django.db import DatabaseError, connection, transaction

from billing.models import Plan
from billing.services import Registration, sign_up
from companies.events import CompanySignedUp
from companies.models import Company
from dispatch.models import Outbox
from events.bus import publish
from whaticket.tenancy import in_company
from whatsapp.models import Connection, DirectMessage
from whatsapp.services import outbound, welcome


@pytest.fixture(autouse=True)
def platform(cast, monkeypatch):
    """Acme owns the platform."""
    monkeypatch.setattr(Company, "OWNER_ID", cast.acme.pk)


@pytest.fixture
def register():
    plan = Plan.objects.create(
        name="Start", users=5, connections=5, queues=5, amount=10, is_public=True
    )

    def sign(phone="(11) 98888-7777"):
        return sign_up(
            Registration(
                name="Initech",
                admin_name="Bill",
                email="bill@initech.example",
                password="flair-of-37-pieces",
                phone=phone,
                plan_id=plan.pk,
            )
        )

    return sign


def test_who_registers_gets_one_text_without_the_password(register, cast):
    register()
    (message,) = DirectMessage.objects.all()
    assert message.connection_id == cast.number.pk
    assert message.chat == "5511988887777@s.whatsapp.net"
    assert "Initech" in message.body
    assert "bill@initech.example" in message.body
    assert "flair" not in message.body
    (work,) = Outbox.objects.filter(company_id=cast.acme.pk)
    assert (work.kind, work.message_id) == ("direct", message.pk)
    built = outbound.direct_outgoing([message.pk])[message.pk]
    assert built.to[0].value == "5511988887777"


@pytest.mark.parametrize(
    ("typed", "chat"),
    [
        ("11988887777", "5511988887777@s.whatsapp.net"),
        ("1133334444", "551133334444@s.whatsapp.net"),
        ("011 98888-7777", "5511988887777@s.whatsapp.net"),
        ("5511988887777", "5511988887777@s.whatsapp.net"),
        ("+351 912 345 678", "351912345678@s.whatsapp.net"),
    ],
)
def test_a_number_without_its_country_is_brazilian(register, typed, chat):
    register(typed)
    assert DirectMessage.objects.get().chat == chat


@pytest.mark.parametrize("typed", ["", "123", "call me"])
def test_without_a_phone_nobody_is_greeted(register, typed):
    assert register(typed).pk
    assert not DirectMessage.objects.exists()


def test_without_a_default_number_nobody_is_greeted(register):
    Connection.objects.update(is_default=False)
    assert register().pk
    assert not DirectMessage.objects.exists()


@pytest.mark.parametrize("error", [DatabaseError, LookupError])
def test_a_greeting_that_cannot_be_written_keeps_nobody_from_registering(
    register, monkeypatch, error
):
    def fail(*args, **kwargs):
        with connection.cursor() as cursor:
            # Something was written before the fault.
            cursor.execute("UPDATE whatsapp_connection SET greeting_message = 'half'")
        raise error

    monkeypatch.setattr(welcome, "write_direct", fail)
    company = register()
    assert Company.objects.filter(pk=company.pk).exists()
    assert not Connection.objects.filter(greeting_message="half").exists()


def test_a_registration_that_fails_late_greets_nobody(register):
    class Killed(BaseException):
        """The process dies here."""

    def sign_and_die():
        with transaction.atomic():
            register()
            raise Killed

    with pytest.raises(Killed):
        sign_and_die()
    assert not DirectMessage.objects.exists()
    assert not Outbox.objects.exists()


def test_the_platforms_own_company_is_not_greeted(cast):
    Company.objects.filter(pk=cast.acme.pk).update(phone="11988887777")
    with transaction.atomic(), in_company(cast.acme.pk):
        publish(CompanySignedUp(company_id=cast.acme.pk, admin_id=cast.rui.pk))
    assert not DirectMessage.objects.exists()
