"""The clients of accounts' tests serve here too, and a payment provider on real sockets."""

import pytest

from accounts.tests.conftest import facts, plan, platform, root, signed_in, web
from billing import services
from billing.models import Subscription
from billing.tests.efi_server import CLIENT, EfiServer
from companies.models import Company

__all__ = ["facts", "plan", "platform", "root", "signed_in", "web"]


@pytest.fixture
def efi(settings):
    """A stand-in for Efí, to which everything here speaks."""
    with EfiServer() as server:
        settings.EFI_URL = server.url
        yield server


@pytest.fixture
def account(efi, db):
    """The platform's account at Efí."""
    return services.update_payment_account(
        client_id=CLIENT[0], client_secret=CLIENT[1], pix_key="pix@platform.example"
    )


@pytest.fixture
def subscribed(facts):
    """globex is on the plan, has a tax number and is paid until 10 March 2026."""
    Company.objects.filter(pk=facts.globex.pk).update(
        document="11.222.333/0001-81", due_on="2026-03-10", email="pay@globex.example"
    )
    return Subscription.objects.create(company=facts.globex, plan=facts.plan, recurrence="MENSAL")


@pytest.fixture
def invoice(facts, subscribed):
    """What globex has to pay next: 49.90."""
    return services.order_invoice(facts.globex.pk, by_id=None)
