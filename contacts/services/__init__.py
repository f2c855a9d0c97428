"""Every write to contacts."""

from contacts.services.identify import Profile, identify_contacts
from contacts.services.merge import merge_contacts, undo_merge

__all__ = ["Profile", "identify_contacts", "merge_contacts", "undo_merge"]
