"""What the customer takes back (behaviour 61)."""

import pytest
from django.utils import timezone

from companies.models import CompanySettings
from companies.services import forget_settings
from messaging.models import Message
from messaging.services.changes import apply_revoke
from messaging.services.receive import receive_messages
from messaging.tests.test_receive import arrival
from tickets.models import Ticket
from whatsapp.drivers.base import Revoked


@pytest.fixture
def company_has(acme):
    def change(**fields):
        CompanySettings.objects.filter(company=acme).update(**fields)
        forget_settings(acme.pk)

    yield change
    forget_settings(acme.pk)


def revoke(cast, *, from_me=False):
    receive_messages(cast.number, [arrival("A1", "minha senha é 123")])
    Message.objects.update(data={"edits": ["minha senha é 12"]})
    event = arrival("R1")
    revoked = Revoked(
        wire_id="R1",
        chat=event.chat,
        at=timezone.now(),
        raw={},
        target="A1",
        sender=event.message.sender,
        from_me=from_me,
    )
    apply_revoke(cast.number, revoked)
    return Message.objects.get(), Ticket.objects.get()


def test_a_deleted_message_keeps_its_text_for_the_team(cast, company_has):
    company_has(lgpd_blanks_deleted=True)
    message, ticket = revoke(cast)
    assert message.deleted_at is not None
    assert message.body == ticket.last_message == "minha senha é 123"


def test_with_consent_on_and_blanking_on_nothing_of_it_is_left(cast, company_has):
    company_has(lgpd_enabled=True, lgpd_blanks_deleted=True)
    message, ticket = revoke(cast)
    assert message.deleted_at is not None
    assert "123" not in message.body + ticket.last_message
    assert message.body == ticket.last_message != ""
    assert message.data == {}


def test_what_our_own_phone_takes_back_is_not_blanked(cast, company_has):
    company_has(lgpd_enabled=True, lgpd_blanks_deleted=True)
    message, _ticket = revoke(cast, from_me=True)
    assert message.body == "minha senha é 123"
