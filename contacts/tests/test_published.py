"""What each step of a contact publishes, once, naming who did it."""

import pytest

from contacts.events import ContactCreated, ContactDeleted, ContactsMerged, ContactsUnmerged
from contacts.identity import Identity
from contacts.models import ContactMerge
from contacts.services import (
    Profile,
    create_contact,
    delete_contact,
    identify_contacts,
    merge_contacts,
    undo_merge,
)


@pytest.fixture
def pair(cast):
    return identify_contacts(
        [Profile((Identity("phone", f"551196666000{n}"),), name=f"P{n}") for n in (1, 2)]
    )


def test_a_contact_comes_by_itself_or_by_hand_and_goes(cast, pair, heard):
    assert [event["contact_id"] for event in heard(ContactCreated)] == sorted(p.pk for p in pair)
    identify_contacts([Profile((Identity("phone", "5511966660001"),), name="P1")])
    assert len(heard(ContactCreated)) == 2
    made = create_contact(name="Rosa", number="5511966660003", by=cast.rui, verify=False)
    assert heard(ContactCreated)[2] == {"contact_id": made.pk, "by_id": cast.rui.pk}
    pk = made.pk
    delete_contact(made, by=cast.rui)
    assert heard(ContactDeleted) == [{"contact_id": pk, "by_id": cast.rui.pk}]


def test_two_contacts_become_one_and_two_again(cast, pair, heard):
    keep, drop = pair
    merge_contacts(keep, drop, by=cast.rui)
    merge = ContactMerge.objects.get()
    (merged,) = heard(ContactsMerged)
    assert merged == {
        "contact_id": keep.pk, "merged_id": drop.pk, "merge_id": merge.pk, "by_id": cast.rui.pk,
    }  # fmt: skip
    undo_merge(merge, by=cast.rui)
    (parted,) = heard(ContactsUnmerged)
    assert (parted["contact_id"], parted["restored_id"]) == (keep.pk, drop.pk)
