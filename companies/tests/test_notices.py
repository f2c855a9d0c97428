"""What the platform tells everybody, its versions and its partners (rest.md §19 and §23)."""

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies import tasks
from companies.events import NoticeChanged
from companies.models import Announcement, Help, Partner, Version
from companies.services import public_folder
from companies.tests.test_settings import SVG, picture
from whaticket.tenancy import current_company_id


@pytest.fixture
def heard_where(monkeypatch):
    """`heard_where()` gives (company, event name, payload) of each frame since the last time."""
    sent = []

    def emit(frames):
        here = current_company_id()
        sent.extend((here, frame.event, orjson.loads(frame.data)) for frame in frames)

    monkeypatch.setattr("companies.tasks.emit", emit)
    # The worker's part, at once.
    monkeypatch.setattr("companies.receivers.wake", lambda task, *args: task(*args))

    def since():
        taken, sent[:] = list(sent), []
        return taken

    return since


def test_a_new_announcement_reaches_every_active_company(
    api, facts, heard, heard_where, django_capture_on_commit_callbacks
):
    body = {"title": "Maintenance", "text": "Tonight at ten", "priority": 1, "status": True}
    with django_capture_on_commit_callbacks(execute=True):
        row = api(facts.root).post("/announcements", body).json()
    frames = heard_where()
    assert {company for company, *_ in frames} >= {facts.acme.pk, facts.globex.pk}
    assert {event for _, event, _ in frames} == {"company-announcement"}
    told = frames[0][2]
    assert (told["action"], told["record"]["id"]) == ("create", row["id"])
    assert {**told["record"]} == row
    assert [event["action"] for event in heard(NoticeChanged)] == ["create"]
    assert api(facts.eva).get("/announcements").json()["records"][0]["title"] == "Maintenance"


def test_a_switched_off_company_hears_nothing(facts, heard_where):
    facts.globex.is_active = False
    type(facts.globex).objects.filter(pk=facts.globex.pk).update(is_active=False)
    tasks.tell_companies("announcement", "update", facts.notice.pk)
    assert facts.globex.pk not in {company for company, *_ in heard_where()}


def test_a_draft_is_seen_by_operators_only_and_told_to_nobody(
    api, facts, heard_where, django_capture_on_commit_callbacks
):
    client = api(facts.root)
    body = {"title": "Secret", "text": "Not yet", "status": False}
    with django_capture_on_commit_callbacks(execute=True):
        draft = client.post("/announcements", body).json()
    assert heard_where() == []
    path = f"/announcements/{draft['id']}"
    for person in (facts.ana, facts.rui, facts.eva):
        other = api(person)
        assert other.get(path).json()["error"] == "ERR_NO_ANNOUNCEMENT_FOUND"
        assert "Secret" not in str(other.get("/announcements").json())
        assert "Secret" not in str(other.get("/announcements/list").json())
    assert client.get(path).status_code == 200
    assert "Secret" in str(client.get("/announcements/list").json())
    with django_capture_on_commit_callbacks(execute=True):
        client.put(path, {"status": True})
    assert heard_where()[0][2]["action"] == "update"
    with django_capture_on_commit_callbacks(execute=True):
        client.put(path, {"status": False})
    assert heard_where()[0][2] == {"action": "delete", "id": draft["id"]}


def test_a_removed_announcement_leaves_with_its_file(
    api, facts, heard_where, django_capture_on_commit_callbacks
):
    client, path = api(facts.root), f"/announcements/{facts.notice.pk}"
    file = SimpleUploadedFile("aviso final.png", picture(), "image/png")
    sent = {"file": file, "typeArch": "announcements"}
    assert "mensagem" in client.post(f"{path}/media-upload", sent, format="multipart").json()
    row = client.get(path).json()
    assert row["mediaName"] == "aviso final.png"
    stored = public_folder("announcements") / row["mediaPath"].rpartition("/")[2]
    assert "/public/announcements/" in row["mediaPath"]
    assert stored.is_file()
    answer = client.get(f"/public/announcements/{stored.name}")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    heard_where()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(path).status_code == 200
    assert heard_where()[0][2] == {"action": "delete", "id": facts.notice.pk}
    assert not stored.exists()
    assert client.get(path).status_code == 404


