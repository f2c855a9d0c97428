"""What happens to contacts."""

from dataclasses import dataclass

from events.bus import Event


@dataclass(frozen=True, slots=True)
class ContactCreated(Event):
    name = "contact.created"
    contact_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactUpdated(Event):
    name = "contact.updated"
    contact_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactDeleted(Event):
    name = "contact.deleted"
    contact_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactsMerged(Event):
    name = "contact.merged"
    contact_id: int
    merged_id: int
    merge_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactsUnmerged(Event):
    name = "contact.unmerged"
    contact_id: int
    restored_id: int
    merge_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TagCreated(Event):
    name = "tag.created"
    tag_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TagUpdated(Event):
    """A tag, a lane's rules, or who carries the tag changed."""

    name = "tag.updated"
    tag_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TagDeleted(Event):
    name = "tag.deleted"
    tag_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactsImported(Event):
    """Many contacts at once became known."""

    name = "contact.imported"
    contact_ids: tuple[int, ...]
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactImportMoved(Event):
    """A table of contacts is taken in a little further, or wholly."""

    name = "contact_import.moved"
    import_id: int
    by_id: int | None = None
