"""What people agreed to."""

import datetime

from django.db import transaction

from contacts.events import ContactUpdated
from contacts.models import Contact
from events.bus import publish


@transaction.atomic
def note_consent(contact: Contact, *, at: datetime.datetime) -> None:
    """Write down that somebody agreed to our keeping their data (behaviour 94)."""
    contact.consented_at = contact.updated_at = at
    contact.save(update_fields=["consented_at", "updated_at"])
    publish(ContactUpdated(contact_id=contact.pk))