def test_a_new_file_takes_the_place_of_the_old_one_and_can_be_taken_away(
    api, facts, django_capture_on_commit_callbacks
):
    client, path = api(facts.root), f"/announcements/{facts.notice.pk}"

    def send(content):
        with django_capture_on_commit_callbacks(execute=True):
            form = {"file": SimpleUploadedFile("a.txt", content), "title": "With file"}
            row = client.put(path, form, format="multipart").json()
        return public_folder("announcements") / row["mediaPath"].rpartition("/")[2]

    first, second = send(b"first text"), send(b"second text")
    assert (first.exists(), second.read_bytes()) == (False, b"second text")
    opened = client.get(f"/public/announcements/{second.name}")
    assert opened["Content-Type"] == "application/octet-stream"
    assert opened["Content-Disposition"].startswith("attachment")
    with django_capture_on_commit_callbacks(execute=True):
        client.delete(f"{path}/media-upload")
    row = client.get(path).json()
    assert (row["mediaPath"], row["mediaName"], row["title"]) == (None, None, "With file")
    assert not second.exists()


@pytest.mark.parametrize("content", [SVG, b"<html><script>", b"MZ" + b"\0" * 100, b"#!/bin/sh"])
def test_files_that_mean_harm_are_refused(api, facts, content):
    path = f"/announcements/{facts.notice.pk}"
    form = {"file": SimpleUploadedFile("a.png", content)}
    answer = api(facts.root).post(f"{path}/media-upload", form, format="multipart")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TYPE")
    assert Announcement.objects.get(pk=facts.notice.pk).media_path == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_ANNOUNCEMENT_REQUIRED"),
        ({"title": "A"}, "ERR_ANNOUNCEMENT_REQUIRED"),
        ({"title": " ", "text": "b"}, "ERR_ANNOUNCEMENT_REQUIRED"),
        ({"title": "A", "text": "b", "priority": 4}, "ERR_VALIDATION"),
        ({"title": "x" * 256, "text": "b"}, "ERR_VALIDATION"),
        ({"title": "A", "text": "b", "status": "often"}, "ERR_VALIDATION"),
    ],
)
def test_a_bad_announcement_is_refused(api, facts, body, code):
    answer = api(facts.root).post("/announcements", body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert Announcement.objects.count() == 1


def test_lists_come_page_by_page_newest_first_at_one_cost(api, facts):
    def cost(path):
        client = api(facts.ana)
        client.get(path)
        with CaptureQueriesContext(connection) as spent:
            client.get(path)
        return len(spent)

    paths = ["/announcements", "/announcements/list", "/helps", "/helps/list"]
    before = [cost(path) for path in paths]
    Announcement.objects.bulk_create(
        Announcement(company=facts.globex, title=f"News {n}", text="x") for n in range(40)
    )
    Help.objects.bulk_create(Help(title=f"Help {n:02}", description="words") for n in range(40))
    assert [cost(path) for path in paths] == before
    first = api(facts.ana).get("/announcements").json()
    assert (len(first["records"]), first["count"], first["hasMore"]) == (20, 41, True)
    last = api(facts.ana).get("/announcements?pageNumber=3").json()
    assert (last["records"][0]["title"], last["hasMore"]) == ("Soon", False)
    found = api(facts.ana).get("/helps?searchParam=HELP%2007").json()
    assert [row["title"] for row in found["records"]] == ["Help 07"]


def test_help_pages_reach_every_company_under_its_own_name(
    api, facts, heard_where, django_capture_on_commit_callbacks
):
    body = {"title": "Tags", "description": "How to use tags", "video": "abc", "link": ""}
    client = api(facts.root)
    with django_capture_on_commit_callbacks(execute=True):
        row = client.post("/helps", body).json()
    names = {company: event for company, event, _ in heard_where()}
    assert names[facts.acme.pk] == f"company-{facts.acme.pk}-help"
    assert names[facts.globex.pk] == f"company-{facts.globex.pk}-help"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.put(f"/helps/{row['id']}", {"title": "Tags 2"}).json()["video"] == "abc"
        client.delete(f"/helps/{row['id']}")
    told = [payload["action"] for company, _, payload in heard_where() if company == facts.acme.pk]
    # The page was gone when the news of its change went out.
    assert told == ["delete", "delete"]
    assert client.get(f"/helps/{row['id']}").json()["error"] == "ERR_NO_HELP_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_HELP_REQUIRED"),
        ({"title": "", "description": "words"}, "ERR_HELP_REQUIRED"),
        ({"title": "ab", "description": "words"}, "ERR_HELP_INVALID_NAME"),
        ({"title": "abc", "description": "wo"}, "ERR_HELP_INVALID_NAME"),
        ({"title": "abc"}, "ERR_HELP_INVALID_NAME"),
        ({"title": "abc", "description": "words", "video": "x" * 256}, "ERR_VALIDATION"),
    ],
)
def test_a_bad_help_page_is_refused_by_both_doors(api, facts, platform, owner, body, code):
    for client, path in ((api(facts.root), "/helps"), (platform, "/api/helps")):
        answer = client.post(path, body)
        assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert Help.objects.count() == 1


