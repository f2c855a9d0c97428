"""How messages follow a ticket that a contact merge folds into another, and back."""

from contacts.models import Contact
from contacts.services.merge import Journal
from messaging.models import Message

APP = "messaging"


def move_messages(keep: Contact, drop: Contact, journal: Journal) -> Journal:
    """Move the messages of folded tickets (`journal["tickets"]["folded"]`) to what they went into.

    Messages written by the merged contact are the kept one's from now on.
    """
    moved = []
    for entry in journal.get("tickets", {}).get("folded", ()):
        ids = list(Message.objects.filter(ticket_id=entry["ticket"]).values_list("pk", flat=True))
        Message.objects.filter(pk__in=ids).update(ticket_id=entry["into"])
        moved.append({"from": entry["ticket"], "into": entry["into"], "messages": ids})
    written = list(Message.objects.filter(contact=drop).values_list("pk", flat=True))
    Message.objects.filter(pk__in=written).update(contact=keep)
    return {"moved": moved, "written": written}


def move_messages_back(keep: Contact, drop: Contact, journal: Journal) -> None:
    """Undo `move_messages` for what still is where it was put."""
    mine = journal[APP]
    for entry in mine["moved"]:
        Message.objects.filter(pk__in=entry["messages"], ticket_id=entry["into"]).update(
            ticket_id=entry["from"]
        )
    Message.objects.filter(pk__in=mine["written"], contact=keep).update(contact=drop)
