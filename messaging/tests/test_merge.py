"""Messages follow a merged contact, and come back when the merge is undone."""

from contacts.identity import Identity
from contacts.models import ContactMerge
from contacts.services import Profile, identify_contacts, merge_contacts, undo_merge
from messaging.models import Message
from messaging.services.send import Draft, send_message
from tickets.models import Ticket
from tickets.services.find import Wanted, live_tickets


def test_messages_of_both_live_tickets_end_in_one_and_come_apart_again(cast):
    profiles = [
        Profile((Identity("phone", "5511988887777"),), "Carla"),
        Profile((Identity("lid", "123456"),), "Carla"),
    ]
    keep, drop = identify_contacts(profiles)
    found = live_tickets([Wanted(keep, cast.number), Wanted(drop, cast.number)])
    for contact in (keep, drop):
        send_message(found[contact.pk], Draft(body=f"to {contact.pk}"), by=cast.rui)
    before = dict(Message.objects.values_list("pk", "ticket_id"))

    merge_contacts(keep, drop, by=cast.rui)
    live = Ticket.objects.live().get()
    assert set(Message.objects.values_list("ticket_id", flat=True)) == {live.pk}
    assert live.message_count == 2

    undo_merge(ContactMerge.objects.get(), by=cast.rui)
    assert dict(Message.objects.values_list("pk", "ticket_id")) == before
    assert Ticket.objects.live().count() == 2