def test_the_platforms_programs_keep_help_pages(platform, facts, owner):
    row = platform.post("/api/helps", {"title": "Queues", "description": "What they are"}).json()
    path = f"/api/helps/{row['id']}"
    assert platform.put(path, {"title": "Queues!"}).json()["title"] == "Queues!"
    assert platform.get(path).json()["description"] == "What they are"
    assert platform.get("/api/helps?searchParam=queues").json()["count"] == 1
    assert platform.delete(path).status_code == 200
    assert platform.get(path).status_code == 404


# The version ----------------------------------------------------------------------------------


def test_only_operators_and_the_platforms_programs_write_the_version(api, facts, platform, web):
    first = web.get("/version").json()["version"]
    for client in (web, api(facts.ana), api(facts.rui), api(facts.eva)):
        answer = client.post("/version", {"version": "6.6.6"})
        assert (answer.status_code, answer.json()) == (200, {"version": first})
    assert not Version.objects.exists()
    assert api(facts.root).post("/version", {"version": "2.0.0"}).json() == {"version": "2.0.0"}
    assert platform.post("/version", {"version": "2.0.1"}).json() == {"version": "2.0.1"}
    assert web.get("/version").json() == {"version": "2.0.1"}


@pytest.mark.parametrize("shown", ["Bearer x", "Bearer ", "Basic eA=="])
def test_a_token_that_is_over_does_not_stop_a_page_from_reading_the_version(web, cast, shown):
    web.credentials(HTTP_AUTHORIZATION=shown)
    assert web.get("/version").status_code == 200
    assert web.post("/version", {"version": "6.6.6"}).status_code == 200
    assert not Version.objects.exists()


# Partners -------------------------------------------------------------------------------------

PARTNER = {
    "name": "Reseller",
    "phone": "551100",
    "email": "sales@reseller.example",
    "document": "12345678901",
    "commission": 12.5,
    "typeCommission": "percent",
}


def test_a_partner_is_made_changed_and_removed(platform, facts):
    row = platform.post("/api/partners", PARTNER).json()
    assert (row["commission"], row["typeCommission"], row["walletId"]) == (12.5, "percent", "")
    path = f"/api/partners/{row['id']}"
    changed = platform.put(path, {**PARTNER, "commission": "7", "walletId": "w-1"}).json()
    assert (changed["commission"], changed["walletId"]) == (7.0, "w-1")
    found = platform.get("/api/partners?searchParam=resell").json()
    assert [one["id"] for one in found["records"]] == [row["id"]]
    assert platform.delete(path).status_code == 200
    assert platform.get(path).json()["error"] == "ERR_NO_PARTNER_FOUND"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Partner"}, "ERR_PARTNER_NAME_ALREADY_EXISTS"),
        ({"document": "10987654321"}, "ERR_PARTNER_DOCUMENT_ALREADY_EXISTS"),
        ({"name": ""}, "ERR_VALIDATION"),
        ({"email": "nobody"}, "ERR_VALIDATION"),
        ({"commission": "much"}, "ERR_VALIDATION"),
        ({"commission": -1}, "ERR_VALIDATION"),
        ({"commission": "99999999999"}, "ERR_VALIDATION"),
        ({"typeCommission": None}, "ERR_VALIDATION"),
    ],
)
def test_a_bad_partner_is_refused(platform, facts, change, code):
    answer = platform.post("/api/partners", {**PARTNER, **change})
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert Partner.objects.count() == 1
