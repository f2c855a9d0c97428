"""Lists of files: made, filled, sent by queues, and never anybody else's."""

import io
import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.services import create_user
from messaging.events import FileListCreated, FileListDeleted, FileListUpdated
from messaging.exceptions import FileListNotFound
from messaging.media import full_path, store_upload
from messaging.models import FileList, FileListItem, Message
from messaging.services.files import delete_file_list, put_files, send_file_list
from messaging.tests.talk import picture
from tickets.events import QueueUpdated
from tickets.models import Queue
from tickets.services import update_queue
from whaticket.tenancy import in_company
from whaticket.testing.races import at_once

KEYS = {"id", "companyId", "name", "message", "createdAt", "updatedAt"}


@pytest.fixture
def prices(cast):
    """A list with two places."""
    row = FileList.objects.create(name="Prices", message="Our prices, {{firstName}}:")
    for name in ("Table", "Picture"):
        FileListItem.objects.create(file_list=row, name=name)
    return row


@pytest.fixture
def foreign(cast):
    """A list of another company, with a file in it."""
    with in_company(cast.globex.pk):
        row = FileList.objects.create(pk=10**6, name="Foreign")
        item = FileListItem.objects.create(pk=10**6, file_list=row, name="secret")
    return row, item


def upload(client, row, places, files, **fields):
    form = {"typeArch": "fileList", "fileId": row.pk, "id": places, "files": files, **fields}
    return client.post(f"/files/uploadList/{row.pk}", form, format="multipart")


def pdf(name="table.pdf"):
    out = io.BytesIO(b"%PDF-1.4\n%%EOF\n")
    out.name = name
    return out


def places_of(row):
    return [item.pk for item in row.items.all()]


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_list_is_made_with_its_places(api, cast, heard):
    body = {
        "name": " Manuals ",
        "message": "Read this",
        "options": [{"name": "Model X", "path": "../../x.pdf", "mediaType": "text/html"}],
    }
    made = api(cast.ana).post("/files", body, format="json").json()
    assert made.keys() == KEYS | {"options"}
    assert (made["name"], made["companyId"]) == ("Manuals", cast.acme.pk)
    option = made["options"][0]
    assert option.keys() == {
        "id", "name", "path", "fileId", "mediaType", "createdAt", "updatedAt"
    }  # fmt: skip
    # What a client says of a file is only what it calls it.
    assert (option["name"], option["path"], option["mediaType"]) == ("Model X", "x.pdf", "")
    assert heard(FileListCreated) == [{"file_list_id": made["id"], "by_id": cast.ana.pk}]
    assert api(cast.bia).get(f"/files/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_FILE_INVALID_NAME"),
        ({"name": " ab "}, "ERR_FILE_INVALID_NAME"),
        ({"name": "Prices"}, "ERR_RATING_NAME_ALREADY_EXISTS"),
        ({"name": "Other", "options": "x"}, "ERR_VALIDATION"),
        ({"name": "Other", "options": [{"name": "n" * 256}]}, "ERR_VALIDATION"),
        ({"name": "Other", "options": [{"name": "n"}] * 101}, "ERR_VALIDATION"),
        ({"name": "Other", "options": [1]}, "ERR_VALIDATION"),
    ],
)
def test_what_makes_no_list_is_refused_by_its_code(api, cast, prices, body, code):
    answer = api(cast.ana).post("/files", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert FileList.objects.count() == 1


def test_lists_are_searched_named_and_paged(api, cast, prices, foreign):
    FileList.objects.bulk_create([FileList(name=f"Catálogo {n:02}") for n in range(24)])
    ana = api(cast.ana)
    assert ana.get("/files/list?searchParam=price").json() == [
        {
            "id": prices.pk,
            "companyId": cast.acme.pk,
            "name": "Prices",
            "message": prices.message,
        }
    ]
    first = ana.get("/files?searchParam=catalogo").json()
    assert (len(first["files"]), first["count"], first["hasMore"]) == (20, 24, True)
    assert first["files"][0].keys() == KEYS
    last = ana.get("/files?pageNumber=2").json()
    assert ([row["name"] for row in last["files"]][-1], last["hasMore"]) == ("Prices", False)


def test_a_list_costs_as_much_for_forty_as_for_one(api, cast, prices):
    def cost(path):
        client = api(cast.ana)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    paths = ("/files", "/files/list", f"/files/{prices.pk}")
    before = [cost(path) for path in paths]
    FileList.objects.bulk_create([FileList(name=f"list {n}") for n in range(40)])
    FileListItem.objects.bulk_create(
        [FileListItem(file_list=prices, name=f"x{n}") for n in range(40)]
    )
    assert [cost(path) for path in paths] == before


def test_a_change_keeps_named_places_adds_new_ones_and_drops_the_rest(
    api, cast, prices, settings, frames, heard
):
    table, photo = places_of(prices)
    assert upload(api(cast.ana), prices, [table, photo], [pdf(), picture()]).status_code == 200
    body = {
        "name": "Prices 2026",
        "options": [{"id": table, "name": "New table", "path": "other.pdf"}, {"name": "More"}],
    }
    before = len(files_of(settings))
    with frames.during():
        changed = api(cast.rui).put(f"/files/{prices.pk}", body, format="json").json()
    assert changed.keys() == {"id", "companyId", "name", "message", "options"}
    assert (changed["name"], changed["message"]) == ("Prices 2026", prices.message)
    assert [(row["name"], row["path"]) for row in changed["options"]] == [
        ("New table", "table.pdf"),
        ("More", ""),
    ]
    assert changed["options"][0]["id"] == table
    # The picture and its thumbnail are gone.
    assert len(files_of(settings)) == before - 2
    assert heard(FileListUpdated)[-1]["file_list_id"] == prices.pk


def test_only_administrators_change_a_list(api, cast, prices):
    answer = api(cast.ana).put(f"/files/{prices.pk}", {"name": "Mine now"})
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION")
    assert FileList.objects.get().name == "Prices"


def test_strangers_find_no_list_and_no_place(api, cast, prices, foreign):
    row, item = foreign
    rui = api(cast.rui)
    answers = [
        rui.get(f"/files/{row.pk}"),
        rui.put(f"/files/{row.pk}", {"name": "Stolen"}),
        upload(rui, row, [item.pk], [pdf()]),
        # A place of another list, and of another company.
        upload(rui, prices, [item.pk], [pdf()]),
        rui.put(f"/files/{prices.pk}", {"options": [{"id": item.pk, "name": "x"}]}, format="json"),
    ]
    assert [(a.status_code, a.json()["error"]) for a in answers] == [(404, "ERR_NO_FILE_FOUND")] * 5
    gone = rui.delete(f"/files/{row.pk}")
    assert (gone.status_code, gone.json()["error"]) == (404, "ERR_NO_RATING_FOUND")
    assert len(places_of(prices)) == 2
    with in_company(cast.globex.pk):
        assert FileListItem.objects.get().media_path == ""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/files"), ("get", "/files/list"), ("post", "/files"), ("delete", "/files"),
        ("get", "/files/{pk}"), ("put", "/files/{pk}"), ("delete", "/files/{pk}"),
        ("post", "/files/uploadList/{pk}"),
    ],
)  # fmt: skip
def test_nobody_comes_without_a_name(api, cast, prices, method, path):
    assert getattr(api(), method)(path.format(pk=prices.pk)).status_code == 401


