"""Colleagues talk among themselves: members only, nothing secret told, and live."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import create_user
from billing.models import Plan, Subscription
from messaging.events import TeamChatCreated, TeamChatDeleted, TeamChatRead, TeamChatWritten
from messaging.exceptions import TeamChatNotFound
from messaging.models import TeamChat, TeamChatMember, TeamChatMessage
from messaging.services import team_chats
from messaging.tests.talk import picture
from whaticket.tenancy import enter_company, in_company

COLUMNS = {
    "id", "title", "uuid", "ownerId", "lastMessage", "companyId", "createdAt", "updatedAt"
}  # fmt: skip
MEMBER = {"id", "chatId", "userId", "unreads", "createdAt", "updatedAt"}
PERSON = {"id", "name", "email", "profileImage", "online"}
MESSAGE = {
    "id", "chatId", "senderId", "message", "mediaPath", "mediaName", "createdAt", "updatedAt",
    "sender",
}  # fmt: skip


@pytest.fixture
def room(cast):
    """Ana's room, with Bia in it."""
    return team_chats.create_team_chat(title="Lunch", user_ids=[cast.bia.pk], by=cast.ana)


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def unread(room, user):
    return room.members.get(user=user).unread_count


def test_a_room_is_opened_with_its_people_of_whom_nothing_secret_is_told(api, cast, heard):
    body = {"title": "Lunch", "users": [{"id": cast.bia.pk}, {"id": cast.bia.pk}]}
    made = api(cast.ana).post("/chats", body, format="json")
    room = made.json()
    assert room.keys() == COLUMNS | {"owner", "users"}
    assert (room["ownerId"], room["companyId"]) == (cast.ana.pk, cast.acme.pk)
    assert [row["userId"] for row in room["users"]] == [cast.ana.pk, cast.bia.pk]
    assert room["users"][0].keys() == MEMBER | {"user"}
    assert room["owner"].keys() == room["users"][1]["user"].keys() == PERSON
    listed = api(cast.ana).get("/chats")
    assert listed.json() == {"records": [room], "count": 1, "hasMore": False}
    for answer in (made, listed):
        assert b"assword" not in answer.content
    assert cast.ana.password.encode() not in made.content + listed.content
    assert heard(TeamChatCreated) == [{"chat_id": room["id"], "by_id": cast.ana.pk}]
    assert api(cast.bia).get(f"/chats/{room['uuid']}").json() == {key: room[key] for key in COLUMNS}


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x" * 256},
        {"title": "x", "users": "everybody"},
        {"title": "x", "users": [{"id": 0}]},
        {"title": "x", "users": [3]},
        {"title": "x", "users": [{}]},
    ],
)
def test_nonsense_opens_no_room(api, cast, body):
    answer = api(cast.ana).post("/chats", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not TeamChat.objects.exists()


def test_nobody_of_another_company_is_let_in(api, cast, room):
    body = {"title": "x", "users": [{"id": cast.eva.pk}]}
    for answer in (
        api(cast.ana).post("/chats", body, format="json"),
        api(cast.ana).put(f"/chats/{room.pk}", body, format="json"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_USER_FOUND")
    assert TeamChatMember.objects.count() == 2


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/chats/{uuid}", {"bia": 200, "rui": 404, "eva": 404}),
        ("get", "/chats/{pk}", {"bia": 404}),
        ("get", "/chats/{pk}/messages", {"bia": 200, "rui": 400, "eva": 404}),
        ("post", "/chats/{pk}/messages", {"bia": 200, "rui": 400, "eva": 404}),
        ("post", "/chats/{pk}/read", {"bia": 200, "rui": 400, "eva": 404}),
        ("put", "/chats/{pk}", {"bia": 403, "rui": 404, "eva": 404}),
        ("put", "/chats/{uuid}", {"ana": 404}),
        ("delete", "/chats/{pk}", {"bia": 403, "rui": 404, "eva": 404}),
    ],
)
def test_only_members_come_in_and_only_the_owner_changes_it(
    api, cast, room, method, path, statuses
):
    address = path.format(pk=room.pk, uuid=room.uuid)
    for who, status in statuses.items():
        body = {"message": "hi", "title": "taken"} if method != "get" else None
        answer = getattr(api(getattr(cast, who)), method)(address, body)
        assert answer.status_code == status, who
        if status == 400:
            assert answer.json() == {"error": "UNAUTHORIZED"}
        if status == 404:
            assert answer.json() == {"error": "ERR_NO_CHAT_FOUND"}
    assert getattr(api(), method)(address).status_code == 401
    room.refresh_from_db()
    assert room.title == "Lunch"


def test_rooms_of_others_are_in_no_list(api, cast, room):
    with in_company(cast.globex.pk):
        team_chats.create_team_chat(title="Theirs", user_ids=[], by=cast.eva)
    assert api(cast.rui).get("/chats").json()["records"] == []
    assert [row["title"] for row in api(cast.eva).get("/chats").json()["records"]] == ["Theirs"]


def test_what_is_said_is_counted_for_the_others_and_read_by_each_alone(api, cast, room, heard):
    said = api(cast.ana).post(f"/chats/{room.pk}/messages", {"message": " pizza? "}).json()
    assert said.keys() == MESSAGE | {"chat"}
    assert (said["message"], said["sender"]) == ("pizza?", {"id": cast.ana.pk, "name": "Ana"})
    assert said["chat"].keys() == COLUMNS | {"users"}
    assert said["chat"]["lastMessage"] == "Ana: pizza?"
    assert {row["userId"]: row["unreads"] for row in said["chat"]["users"]} == {
        cast.ana.pk: 0,
        cast.bia.pk: 1,
    }
    assert heard(TeamChatWritten)[0]["chat_message_id"] == said["id"]
    # Somebody else's name in the body reads nothing for them.
    api(cast.ana).post(f"/chats/{room.pk}/read", {"userId": cast.bia.pk})
    assert unread(room, cast.bia) == 1
    assert heard(TeamChatRead) == []
    read = api(cast.bia).post(f"/chats/{room.pk}/read", {"userId": cast.bia.pk}).json()
    assert read.keys() == COLUMNS | {"owner", "users"}
    assert {row["unreads"] for row in read["users"]} == {0}
    assert len(heard(TeamChatRead)) == 1


def test_the_same_key_again_gives_the_first_message_and_says_nothing_new(api, cast, room, heard):
    path, keyed = f"/chats/{room.pk}/messages", {"Idempotency-Key": "k1"}
    first = api(cast.ana).post(path, {"message": "pizza?"}, headers=keyed).json()
    again = api(cast.ana).post(path, {"message": "pizza?"}, headers=keyed)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert unread(room, cast.bia) == 1
    assert len(heard(TeamChatWritten)) == 1
    # A key is of one person in one room; without one, every text is said.
    other = team_chats.create_team_chat(title="Dinner", user_ids=[cast.bia.pk], by=cast.ana)
    api(cast.bia).post(path, {"message": "yes"}, headers=keyed)
    api(cast.ana).post(f"/chats/{other.pk}/messages", {"message": "wine?"}, headers=keyed)
    for _ in range(2):
        api(cast.ana).post(path, {"message": "ok"})
    said = TeamChatMessage.objects.order_by("pk").values_list("text", flat=True)
    assert list(said) == ["pizza?", "yes", "wine?", "ok", "ok"]


def test_a_file_said_twice_under_one_key_is_kept_once(api, cast, room, settings):
    path, keyed = f"/chats/{room.pk}/messages", {"Idempotency-Key": "k1"}
    told = {
        api(cast.ana)
        .post(path, {"file": picture("menu.png")}, format="multipart", headers=keyed)
        .json()["id"]
        for _ in range(2)
    }
    assert len(told) == 1
    kept = TeamChatMessage.objects.get()
    names = {Path(name).name for name in (kept.media_path, kept.thumbnail_path)}
    assert {path.name for path in files_of(settings)} == names


def test_a_key_that_is_too_long_says_nothing(api, cast, room):
    answer = api(cast.ana).post(
        f"/chats/{room.pk}/messages", {"message": "hi"}, headers={"Idempotency-Key": "x" * 256}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not TeamChatMessage.objects.exists()


def test_two_requests_with_one_key_at_once_say_it_once(scratch_company):
    ana, bia = (
        create_user(
            company_id=scratch_company.pk,
            name=name,
            email=f"{uuid.uuid4()}@example.com",
            password="correct horse",
        )
        for name in ("Ana", "Bia")
    )
    room = team_chats.create_team_chat(title="Lunch", user_ids=[bia.pk], by=ana)
    start = threading.Barrier(6)

    def request(_n: int) -> int:
        enter_company(scratch_company.pk)
        start.wait()
        try:
            return team_chats.write_to_team(room, text="once", by=ana, idempotency_key="k").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(request, range(6)))
    assert len(answers) == 1
    assert TeamChatMessage.objects.count() == 1
    assert unread(room, bia) == 1


def test_what_was_said_is_paged_from_its_end_and_reads_downwards(api, cast, room):
    TeamChatMessage.objects.bulk_create(
        [TeamChatMessage(chat=room, sender=cast.ana, text=str(n)) for n in range(45)]
    )
    bia = api(cast.bia)
    first = bia.get(f"/chats/{room.pk}/messages").json()
    assert [row["message"] for row in first["records"]] == [str(n) for n in range(25, 45)]
    assert (first["count"], first["hasMore"]) == (45, True)
    assert first["records"][0].keys() == MESSAGE
    last = bia.get(f"/chats/{room.pk}/messages?pageNumber=3").json()
    assert ([row["message"] for row in last["records"]], last["hasMore"]) == (
        [str(n) for n in range(5)],
        False,
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_MESSAGE_EMPTY"),
        ({"message": "  "}, "ERR_MESSAGE_EMPTY"),
        ({"message": "a\x00b"}, "ERR_VALIDATION"),
        ({"message": "x" * 16_385}, "ERR_VALIDATION"),
        ({"message": ["a"]}, "ERR_VALIDATION"),
    ],
)
def test_what_cannot_be_said_is_refused(api, cast, room, body, code):
    answer = api(cast.ana).post(f"/chats/{room.pk}/messages", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not TeamChatMessage.objects.exists()
    assert unread(room, cast.bia) == 0


def test_a_file_is_said_by_a_signed_address_and_goes_with_its_room(
    api, cast, room, settings, frames
):
    path, ana = f"/chats/{room.pk}/messages", api(cast.ana)
    said = ana.post(path, {"file": picture("menu.png"), "message": ""}, format="multipart").json()
    assert (said["message"], said["mediaName"]) == ("", "menu.png")
    assert "&s=" in said["mediaPath"]
    assert said["chat"]["lastMessage"] == "Ana: menu.png"
    assert ana.get(path).json()["records"][0]["mediaPath"] == said["mediaPath"]
    with frames.during():
        ana.delete(f"/chats/{room.pk}")
    assert files_of(settings) == []


def test_a_hostile_file_is_not_said(api, cast, room, settings):
    evil = picture("invoice.exe")
    answer = api(cast.ana).post(
        f"/chats/{room.pk}/messages", {"file": evil, "message": "look"}, format="multipart"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TYPE")
    assert not TeamChatMessage.objects.exists()
    assert files_of(settings) == []


def test_a_room_that_goes_while_somebody_writes_keeps_no_file(cast, room, settings):
    from messaging.media import store_upload

    stored = store_upload(picture(), name="x.png")
    TeamChat.objects.filter(pk=room.pk).delete()
    with pytest.raises(TeamChatNotFound):
        team_chats.write_to_team(room, text="hi", by=cast.ana, media=stored)
    assert files_of(settings) == []


def test_a_list_costs_as_much_for_forty_as_for_one(api, cast, room):
    def cost(path):
        client = api(cast.ana)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    paths = ("/chats", f"/chats/{room.pk}/messages")
    TeamChatMessage.objects.create(chat=room, sender=cast.ana, text="a")
    before = [cost(path) for path in paths]
    for number in range(40):
        team_chats.create_team_chat(title=str(number), user_ids=[cast.bia.pk], by=cast.ana)
    TeamChatMessage.objects.bulk_create(
        [TeamChatMessage(chat=room, sender=cast.bia, text=str(n)) for n in range(40)]
    )
    assert [cost(path) for path in paths] == before
    page = api(cast.ana).get("/chats?pageNumber=3").json()
    assert ([row["title"] for row in page["records"]], page["count"]) == (["Lunch"], 41)


# Live -------------------------------------------------------------------------------------------


def test_each_member_hears_of_a_room_by_their_own_id(api, cast, frames):
    with frames.during():
        made = api(cast.ana).post("/chats", {"title": "x", "users": [{"id": cast.bia.pk}]}, "json")
    room, company = made.json(), cast.acme.pk
    assert frames.told() == [
        (f"company-{company}-chat-user-{pk}", {"action": "create", "record": room}, (pk,))
        for pk in (cast.ana.pk, cast.bia.pk)
    ]


def test_who_stays_comes_or_leaves_hears_each_their_own(api, cast, room, frames):
    body = {"title": "Dinner", "users": [{"id": cast.rui.pk}]}
    with frames.during():
        changed = api(cast.ana).put(f"/chats/{room.pk}", body, format="json").json()
    assert [row["userId"] for row in changed["users"]] == [cast.ana.pk, cast.rui.pk]
    company = cast.acme.pk
    assert frames.told() == [
        (f"company-{company}-chat", {"action": "delete", "id": room.pk}, (cast.bia.pk,)),
        (
            f"company-{company}-chat-user-{cast.rui.pk}",
            {"action": "create", "record": changed},
            (cast.rui.pk,),
        ),
        (
            f"company-{company}-chat-user-{cast.ana.pk}",
            {"action": "update", "record": changed, "userId": cast.ana.pk},
            (cast.ana.pk,),
        ),
    ]


def test_words_and_reading_are_heard_by_members_under_both_names(api, cast, room, frames):
    members, company = (cast.ana.pk, cast.bia.pk), cast.acme.pk
    both = [f"company-{company}-chat-{room.pk}", f"company-{company}-chat"]
    with frames.during():
        said = api(cast.ana).post(f"/chats/{room.pk}/messages", {"message": "hi"}).json()
    told = frames.told()
    assert [(name, users) for name, _, users in told] == [(name, members) for name in both]
    assert told[0][1]["action"] == "new-message"
    assert told[0][1]["newMessage"] == said
    chat = told[0][1]["chat"]
    assert chat.keys() == COLUMNS | {"owner", "users"}
    assert chat["owner"].keys() == chat["users"][0]["user"].keys() == PERSON
    with frames.during():
        read = api(cast.bia).post(f"/chats/{room.pk}/read").json()
    assert frames.told() == [(name, {"action": "update", "chat": read}, members) for name in both]
    with frames.during():
        api(cast.ana).delete(f"/chats/{room.pk}")
    assert frames.told() == [
        (f"company-{company}-chat", {"action": "delete", "id": room.pk}, members)
    ]


def test_a_room_whose_owner_left_is_an_administrators_who_is_in_it(api, cast, room, heard):
    from accounts.services import remove_user

    body = {"users": [{"id": cast.bia.pk}, {"id": cast.rui.pk}]}
    api(cast.ana).put(f"/chats/{room.pk}", body, format="json")
    remove_user(cast.ana, by=cast.rui)
    assert api(cast.bia).delete(f"/chats/{room.pk}").status_code == 403
    renamed = api(cast.rui).put(f"/chats/{room.pk}", {"title": "Ours"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Ours")
    assert api(cast.rui).delete(f"/chats/{room.pk}").status_code == 200
    assert heard(TeamChatDeleted)[0]["chat_id"] == room.pk


def test_a_plan_without_internal_chat_has_no_rooms(api, cast, room):
    plan = Plan.objects.create(name="Narrow", use_internal_chat=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    ana = api(cast.ana)
    for answer in (
        ana.get("/chats"),
        ana.post("/chats", {"title": "x"}),
        ana.get(f"/chats/{room.uuid}"),
        ana.get(f"/chats/{room.pk}/messages"),
        ana.post(f"/chats/{room.pk}/read"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")


def test_an_unknown_room_is_not_found(api, cast):
    ana = api(cast.ana)
    for path in (f"/chats/{uuid.uuid4()}", "/chats/nonsense", "/chats/7/messages"):
        assert ana.get(path).status_code == 404
