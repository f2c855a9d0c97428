"""Every write to contacts."""

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

__all__ = [
    "Profile",
    "contact_or_refuse",
    "create_contact",
    "delete_contact",
    "identify_contacts",
    "leaves_with_contacts",
    "merge_contacts",
    "moves_with_contacts",
    "toggle_contact",
    "undo_merge",
    "update_contact",
]
