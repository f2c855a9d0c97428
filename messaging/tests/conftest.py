"""What tests of messages start from."""

import pytest

from messaging.tests.talk import received
from tickets.services import accept_ticket


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep files of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mine(ticket, cast):
    """The ticket, held by Ana."""
    return accept_ticket(ticket, by=cast.ana)


@pytest.fixture
def inbound(mine, cast):
    """What the customer said."""
    return received(mine, cast, "bom dia")