def test_deleting_all_lists_leaves_those_of_other_companies(
    api, cast, prices, foreign, settings, frames, heard
):
    upload(api(cast.ana), prices, places_of(prices), [pdf(), picture()])
    with frames.during():
        answer = api(cast.ana).delete("/files")
    assert (answer.status_code, answer.content) == (200, b"")
    assert not FileList.objects.exists()
    assert files_of(settings) == []
    assert [event["file_list_id"] for event in heard(FileListDeleted)] == [prices.pk]
    with in_company(cast.globex.pk):
        assert FileList.objects.count() == 1
    assert api(cast.ana).delete("/files").status_code == 200


def test_a_queue_forgets_a_list_that_is_removed(api, cast, prices, heard):
    cast.sales.file_list_id = prices.pk
    cast.sales.save()
    assert api(cast.ana).delete(f"/files/{prices.pk}").json() == {"message": "File List deleted"}
    cast.sales.refresh_from_db()
    assert cast.sales.file_list_id is None
    assert [event["queue_id"] for event in heard(QueueUpdated)] == [cast.sales.pk]


def test_a_list_that_a_queue_takes_meanwhile_is_not_lost_unnoticed(scratch_company):
    """Whoever comes second sees what the first did: the queue never keeps a list that is gone."""
    queue = Queue.objects.create(name="Scratch", color="#123456")
    row = FileList.objects.create(name="Prices", message="")
    boss = create_user(
        company_id=scratch_company.pk, email="b@scratch.example", password="correct horse", name="B"
    )

    taken, removed = threading.Event(), threading.Event()

    def take():
        with transaction.atomic():
            update_queue(queue, by=boss, file_list_id=row.pk)
            taken.set()
            # Time for the other to come by, were it not made to wait.
            removed.wait(0.3)

    def remove():
        taken.wait(5)
        delete_file_list(row.pk, by=boss)
        removed.set()

    at_once(lambda act: act(), [take, remove])
    queue.refresh_from_db()
    assert queue.file_list_id is None
    assert not FileList.objects.exists()
    boss.delete()


