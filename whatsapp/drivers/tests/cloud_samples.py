"""Recorded webhooks of the Cloud API and the people in them."""

from datetime import UTC, datetime

from whatsapp.drivers.base import (
    Content,
    Identity,
    IdentityKind,
    Inbound,
)
from whatsapp.drivers.cloud.webhook import parse, split

from .samples import (
    MESSAGES,
    STAMP,
    body,
    value,
)

AT = datetime.fromtimestamp(int(STAMP), tz=UTC)
PHONE = Identity(IdentityKind.PHONE, "5511999999999")
BSUID = Identity(IdentityKind.BSUID, "BR.1234567890")
PARENT = Identity(IdentityKind.PARENT_BSUID, "BR.ENT.99")
USERNAME = Identity(IdentityKind.USERNAME, "ana.x")
CHAT = "5511999999999@s.whatsapp.net"


def read(webhook):
    """Every event of a body, in order."""
    return [event for items in split(webhook).values() for item in items for event in parse(item)]


def read_one(webhook):
    [event] = read(webhook)
    return event


def content_of(name) -> Content:
    event = read_one(body(value(messages=[MESSAGES[name]])))
    assert isinstance(event, Inbound)
    return event.message.content
