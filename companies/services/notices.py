"""What the platform tells everybody: announcements, help pages, versions; and its partners."""

from typing import IO, Any

from django.db import IntegrityError, models, transaction

from companies.events import NoticeChanged
from companies.exceptions import (
    AnnouncementIncomplete,
    AnnouncementNotFound,
    HelpNotFound,
    HelpTitleMissing,
    HelpTooShort,
    PartnerDocumentTaken,
    PartnerNameTaken,
    PartnerNotFound,
)
from companies.models import Announcement, Company, Help, Partner, Version
from companies.services.uploads import discard, public_folder, store_attachment
from events.bus import publish
from whaticket.tenancy import in_company

ANNOUNCEMENTS = "announcements"


def find_announcement(announcement_id: int, *, hidden_too: bool = True) -> Announcement:
    """Give an announcement; raise AnnouncementNotFound."""
    rows = Announcement.objects.select_related("company")
    if not hidden_too:
        rows = rows.shown()
    found = rows.filter(pk=announcement_id).first()
    if found is None:
        raise AnnouncementNotFound
    return found


@transaction.atomic
def save_announcement(
    announcement: Announcement, *, company_id: int, by_id: int | None, **changes: Any
) -> Announcement:
    """Write an announcement, new or changed; every company hears of it.

    `company_id` is that of whoever writes. Raises AnnouncementIncomplete.
    """
    action = "update" if announcement.pk else "create"
    if action == "create":
        announcement.company_id = company_id
    _set(announcement, changes)
    announcement.title = announcement.title.strip()
    if not announcement.title or not announcement.text.strip():
        raise AnnouncementIncomplete
    announcement.save()
    _tell("announcement", action, announcement.pk, company_id, by_id)
    return announcement


@transaction.atomic
def write_announcement(
    announcement: Announcement,
    file: Any = None,
    *,
    drops_file: bool = False,
    company_id: int,
    by_id: int | None,
    **changes: Any,
) -> Announcement:
    """Write an announcement together with its file, or nothing of both.

    Without a file it keeps the one it has, unless `drops_file`. Raises AnnouncementIncomplete and
    what uploads do.
    """
    row = save_announcement(announcement, company_id=company_id, by_id=by_id, **changes)
    if file is not None:
        return attach_file(row, file, file.name or "", company_id=company_id, by_id=by_id)
    if drops_file and row.media_path:
        return detach_file(row, company_id=company_id, by_id=by_id)
    return row


@transaction.atomic
def delete_announcement(announcement: Announcement, *, company_id: int, by_id: int | None) -> None:
    """Remove an announcement with its file; every company hears of it."""
    announcement_id, path = announcement.pk, announcement.media_path
    announcement.delete()
    _tell("announcement", "delete", announcement_id, company_id, by_id)
    _discard_after_commit(path)


def attach_file(
    announcement: Announcement, file: IO[bytes], name: str, *, company_id: int, by_id: int | None
) -> Announcement:
    """Give an announcement a file in place of the one it has; raise what uploads do."""
    path = store_attachment(file, public_folder(ANNOUNCEMENTS))
    try:
        return _swap_file(announcement, path, name, company_id, by_id)
    except Exception:
        discard(public_folder(ANNOUNCEMENTS), path)
        raise


def detach_file(announcement: Announcement, *, company_id: int, by_id: int | None) -> Announcement:
    """Take the file of an announcement away."""
    return _swap_file(announcement, "", "", company_id, by_id)


@transaction.atomic
def _swap_file(
    announcement: Announcement, path: str, name: str, company_id: int, by_id: int | None
) -> Announcement:
    # The row that holds the old name now decides which file goes, whoever else uploads too.
    row = Announcement.objects.select_for_update().filter(pk=announcement.pk).first()
    if row is None:
        raise AnnouncementNotFound
    old = row.media_path
    row.media_path, row.media_name = path, name[:255]
    row.save(update_fields=["media_path", "media_name", "updated_at"])
    _tell("announcement", "update", row.pk, company_id, by_id)
    _discard_after_commit(old)
    return row


def _discard_after_commit(path: str) -> None:
    def clear_up() -> None:
        discard(public_folder(ANNOUNCEMENTS), path)

    transaction.on_commit(clear_up, robust=True)


def find_help(help_id: int) -> Help:
    """Give a help page; raise HelpNotFound."""
    found = Help.objects.filter(pk=help_id).first()
    if found is None:
        raise HelpNotFound
    return found


@transaction.atomic
def save_help(page: Help, *, company_id: int | None, by_id: int | None, **changes: Any) -> Help:
    """Write a help page, new or changed; every company hears of it.

    Raises HelpTitleMissing or HelpTooShort.
    """
    action = "update" if page.pk else "create"
    _set(page, changes)
    page.title, page.description = page.title.strip(), page.description.strip()
    if not page.title:
        raise HelpTitleMissing
    if len(page.title) < 3 or len(page.description) < 3:
        raise HelpTooShort
    page.save()
    _tell("help", action, page.pk, company_id, by_id)
    return page


@transaction.atomic
def delete_help(page: Help, *, company_id: int | None, by_id: int | None) -> None:
    """Remove a help page; every company hears of it."""
    help_id = page.pk
    page.delete()
    _tell("help", "delete", help_id, company_id, by_id)


def find_partner(partner_id: int) -> Partner:
    """Give a partner; raise PartnerNotFound."""
    found = Partner.objects.filter(pk=partner_id).first()
    if found is None:
        raise PartnerNotFound
    return found


def save_partner(partner: Partner, **changes: Any) -> Partner:
    """Write a partner, new or changed; raise PartnerNameTaken or PartnerDocumentTaken.

    Partners belong to no company, whose log could keep an event.
    """
    _set(partner, changes)
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError as error:
        others = Partner.objects.exclude(pk=partner.pk)
        if others.filter(name=partner.name).exists():
            raise PartnerNameTaken from error
        raise PartnerDocumentTaken from error
    return partner


def delete_partner(partner: Partner) -> None:
    """Remove a partner."""
    partner.delete()


def version_of_frontend() -> str:
    """Give the version of the client that was last announced; "" before the first."""
    found = Version.objects.filter(pk=Version.ONLY).values_list("frontend", flat=True).first()
    return found or ""


def set_version(frontend: str, *, backend: str) -> Version:
    """Note which version the clients have now."""
    row, _ = Version.objects.update_or_create(
        pk=Version.ONLY, defaults={"frontend": frontend, "backend": backend}
    )
    return row


def _set(row: models.Model, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def _tell(
    kind: str, action: str, notice_id: int, company_id: int | None, by_id: int | None
) -> None:
    # The operator's programs work in no company; the log of the platform's owner keeps it then.
    with in_company(company_id or Company.OWNER_ID):
        publish(NoticeChanged(kind=kind, action=action, notice_id=notice_id, by_id=by_id))
