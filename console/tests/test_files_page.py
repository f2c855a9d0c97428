"""Lists of files in the console: kept with their files or not at all, by administrators."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console.tests.pages import FRAGMENT
from messaging.models import FileList, FileListItem
from messaging.services import files
from messaging.tests.talk import picture


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep files of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


def on_disk(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


@pytest.fixture
def listed(cast):
    return files.create_file_list(name="Prices", by=cast.rui)


def test_only_administrators_of_the_company_keep_lists(browser, cast, listed):
    base = f"/app/files/{listed.pk}"
    for path in ("/app/files/", "/app/files/rows/", "/app/files/add/", f"{base}/edit/"):
        assert browser(cast.rui).get(path, **FRAGMENT).status_code == 200
        assert browser(cast.ana).get(path, **FRAGMENT).status_code == 403
        assert browser().get(path, **FRAGMENT).status_code == 401
    assert browser(cast.eva).post(f"{base}/delete/", **FRAGMENT).status_code == 404
    assert browser(cast.ana).post(f"{base}/delete/", **FRAGMENT).status_code == 403
    assert browser(cast.rui).post(f"{base}/delete/", **FRAGMENT).status_code == 200
    assert not FileList.objects.exists()


def test_a_list_is_kept_with_its_files_in_one_go_and_changed_so(browser, cast):
    client = browser(cast.rui)
    form = {"name": " Menu ", "message": "Here", "files": [picture("a.png"), picture("b.png")]}
    pk = client.post("/app/files/add/", form, **FRAGMENT).json()["id"]
    first, second = FileListItem.objects.filter(file_list=pk)
    assert [first.media_name, second.media_name] == ["a.png", "b.png"]
    assert first.media_path
    form = {"name": "Menu", f"words-{second.pk}": "Drinks", "drop": first.pk, "files": picture()}
    assert client.post(f"/app/files/{pk}/edit/", form, **FRAGMENT).status_code == 200
    kept = FileListItem.objects.filter(file_list=pk)
    assert [(one.name, one.media_name) for one in kept] == [
        ("Drinks", "b.png"),
        ("photo.png", "photo.png"),
    ]
    assert "photo.png" in client.get("/app/files/").content.decode()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "ab"}, "ERR_FILE_INVALID_NAME"),
        ({"name": "Prices"}, "ERR_RATING_NAME_ALREADY_EXISTS"),
        ({"message": "x" * 65_537}, "ERR_VALIDATION"),
        ({"files": "setup.exe"}, "ERR_MEDIA_TYPE"),
    ],
)
def test_what_cannot_be_kept_leaves_neither_list_nor_file(
    browser, cast, listed, settings, fields, error
):
    form = {"name": "Menu", "files": picture(), **fields}
    if form["files"] == "setup.exe":
        form["files"] = [picture(), SimpleUploadedFile("setup.exe", b"MZ\x90\x00" + b"\0" * 99)]
    refused = browser(cast.rui).post("/app/files/add/", form, **FRAGMENT)
    assert 400 <= refused.status_code < 500
    assert refused.json()["error"] == error
    assert FileList.objects.count() == 1
    assert on_disk(settings) == []


def test_the_page_costs_the_same_for_one_list_and_for_many(browser, cast, listed):
    client = browser(cast.rui)
    client.cost("/app/files/rows/")
    few = client.cost("/app/files/rows/")
    for n in range(42):
        files.create_file_list(name=f"List {n}", by=cast.rui, places=[files.Place(name="a")])
    assert client.cost("/app/files/rows/") == few