def test_files_go_where_the_form_says_and_are_what_their_bytes_say(api, cast, prices, settings):
    table, photo = places_of(prices)
    answer = upload(
        api(cast.ana),
        prices,
        [photo, table],
        [picture("../../photo.png"), pdf()],
        mediaType=["text/html", "image/svg+xml"],
        name=["x", "y"],
        typeArch="../../../etc",
        fileId="../..",
    )
    assert answer.json() == {"mensagem": "Files saved"}
    options = {o["id"]: o for o in api(cast.ana).get(f"/files/{prices.pk}").json()["options"]}
    assert (options[table]["path"], options[table]["mediaType"]) == ("table.pdf", "application/pdf")
    assert (options[photo]["path"], options[photo]["mediaType"]) == ("photo.png", "image/png")
    assert options[table]["name"] == "Table"
    home = settings.MEDIA_ROOT / cast.acme.schema_name
    assert {path.is_relative_to(home) for path in files_of(settings)} == {True}


@pytest.mark.parametrize("places", [[], ["x"], ["0"], ["{table}", "{table}"], ["[1"], ["{table}"]])
def test_a_form_that_does_not_fit_is_refused_before_anything_is_stored(
    api, cast, prices, settings, places
):
    table = places_of(prices)[0]
    wanted = [place.format(table=table) for place in places]
    answer = upload(api(cast.ana), prices, wanted, [pdf(), picture()])
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert files_of(settings) == []


def test_one_hostile_file_spoils_all(api, cast, prices, settings):
    evil = io.BytesIO(b"MZ" + b"\x00" * 600)
    evil.name = "table.pdf"
    answer = upload(api(cast.ana), prices, places_of(prices), [picture(), evil])
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TYPE")
    assert files_of(settings) == []


def test_a_file_for_a_place_that_has_gone_meanwhile_is_not_kept(cast, prices, settings):
    stored = store_upload(pdf(), name="x.pdf")
    with pytest.raises(FileListNotFound):
        put_files(prices.pk, {10**6: stored}, by=cast.ana)
    assert files_of(settings) == []


def test_both_event_names_tell_of_lists(api, cast, frames):
    with frames.during():
        made = api(cast.ana).post("/files", {"name": "Manuals"}).json()
    company = cast.acme.pk
    both = [f"company{company}-file", f"company-{company}-file"]
    assert frames.told() == [(name, {"action": "create", "fileList": made}, None) for name in both]
    with frames.during():
        api(cast.rui).put(f"/files/{made['id']}", {"message": "new"})
    told = frames.told()
    assert [name for name, _, _ in told] == both
    assert (told[0][1]["action"], told[0][1]["fileList"]["message"]) == ("update", "new")
    with frames.during():
        api(cast.ana).delete(f"/files/{made['id']}")
    assert frames.told() == [
        (name, {"action": "delete", "fileId": made["id"]}, None) for name in both
    ]


# Sending --------------------------------------------------------------------------------------


@pytest.fixture
def filled(prices, cast):
    """The list with a file in each place."""
    files = [store_upload(pdf(), name="table.pdf"), store_upload(picture(), name="photo.png")]
    put_files(prices.pk, dict(zip(places_of(prices), files, strict=True)), by=cast.ana)
    return prices


def test_a_list_is_sent_once_words_first_each_file_a_copy_of_its_own(ticket, filled, settings):
    FileListItem.objects.create(file_list=filled, name="still empty")
    sent = send_file_list(ticket, filled.pk, idempotency_key="entry:1")
    assert [(m.kind, m.body.lstrip("\u200e"), m.media_name) for m in sent] == [
        ("text", "Our prices, Carla:", ""),
        ("document", "Table", "table.pdf"),
        ("image", "Picture", "photo.png"),
    ]
    assert {message.origin for message in sent} == {Message.Origin.BOT}
    count = len(files_of(settings))
    again = send_file_list(ticket, filled.pk, idempotency_key="entry:1")
    assert [message.pk for message in again] == [message.pk for message in sent]
    assert Message.objects.count() == 3
    assert len(files_of(settings)) == count
    own = {item.media_path for item in filled.items.exclude(media_path="")}
    assert own.isdisjoint(message.media_path for message in sent)


def test_what_was_sent_outlives_the_list(ticket, filled, api, cast, frames):
    sent = send_file_list(ticket, filled.pk)
    with frames.during():
        api(cast.ana).delete(f"/files/{filled.pk}")
    assert [full_path(m.media_path).is_file() for m in sent if m.media_path] == [True, True]


def test_a_list_that_is_gone_sends_nothing(ticket):
    assert send_file_list(ticket, 10**6, idempotency_key="x") == []


def test_a_file_that_cannot_be_had_is_left_out_and_the_rest_goes(ticket, filled):
    first = filled.items.first()
    full_path(first.media_path).unlink()
    sent = send_file_list(ticket, filled.pk, idempotency_key="entry:2")
    assert [message.media_name for message in sent] == ["", "photo.png"]


def test_nothing_is_left_on_the_disk_where_nothing_can_be_sent(ticket, filled, settings):
    count = len(files_of(settings))
    ticket.connection = None
    ticket.save()
    assert send_file_list(ticket, filled.pk, idempotency_key="entry:3") == []
    assert len(files_of(settings)) == count
