"""What arrives, as a driver would give it; and hours that are always on or off."""

from messaging.tests.test_receive import CARLA, NOON, arrival
from whatsapp.drivers.base import Content, Identity, IdentityKind, Inbound, Kind, Person, chat_key
from whatsapp.drivers.base import Message as Wire

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def always(start="00:00", end="23:59"):
    bounds = {"startTimeA": start, "endTimeA": end, "startTimeB": "", "endTimeB": ""}
    return [{"weekday": day, "weekdayEn": day, **bounds} for day in DAYS]


NEVER = always("", "")


def group_message(wire_id, text):
    group = Identity(IdentityKind.GROUP, "12036304")
    return Inbound(
        wire_id=wire_id,
        chat=chat_key(group),
        at=NOON,
        raw={},
        message=Wire(
            peer=(group,),
            sender=Person(identities=(CARLA,), push_name="Carla"),
            content=Content(kind=Kind.TEXT, text=text),
            is_group=True,
        ),
    )


def of_kind(wire_id, kind, **content):
    """A message of Carla's that is no text."""
    event = arrival(wire_id, "")
    wire = Wire(
        peer=event.message.peer,
        sender=event.message.sender,
        content=Content(kind=kind, text="", **content),
    )
    return Inbound(wire_id=wire_id, chat=event.chat, at=NOON, raw={}, message=wire)
