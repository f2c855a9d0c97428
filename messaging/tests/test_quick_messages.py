"""Quick messages: one's own or the company's, with a file, and nothing of anybody else's."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.events import QuickMessageCreated, QuickMessageDeleted, QuickMessageUpdated
from messaging.media import full_path
from messaging.models import QuickMessage
from messaging.tests.talk import picture
from whaticket.tenancy import in_company

KEYS = {
    "id", "shortcode", "message", "companyId", "userId", "mediaPath", "mediaName", "geral",
    "visao", "createdAt", "updatedAt",
}  # fmt: skip


@pytest.fixture
def kept(cast):
    """Ana's own, Ana's for all to see, Ana's for all to change; and one of another company."""

    def keep(owner, shortcode, **fields):
        return QuickMessage.objects.create(
            owner=owner, shortcode=shortcode, text=f"text of {shortcode}", **fields
        )

    own = keep(cast.ana, "own", is_shared=False)
    shown = keep(cast.ana, "shown")
    common = keep(cast.ana, "common", is_editable_by_all=True)
    with in_company(cast.globex.pk):
        foreign = keep(cast.eva, "foreign", is_editable_by_all=True)
    return {"own": own, "shown": shown, "common": common, "foreign": foreign}


def names(records):
    return [row["shortcode"] for row in records]


