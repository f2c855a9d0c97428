"""Tickets follow a contact that is merged into another, and come back when that is undone."""

from contacts.exceptions import MergeNotPossible
from contacts.identity import Identity
from contacts.models import Contact, ContactMerge
from contacts.services import Profile, identify_contacts, merge_contacts, undo_merge
from tickets.models import Ticket
from tickets.services import Wanted, live_tickets
from whaticket.testing.races import at_once, just_before


def test_of_two_live_tickets_one_stays_and_undo_brings_the_other_back(
    cast, ticket, make_ticket, customer
):
    other = make_ticket(
        contact=customer("C.", "5511966665555"), status="open", agent=cast.ana, unread_count=2
    )
    merge_contacts(ticket.contact, other.contact, by=cast.rui)
    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (other.status, other.is_newest_closed, ticket.unread_count) == ("closed", False, 2)
    assert list(Ticket.objects.live()) == [ticket]
    undo_merge(ContactMerge.objects.get(), by=cast.rui)
    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (other.status, other.agent_id, ticket.unread_count) == ("open", cast.ana.pk, 0)


def test_closed_tickets_move_and_only_the_newest_is_listed(cast, make_ticket, customer):
    keep, drop = customer("K", "5511966665555"), customer("D", "5511966664444")
    old = make_ticket(contact=keep, status="closed")
    new = make_ticket(contact=drop, status="closed")
    merge_contacts(keep, drop, by=None)
    assert list(Ticket.objects.filter(is_newest_closed=True)) == [new]
    undo_merge(ContactMerge.objects.get(), by=None)
    assert set(Ticket.objects.filter(is_newest_closed=True)) == {old, new}


def test_of_two_merges_at_once_one_is_done(scratch_team):
    (other,) = identify_contacts([Profile((Identity("phone", "5511955554444"),), name="Other")])
    first = scratch_team.contact

    def merge(pair):
        try:
            return merge_contacts(*pair, by=None).pk
        except MergeNotPossible:
            return None

    done = at_once(merge, [(first, other), (other, first)])
    assert len([pk for pk in done if pk]) == 1
    assert Contact.objects.filter(merged_into=None).count() == 1


def test_a_message_during_a_merge_opens_no_ticket_on_the_merged_contact(scratch_team):
    for round_ in range(5):
        keep, drop = identify_contacts(
            [Profile((Identity("phone", f"551195555{n}00{round_}"),), name="P") for n in (1, 2)]
        )

        def act(what, keep=keep, drop=drop):
            if what == "merge":
                merge_contacts(keep, drop, by=None)
            else:
                live_tickets([Wanted(drop, scratch_team.number)])

        at_once(act, ["merge", "message", "message"])
        drop.refresh_from_db()
        assert drop.merged_into_id == keep.pk
        assert not Ticket.objects.live().filter(contact=drop).exists()
        assert Ticket.objects.live().filter(contact=keep).count() == 1


def test_who_was_merged_since_they_were_read_is_known_by_the_last_heir(cast):
    first, second, last = identify_contacts(
        [Profile((Identity("phone", f"55119333344{n}0"),), name="P") for n in range(3)]
    )
    stale = [Wanted(contact, cast.number) for contact in (first, second)]
    merge_contacts(second, first, by=None)
    merge_contacts(last, second, by=None)
    tickets = live_tickets(stale)
    assert {ticket.contact_id for ticket in tickets.values()} == {last.pk}
    assert Ticket.objects.live().filter(contact=last).count() == 1


def test_eight_first_messages_at_once_open_one_ticket(scratch_team):
    (stranger,) = identify_contacts([Profile((Identity("phone", "5511944443333"),), name="S")])
    wanted = [Wanted(stranger, scratch_team.number)]
    pks = at_once(lambda _: live_tickets(wanted)[stranger.pk].pk, range(8))
    assert len(set(pks)) == 1
    assert Ticket.objects.filter(contact=stranger).count() == 1


def test_who_comes_second_to_open_takes_the_ticket_of_the_first(cast):
    (stranger,) = identify_contacts([Profile((Identity("phone", "5511944443333"),), name="S")])
    wanted = [Wanted(stranger, cast.number)]
    first = {}
    with just_before('INSERT INTO "tickets_ticket"', lambda: first.update(live_tickets(wanted))):
        second = live_tickets(wanted)
    assert second == first
    assert Ticket.objects.filter(contact=stranger).count() == 1
