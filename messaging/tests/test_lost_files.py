"""Files that no row names go after a day; everything that is named stays."""

import os
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.services.pictures import folder_of
from messaging import tasks
from messaging.media import copy_stored, full_path, store_upload
from messaging.models import FileList, FileListItem, QuickMessage, TeamChat, TeamChatMessage
from messaging.services import lost_files
from messaging.services.compose import write_messages
from messaging.services.kept import put_file
from messaging.services.lost_files import file_columns, remove_lost_files
from messaging.services.send import Draft
from messaging.tests.talk import picture
from whatsapp.models import Connection

pytestmark = pytest.mark.usefixtures("cast")

TOMORROW = timedelta(days=1, minutes=1)


def kept():
    """Keep a picture, as an upload does before its row is written."""
    return store_upload(picture(), name="photo.png")


def sweep(after=TOMORROW):
    return remove_lost_files(now=timezone.now() + after)


def files(stored):
    return [full_path(stored.path), full_path(stored.thumbnail_path)]


def test_what_died_before_its_row_goes_after_a_day(mine, cast, monkeypatch):
    class Killed(BaseException):
        """The process dies here."""

    def die(*args, **kwargs):
        raise Killed

    stored = kept()
    # A kill leaves no time to clear up either.
    monkeypatch.setattr("messaging.services.compose.send_message", die)
    with pytest.raises(Killed):
        write_messages(mine, [Draft(kind="image", media=stored)], by=cast.ana)
    assert sweep(after=timedelta(hours=23)) == 0
    assert all(path.exists() for path in files(stored))
    assert sweep() == 2
    assert not any(path.exists() for path in files(stored))
    assert sweep() == 0


def test_what_an_upload_left_half_written_goes_too(media_root):
    part = full_path("ab" + "0" * 30 + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    assert sweep() == 1
    assert not part.exists()


def test_whatever_a_row_names_stays(mine, cast):
    stored = [kept() for _ in range(5)]
    write_messages(mine, [Draft(kind="image", media=stored[0])], by=cast.ana)
    rows = [
        QuickMessage(shortcode="photo", owner=cast.ana),
        FileListItem(file_list=FileList.objects.create(name="list"), name="photo"),
        TeamChatMessage(chat=TeamChat.objects.create(owner=cast.ana), sender=cast.ana),
    ]
    for row, media in zip(rows, stored[1:4], strict=True):
        put_file(row, media)
        row.save()
    Connection.objects.filter(pk=cast.number.pk).update(greeting_media=stored[4].path)
    # A greeting is no bubble and shows no thumbnail.
    assert sweep() == 1
    named = [path for media in stored[:4] for path in files(media)] + [full_path(stored[4].path)]
    assert all(path.exists() for path in named)


def test_a_new_name_of_old_bytes_is_new():
    old = kept()
    for path in files(old):
        os.utime(path, (0, 0))
    copy = copy_stored(old.path, old.thumbnail_path)
    assert full_path(copy.path).stat().st_mtime == 0
    assert sweep(after=timedelta(0)) == 0
    assert all(path.exists() for path in files(copy))


def test_pictures_of_people_and_pages_are_not_its_business(cast):
    folder = folder_of(cast.acme.pk)
    folder.mkdir(parents=True)
    face = folder / ("0" * 32 + ".jpg")
    face.write_bytes(b"face")
    assert sweep() == 0
    assert face.exists()


def test_another_companys_files_stay_where_they_are(cast):
    foreign = settings.MEDIA_ROOT / cast.globex.schema_name / "ab" / ("ab" + "0" * 30 + ".png")
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"theirs")
    assert sweep() == 0
    assert foreign.exists()


def test_more_files_than_one_batch_are_all_looked_at(monkeypatch):
    monkeypatch.setattr(lost_files, "_BATCH", 3)
    lost = [kept() for _ in range(4)]
    assert sweep() == 8
    assert not any(path.exists() for media in lost for path in files(media))


def test_one_companys_trouble_does_not_stop_the_others(cast, monkeypatch):
    asked = []

    def fail_first():
        asked.append(1)
        if len(asked) == 1:
            raise OSError("disk")
        return 2

    monkeypatch.setattr(tasks, "remove_lost_files", fail_first)
    assert tasks.sweep_lost_files() == 2 * (len(asked) - 1)
    assert len(asked) >= 2


def test_every_column_that_may_name_a_file_is_looked_at():
    known = {column for _table, column in file_columns()}
    assert {"media_path", "thumbnail_path", "greeting_media"} <= known
    # These words are about files, but hold no stored name.
    words = ("file", "media", "picture", "image", "logo", "path", "thumbnail", "attachment")
    others = ("_name", "_type", "_kind", "_state", "_url")
    tenant = set(settings.TENANT_APPS)
    suspects = {
        f"{model._meta.label}.{field.column}"
        for model in apps.get_models()
        if apps.get_app_config(model._meta.app_label).name in tenant
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and any(word in field.column for word in words)
        and not field.column.endswith((*others, *lost_files.ENDINGS))
    }
    assert suspects == set()