def upload(client, pk, file=None, **fields):
    form = {"typeArch": "quickMessage", "file": file or picture(), **fields}
    return client.post(f"/quick-messages/{pk}/media-upload", form, format="multipart")


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_quick_message_is_kept_with_the_contracts_keys(api, cast, heard):
    body = {"shortcode": " hi ", "message": "Hello {{name}}", "isMedia": False, "visao": True}
    made = api(cast.ana).post("/quick-messages", body).json()
    assert made.keys() == KEYS
    assert (made["shortcode"], made["message"]) == ("hi", "Hello {{name}}")
    assert (made["geral"], made["visao"], made["mediaPath"]) == (False, True, None)
    assert (made["userId"], made["companyId"]) == (cast.ana.pk, cast.acme.pk)
    assert heard(QuickMessageCreated)[0]["quick_message_id"] == made["id"]
    assert api(cast.bia).get(f"/quick-messages/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_QUICKMESSAGE_REQUIRED"),
        ({"shortcode": "hi"}, "ERR_QUICKMESSAGE_REQUIRED"),
        ({"message": "hello"}, "ERR_QUICKMESSAGE_REQUIRED"),
        ({"shortcode": " ", "message": "hello"}, "ERR_QUICKMESSAGE_INVALID_NAME"),
        ({"shortcode": "hi", "message": "ab"}, "ERR_QUICKMESSAGE_INVALID_NAME"),
        ({"shortcode": ["hi"], "message": "hello"}, "ERR_VALIDATION"),
        ({"shortcode": "h" * 256, "message": "hello"}, "ERR_VALIDATION"),
        ({"shortcode": "hi", "message": "hello", "visao": "perhaps"}, "ERR_VALIDATION"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_code(api, cast, body, code):
    answer = api(cast.ana).post("/quick-messages", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not QuickMessage.objects.exists()


def test_a_text_may_be_missing_where_a_file_follows(api, cast):
    body = {"shortcode": "price list", "message": "", "isMedia": True, "mediaPath": "a.pdf"}
    made = api(cast.ana).post("/quick-messages", body, format="json").json()
    # Where a file lies is never the client's to say.
    assert (made["message"], made["mediaPath"], made["mediaName"]) == ("", None, None)


def test_one_sees_the_companys_and_ones_own_and_no_name_in_the_address_changes_that(
    api, cast, kept
):
    assert names(api(cast.ana).get("/quick-messages").json()["records"]) == [
        "common", "own", "shown"
    ]  # fmt: skip
    assert names(api(cast.bia).get("/quick-messages").json()["records"]) == ["common", "shown"]
    asked = f"?companyId={cast.globex.pk}&userId={cast.ana.pk}"
    rows = api(cast.bia).get(f"/quick-messages/list{asked}").json()
    assert names(rows) == ["common", "shown"]
    assert rows[0].keys() == KEYS | {"company"}
    assert rows[0]["company"] == {"id": cast.acme.pk, "name": cast.acme.name}
    assert names(api(cast.eva).get(f"/quick-messages/list?companyId={cast.acme.pk}").json()) == [
        "foreign"
    ]


def test_the_list_is_searched_by_short_name_and_paged(api, cast):
    QuickMessage.objects.bulk_create(
        [QuickMessage(owner=cast.ana, shortcode=f"Preço {n:02}", text="abc") for n in range(45)]
    )
    QuickMessage.objects.create(owner=cast.ana, shortcode="100% off_", text="abc")
    bia = api(cast.bia)
    last = bia.get("/quick-messages?searchParam=PRECO&pageNumber=3").json()
    assert (len(last["records"]), last["count"], last["hasMore"]) == (5, 45, False)
    assert bia.get("/quick-messages?searchParam=preco").json()["hasMore"] is True
    assert names(bia.get("/quick-messages?searchParam=0%25").json()["records"]) == ["100% off_"]
    beyond = bia.get("/quick-messages?pageNumber=99").json()
    assert (beyond["records"], beyond["hasMore"]) == ([], False)


def test_a_list_costs_as_much_for_forty_as_for_one(api, cast):
    def cost(path):
        client = api(cast.ana)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    QuickMessage.objects.create(owner=cast.ana, shortcode="a", text="abc")
    paths = ("/quick-messages", "/quick-messages/list")
    before = [cost(path) for path in paths]
    QuickMessage.objects.bulk_create(
        [QuickMessage(owner=cast.ana, shortcode=f"x{n}", text="abc") for n in range(40)]
    )
    assert [cost(path) for path in paths] == before


@pytest.mark.parametrize(
    ("which", "who", "status"),
    [
        ("own", "ana", 200), ("own", "bia", 404), ("own", "rui", 404), ("own", "eva", 404),
        ("shown", "ana", 200), ("shown", "bia", 403), ("shown", "rui", 403), ("shown", "eva", 404),
        ("common", "bia", 200), ("common", "eva", 404),
        ("foreign", "ana", 404), ("foreign", "rui", 404), ("foreign", "eva", 200),
        ("own", None, 401),
    ],
)  # fmt: skip
def test_only_those_who_may_change_a_quick_message(api, cast, kept, which, who, status):
    client = api(getattr(cast, who) if who else None)
    pk = kept[which].pk
    path = f"/quick-messages/{pk}"
    body = {"shortcode": "taken over", "message": "hello"}
    answers = [
        client.put(path, body),
        upload(client, pk),
        client.delete(f"{path}/media-upload"),
        client.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [status] * 4
    owner = cast.eva if which == "foreign" else cast.ana
    with in_company(owner.company_id):
        assert QuickMessage.objects.filter(pk=pk).exists() == (status != 200)
        assert not QuickMessage.objects.filter(pk=pk, shortcode="taken over").exists()


def test_ids_are_seen_only_by_whom_they_are_for(api, cast, kept):
    def seen(who):
        client = api(who)
        return [client.get(f"/quick-messages/{row.pk}").status_code for row in kept.values()]

    assert seen(cast.bia) == [404, 200, 200, 404]
    assert api(cast.bia).get(f"/quick-messages/{kept['own'].pk}").json() == {
        "error": "ERR_NO_TICKETNOTE_FOUND"
    }
    gone = api(cast.bia).delete(f"/quick-messages/{kept['own'].pk}")
    assert gone.json() == {"error": "ERR_NO_QUICKMESSAGE_FOUND"}


def test_an_administrator_looks_after_what_a_person_who_left_has_left(api, cast, kept):
    from accounts.services import remove_user

    remove_user(cast.ana, by=cast.rui)
    body = {"shortcode": "shown", "message": "new text"}
    path = f"/quick-messages/{kept['shown'].pk}"
    assert api(cast.bia).put(path, body).status_code == 403
    assert api(cast.rui).put(path, body).json()["message"] == "new text"
    assert api(cast.rui).put(f"/quick-messages/{kept['own'].pk}", body).status_code == 404


def test_a_change_keeps_what_it_does_not_name(api, cast, kept, heard):
    ana = api(cast.ana)
    changed = ana.put(f"/quick-messages/{kept['common'].pk}", {"shortcode": "c2"}).json()
    assert (changed["shortcode"], changed["message"]) == ("c2", "text of common")
    assert (changed["geral"], changed["visao"]) == (True, True)
    assert heard(QuickMessageUpdated)[0]["by_id"] == cast.ana.pk
    refused = ana.put(f"/quick-messages/{kept['common'].pk}", {"message": "x"})
    assert refused.json()["error"] == "ERR_QUICKMESSAGE_INVALID_NAME"


def test_a_file_comes_and_is_replaced_and_goes_and_leaves_nothing_on_the_disk(
    api, cast, kept, settings, frames
):
    ana, pk = api(cast.ana), kept["shown"].pk
    assert upload(ana, pk).json() == {"mensagem": "File saved"}
    shown = ana.get(f"/quick-messages/{pk}").json()
    assert shown["mediaName"] == "photo.png"
    base = f"{settings.BACKEND_URL}/public/company{cast.acme.pk}/quickMessage/"
    assert shown["mediaPath"].startswith(base)
    address = shown["mediaPath"].removeprefix(settings.BACKEND_URL)
    with in_company(cast.acme.pk):
        served = Client().get(address)
        assert (served.status_code, served["Content-Type"]) == (200, "image/png")
        assert Client().get(address.partition("?")[0]).status_code == 403
    before = set(files_of(settings))
    with frames.during():
        upload(ana, pk, io.BytesIO(b"%PDF-1.4\n%%EOF\n"))
    after = set(files_of(settings))
    assert not before & after
    assert QuickMessage.objects.get(pk=pk).media_type == "application/pdf"
    with frames.during():
        assert ana.delete(f"/quick-messages/{pk}/media-upload").json() == {
            "mensagem": "File removed"
        }
    assert files_of(settings) == []
    upload(ana, pk)
    with frames.during():
        ana.delete(f"/quick-messages/{pk}")
    assert files_of(settings) == []


@pytest.mark.parametrize("type_arch", ["../../../../etc", "/etc", "quickMessage/../..", "..\\x"])
def test_no_folder_or_name_of_a_form_leads_out_of_the_companys_folder(
    api, cast, kept, settings, type_arch
):
    file = picture("../../../evil/../x.png")
    answer = upload(api(cast.ana), kept["own"].pk, file, typeArch=type_arch, fileId="../../1")
    assert answer.status_code == 200
    home = settings.MEDIA_ROOT / cast.acme.schema_name
    assert {path.is_relative_to(home) for path in files_of(settings)} == {True}
    row = QuickMessage.objects.get(pk=kept["own"].pk)
    assert full_path(row.media_path).is_file()
    assert row.media_name == "x.png"


def test_two_files_of_one_name_do_not_overwrite_each_other(api, cast, kept):
    ana = api(cast.ana)
    upload(ana, kept["own"].pk)
    upload(ana, kept["shown"].pk)
    own, shown = (QuickMessage.objects.get(pk=kept[name].pk) for name in ("own", "shown"))
    assert own.media_name == shown.media_name
    assert own.media_path != shown.media_path


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\x00" + b"\x00" * 600, "photo.png", "ERR_MEDIA_TYPE"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "ERR_MEDIA_TYPE"),
        (b"hello", "setup.exe", "ERR_MEDIA_TYPE"),
        (b"", "photo.png", "ERR_VALIDATION"),
    ],
)
def test_hostile_files_are_refused_and_change_nothing(
    api, cast, kept, settings, content, name, code
):
    file = io.BytesIO(content)
    file.name = name
    answer = upload(api(cast.ana), kept["own"].pk, file)
    assert answer.status_code == 400
    assert answer.json()["error"] in {code, "ERR_MEDIA_DAMAGED"}
    assert QuickMessage.objects.get(pk=kept["own"].pk).media_path == ""
    assert files_of(settings) == []


def test_a_file_over_the_limit_is_refused(api, cast, kept, settings):
    settings.MEDIA_MAX_BYTES = 10
    answer = upload(api(cast.ana), kept["own"].pk, io.BytesIO(b"a long enough text"))
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TOO_LARGE")
    assert files_of(settings) == []


def test_an_upload_without_a_file_is_refused(api, cast, kept):
    path = f"/quick-messages/{kept['own'].pk}/media-upload"
    answer = api(cast.ana).post(path, {"typeArch": "quickMessage"}, format="multipart")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_both_event_names_tell_the_company_of_what_it_sees(api, cast, frames):
    ana = api(cast.ana)
    with frames.during():
        made = ana.post("/quick-messages", {"shortcode": "hi", "message": "hello"}).json()
    company = cast.acme.pk
    both = [f"company-{company}-quickmessage", f"company-{company}-quickemessage"]
    assert [(name, users) for name, _, users in frames.told()] == [(name, None) for name in both]
    assert frames.told()[0][1] == {"action": "create", "record": made}
    with frames.during():
        changed = ana.put(f"/quick-messages/{made['id']}", {"message": "hello you"}).json()
    assert [data for _, data, _ in frames.told()] == [{"action": "update", "record": changed}] * 2
    with frames.during():
        ana.delete(f"/quick-messages/{made['id']}")
    assert frames.told() == [(name, {"action": "delete", "id": made["id"]}, None) for name in both]


def test_what_is_ones_own_is_told_to_nobody_else(api, cast, frames, heard):
    ana, body = api(cast.ana), {"shortcode": "hi", "message": "hello", "visao": False}
    with frames.during():
        made = ana.post("/quick-messages", body).json()
    assert {users for _, _, users in frames.told()} == {(cast.ana.pk,)}
    with frames.during():
        ana.put(f"/quick-messages/{made['id']}", {"visao": True})
    assert {users for _, _, users in frames.told()} == {None}
    with frames.during():
        ana.put(f"/quick-messages/{made['id']}", {"visao": False})
    told = [(data["action"], users) for _, data, users in frames.told()]
    assert told == [("delete", None)] * 2 + [("create", (cast.ana.pk,))] * 2
    with frames.during():
        ana.delete(f"/quick-messages/{made['id']}")
    assert {users for _, _, users in frames.told()} == {(cast.ana.pk,)}
    assert heard(QuickMessageDeleted)[0]["was_shared"] is False
