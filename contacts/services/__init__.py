"""Every write to contacts."""

from contacts.services.consent import note_consent
from contacts.services.edit import (
    contact_or_refuse,
    create_contact,
    delete_contact,
    leaves_with_contacts,
    toggle_contact,
    update_contact,
)
from contacts.services.identify import Profile, identify_contacts
from contacts.services.merge import merge_contacts, moves_with_contacts, undo_merge
from contacts.services.tags import (
    create_tag,
    delete_tag,
    follows_lanes,
    remove_tag_from_contact,
    set_contact_tags,
    tag_or_refuse,
    update_tag,
)

__all__ = [
    "Profile",
    "contact_or_refuse",
    "create_contact",
    "create_tag",
    "delete_contact",
    "delete_tag",
    "follows_lanes",
    "identify_contacts",
    "leaves_with_contacts",
    "merge_contacts",
    "moves_with_contacts",
    "note_consent",
    "remove_tag_from_contact",
    "set_contact_tags",
    "tag_or_refuse",
    "toggle_contact",
    "undo_merge",
    "update_contact",
    "update_tag",
]
