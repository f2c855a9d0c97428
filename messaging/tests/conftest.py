"""What tests of messages start from."""

import pytest

from messaging.receivers import library, team
from messaging.tests.frames import Heard
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


@pytest.fixture
def frames(monkeypatch, django_capture_on_commit_callbacks):
    """What clients would hear of quick messages, file lists and rooms."""
    heard = Heard(django_capture_on_commit_callbacks)
    for module in (library, team):
        monkeypatch.setattr(module, "emit", heard.frames.extend)
    return heard
