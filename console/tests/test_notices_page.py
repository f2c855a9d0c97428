"""Announcements and help in the console: everybody reads, operators write."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import create_user
from companies.models import Announcement, Help
from companies.services import public_folder
from console.tests.pages import FRAGMENT
from messaging.tests.talk import picture


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep files of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def root(cast):
    return create_user(
        company_id=cast.globex.pk,
        email="root@globex.example",
        password="correct horse",
        name="Root",
        profile="admin",
        is_super=True,
    )


@pytest.fixture
def told(cast):
    fields = {"company": cast.globex, "title": "Maintenance", "text": "Tonight at *ten*"}
    return Announcement.objects.create(**fields, priority=Announcement.Priority.HIGH)


def form(**fields):
    return {"title": "News", "text": "All well", "priority": "3", "is_shown": "1", **fields}


@pytest.mark.parametrize(
    ("method", "path", "for_all"),
    [
        ("get", "/app/notices/", True),
        ("get", "/app/help/", True),
        ("get", "/app/help/rows/", True),
        ("get", "/app/announcements/", False),
        ("get", "/app/announcements/rows/", False),
        ("get", "/app/announcements/add/", False),
        ("post", "/app/announcements/add/", False),
        ("post", "/app/announcements/{n}/edit/", False),
        ("get", "/app/announcements/{n}/delete/", False),
        ("post", "/app/announcements/{n}/delete/", False),
        ("post", "/app/help/add/", False),
        ("get", "/app/help/{h}/edit/", False),
        ("get", "/app/help/{h}/delete/", False),
        ("post", "/app/help/{h}/delete/", False),
    ],
)
def test_everybody_reads_and_only_operators_write(browser, cast, root, told, method, path, for_all):
    guide = Help.objects.create(title="Queues", description="What they are for")
    path = path.format(n=told.pk, h=guide.pk)
    fields = form(description="How it works") if method == "post" else {}
    for user, status in ((cast.ana, 200 if for_all else 403), (cast.rui, 200 if for_all else 403)):
        assert getattr(browser(user), method)(path, fields, **FRAGMENT).status_code == status
    assert getattr(browser(root), method)(path, fields, **FRAGMENT).status_code == 200
    assert getattr(browser(), method)(path, **FRAGMENT).status_code == 401


def test_every_company_sees_what_is_shown_urgent_first_and_nothing_else(browser, cast, told):
    Announcement.objects.create(company=cast.globex, title="Later", text="x")
    Announcement.objects.create(company=cast.globex, title="Draft", text="x", is_shown=False)
    html = browser(cast.ana).get("/app/").content.decode()
    bell = html[html.index('id="notices-in"') :]
    assert bell.index("Maintenance") < bell.index("Later")
    assert "<strong>ten</strong>" in bell
    assert "Draft" not in bell
    # Whoever read it reads it again once it says something else.
    assert f'data-notice="{told.pk}@' in bell


def test_an_announcement_is_written_with_its_picture_and_loses_it_again(browser, root):
    client = browser(root)
    sent = form(file=picture(), priority="1", title=" Down ")
    pk = client.post("/app/announcements/add/", sent, **FRAGMENT).json()["id"]
    row = Announcement.objects.get(pk=pk)
    assert (row.title, row.priority, row.is_shown, row.media_name) == ("Down", 1, True, "photo.png")
    assert (public_folder("announcements") / row.media_path).exists()
    page = client.get("/app/announcements/").content.decode()
    assert f"/public/announcements/{row.media_path}" in page
    changed = {**form(drop_file="1"), "is_shown": ""}
    assert client.post(f"/app/announcements/{pk}/edit/", changed, **FRAGMENT).status_code == 200
    row.refresh_from_db()
    assert (row.title, row.is_shown, row.media_path) == ("News", False, "")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"title": " "}, "ERR_ANNOUNCEMENT_REQUIRED"),
        ({"text": ""}, "ERR_ANNOUNCEMENT_REQUIRED"),
        ({"title": "x" * 256}, "ERR_VALIDATION"),
        ({"text": "x" * 20_001}, "ERR_VALIDATION"),
        ({"priority": "4"}, "ERR_VALIDATION"),
        ({"file": "setup.exe"}, "ERR_MEDIA_TYPE"),
    ],
)
def test_what_cannot_be_announced_is_said_in_words_and_leaves_nothing(browser, root, fields, error):
    if "file" in fields:
        program = b"MZ\x90\x00" + b"\0" * 100
        fields = {"file": SimpleUploadedFile(fields["file"], program)}
    refused = browser(root).post("/app/announcements/add/", form(**fields), **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert not refused.json()["message"].endswith(f"({error}).")
    assert not Announcement.objects.exists()
    folder = public_folder("announcements")
    assert not folder.exists() or not list(folder.iterdir())


def test_help_leads_to_videos_and_pages_and_never_to_scripts(browser, cast, root):
    Help.objects.create(title="A", description="x", video="dQw4w9WgXcQ", link="https://a.example/")
    Help.objects.create(
        title="B", description="x", video="javascript:alert(1)", link="javascript:1"
    )
    html = browser(cast.ana).get("/app/help/").content.decode()
    assert 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"' in html
    assert 'href="https://a.example/"' in html
    assert 'href="javascript' not in html
    wrong = {"title": "Ab", "description": "x"}
    refused = browser(root).post("/app/help/add/", wrong, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_HELP_INVALID_NAME")
    wrong = {"title": "Abc", "description": "abc", "link": "javascript:1"}
    assert browser(root).post("/app/help/add/", wrong, **FRAGMENT).json()["fields"] == ["link"]


def test_lists_cost_the_same_for_one_and_for_many(browser, cast, root, told):
    client = browser(root)

    def cost():
        found = []
        for path in ("/app/announcements/rows/", "/app/help/rows/", "/app/notices/"):
            with CaptureQueriesContext(connection) as spent:
                client.get(path, **FRAGMENT)
            found.append(len(spent))
        return found

    cost()
    few = cost()
    for n in range(45):
        Announcement.objects.create(company=cast.acme, title=f"N{n}", text="x")
        Help.objects.create(title=f"H{n:02}", description="x")
    assert cost() == few
    assert "rows/?page=2" in client.get("/app/help/rows/", **FRAGMENT).content.decode()
