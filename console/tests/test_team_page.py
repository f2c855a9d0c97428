"""Team chat in the console: who is let in, what is shown, what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Plan, Subscription
from console.reads import team as reads
from console.tests.pages import FRAGMENT
from messaging.models import TeamChat, TeamChatMessage
from messaging.services import team_chats
from messaging.tests.talk import picture


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep files of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def room(cast):
    """Ana's room, with Bia in it."""
    return team_chats.create_team_chat(title="Lunch", user_ids=[cast.bia.pk], by=cast.ana)


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def say(room, by, *texts):
    return [team_chats.write_to_team(room, text=text, by=by).pk for text in texts]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/app/chat/", {"ana": 200, "rui": 200, "eva": 200}),
        ("get", "/app/chat/rows/", {"ana": 200, "eva": 200}),
        ("get", "/app/chat/new/", {"ana": 200, "eva": 200}),
        ("get", "/app/chat/{r}/", {"ana": 200, "bia": 200, "rui": 404, "eva": 404}),
        ("get", "/app/chat/{r}/messages/", {"ana": 200, "bia": 200, "rui": 404, "eva": 404}),
        ("post", "/app/chat/{r}/send/", {"ana": 200, "bia": 200, "rui": 404, "eva": 404}),
        ("post", "/app/chat/{r}/read/", {"ana": 200, "bia": 200, "rui": 404, "eva": 404}),
        ("get", "/app/chat/{r}/edit/", {"ana": 200, "bia": 200, "rui": 404, "eva": 404}),
        ("post", "/app/chat/{r}/edit/", {"bia": 403, "rui": 404, "eva": 404, "ana": 200}),
        ("get", "/app/chat/{r}/delete/", {"ana": 200, "bia": 403, "rui": 404, "eva": 404}),
        ("post", "/app/chat/{r}/delete/", {"bia": 403, "rui": 404, "eva": 404, "ana": 200}),
    ],
)
def test_only_those_who_may_get_an_answer(browser, cast, room, method, path, statuses):
    form = {"text": "hi", "title": "Dinner"} if method == "post" else {}
    for name, status in statuses.items():
        client = browser(getattr(cast, name))
        answer = getattr(client, method)(path.format(r=room.pk), form, **FRAGMENT)
        assert answer.status_code == status, name
    assert getattr(browser(), method)(path.format(r=room.pk), **FRAGMENT).status_code == 401


def test_a_plan_without_internal_chat_shows_no_way_to_it_and_opens_no_door(browser, cast, room):
    assert 'href="/app/chat/"' in browser(cast.ana).get("/app/").content.decode()
    plan = Plan.objects.create(name="Small", use_internal_chat=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    assert 'href="/app/chat/"' not in browser(cast.ana).get("/app/").content.decode()
    refused = browser(cast.ana).get(f"/app/chat/{room.pk}/", **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")


def test_a_room_is_opened_with_colleagues_and_called_after_them_without_a_name(browser, cast):
    client = browser(cast.ana)
    made = client.post("/app/chat/new/", {"title": "", "users": [cast.bia.pk, cast.rui.pk]})
    chat = TeamChat.objects.get(pk=made.json()["id"])
    assert set(chat.members.values_list("user_id", flat=True)) == {
        cast.ana.pk,
        cast.bia.pk,
        cast.rui.pk,
    }
    assert reads.room_or_refuse(chat.pk, cast.ana).name == "Bia, Rui"
    assert reads.room_or_refuse(chat.pk, cast.rui).name == "Ana, Bia"


@pytest.mark.parametrize(
    ("fields", "error", "marked"),
    [
        ({"users": []}, "ERR_VALIDATION", ["users"]),
        ({"users": ["x"]}, "ERR_VALIDATION", ["users"]),
        ({"title": "x" * 256}, "ERR_VALIDATION", ["title"]),
        ({"users": ["eva"]}, "ERR_NO_USER_FOUND", None),
    ],
)
def test_what_cannot_be_a_room_is_refused_and_nothing_is_opened(
    browser, cast, fields, error, marked
):
    known = {"eva": cast.eva.pk}
    form = {"users": [cast.bia.pk], **fields}
    form["users"] = [known.get(one, one) for one in form["users"]]
    refused = browser(cast.ana).post("/app/chat/new/", form, **FRAGMENT)
    assert refused.status_code in {400, 404}
    assert (refused.json()["error"], refused.json().get("fields")) == (error, marked)
    assert not TeamChat.objects.exists()


def test_the_list_tells_what_is_unread_and_opening_draws_the_line(browser, cast, room):
    say(room, cast.ana, "one", "two")
    client = browser(cast.bia)
    page = client.get("/app/chat/").content.decode()
    assert ">2</b>" in page
    assert '<b class="dot" data-team-badge ></b>' in page
    opened = client.get(f"/app/chat/{room.pk}/", **FRAGMENT).content.decode()
    assert "team-unread-line" in opened
    client.post(f"/app/chat/{room.pk}/read/", **FRAGMENT)
    page = client.get("/app/chat/").content.decode()
    assert ">2</b>" not in page
    assert '<b class="dot" data-team-badge hidden></b>' in page


def test_what_was_said_comes_in_pages_and_words_are_no_markup(browser, cast, room):
    ids = say(room, cast.ana, *(f"line {n}" for n in range(reads.MESSAGES + 5)), "<b>x</b> *y*")
    client = browser(cast.bia)
    path = f"/app/chat/{room.pk}/messages/"
    newest = client.get(path, **FRAGMENT).json()
    assert (newest["older"], newest["html"].count("<article")) == (True, reads.MESSAGES)
    assert "&lt;b&gt;x&lt;/b&gt; <strong>y</strong>" in newest["html"]
    older = client.get(f"{path}?before={ids[6]}", **FRAGMENT).json()
    assert (older["older"], older["html"].count("<article")) == (False, 6)
    after = client.get(f"{path}?after={ids[-2]}", **FRAGMENT).json()
    assert (after["newer"], after["html"].count("<article")) == (False, 1)


def test_a_file_is_sent_with_its_words_and_shown_to_the_room(browser, cast, room, settings):
    sent = browser(cast.ana).post(
        f"/app/chat/{room.pk}/send/", {"text": "Look", "file": picture()}, **FRAGMENT
    )
    message = TeamChatMessage.objects.get(pk=sent.json()["id"])
    assert (message.text, message.media_name) == ("Look", "photo.png")
    assert 'data-lightbox="image"' in sent.json()["html"]
    assert files_of(settings)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": " \n "}, "ERR_MESSAGE_EMPTY"),
        ({"text": "x" * 16_385}, "ERR_VALIDATION"),
        ({"file": "setup.exe"}, "ERR_MEDIA_TYPE"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(browser, cast, room, settings, fields, error):
    if "file" in fields:
        fields = {"file": SimpleUploadedFile(fields["file"], b"MZ\x90\x00" + b"\0" * 100)}
    refused = browser(cast.ana).post(f"/app/chat/{room.pk}/send/", fields, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert refused.json()["message"]
    assert not TeamChatMessage.objects.exists()
    assert files_of(settings) == []


def test_rooms_are_found_by_name_and_by_people_of_them(browser, cast, room):
    team_chats.create_team_chat(title="Inventário", user_ids=[cast.rui.pk], by=cast.ana)
    client = browser(cast.ana)
    for text, found in (
        ("inventario", [True, False]),
        ("BIA", [False, True]),
        ("eva", [False] * 2),
    ):
        html = client.get("/app/chat/rows/", {"q": text}, **FRAGMENT).content.decode()
        assert [name in html for name in ("Inventário", "Lunch")] == found, text


def test_the_list_and_a_room_cost_the_same_for_one_and_for_many(browser, cast, room):
    client = browser(cast.ana)
    paths = ["/app/chat/rows/", f"/app/chat/{room.pk}/messages/", f"/app/chat/{room.pk}/"]

    def cost():
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as spent:
                assert client.get(path, **FRAGMENT).status_code == 200
            found.append(len(spent))
        return found

    say(room, cast.bia, "one")
    cost()
    few = cost()
    say(room, cast.bia, *(f"{n}" for n in range(30)))
    for n in range(reads.ROOMS + 3):
        team_chats.create_team_chat(title=f"R{n}", user_ids=[cast.bia.pk], by=cast.ana)
    assert cost() == few
    assert (
        "Show more"
        in client.get("/app/chat/rows/", **FRAGMENT, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    )


def test_a_text_tried_again_is_said_once(browser, cast, room):
    client, form = browser(cast.ana), {"text": "pizza?", "key": "k1"}
    tried = [client.post(f"/app/chat/{room.pk}/send/", form, **FRAGMENT).json() for _ in range(2)]
    assert tried[0] == tried[1]
    client.post(f"/app/chat/{room.pk}/send/", {**form, "key": "k2"}, **FRAGMENT)
    assert TeamChatMessage.objects.count() == 2


def test_a_list_without_rooms_offers_to_open_one(browser, cast, room):
    empty = browser(cast.rui).get("/app/chat/rows/", **FRAGMENT).content.decode()
    assert 'data-dialog="/app/chat/new/"' in empty
    missed = browser(cast.rui).get("/app/chat/rows/?q=zzz", **FRAGMENT).content.decode()
    assert "#i-search" in missed
    assert 'data-dialog="/app/chat/new/"' not in missed
