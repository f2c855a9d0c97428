"""The people page and one's own profile: who may, what is kept, who goes and what stays."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.events import SessionsEnded, UserCreated, UserRemoved, UserUpdated
from accounts.models import Session, User
from accounts.services import create_user
from billing.models import Plan, Subscription
from console.reads import people as reads
from console.tests.pages import FRAGMENT
from tickets.models import QueueMember
from tickets.services import accept_ticket


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep pictures of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


def form(**fields):
    return {
        "name": "Caio Reis",
        "email": "Caio@acme.example",
        "password": "correct horse battery",
        "profile": "user",
        "work_starts": "08:00",
        "work_ends": "18:30",
        "farewell_message": "Até logo!\r\nCaio",
        "default_theme": "dark",
        "language": "es",
        **fields,
    }


def profile(user, **fields):
    return {"name": user.name, "email": user.email, "default_theme": "light", **fields}


def picture():
    file = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(file, "PNG")
    return SimpleUploadedFile("me.png", file.getvalue())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/app/people/"),
        ("get", "/app/people/rows/"),
        ("get", "/app/people/new/"),
        ("post", "/app/people/new/"),
        ("get", "/app/people/{ana}/"),
        ("post", "/app/people/{ana}/"),
        ("get", "/app/people/{ana}/remove/"),
        ("post", "/app/people/{ana}/remove/"),
        ("post", "/app/people/{ana}/picture/"),
    ],
)
def test_only_administrators_come_here(browser, cast, method, path):
    address = path.format(ana=cast.ana.pk)
    body = {"drop": "1"} if "picture" in path else form()
    for user in (cast.ana, cast.bia):
        answer = getattr(browser(user), method)(address, body, **FRAGMENT)
        assert answer.status_code == 403
    assert getattr(browser(), method)(address, **FRAGMENT).status_code == 401
    if "{ana}" in path:
        stranger = getattr(browser(cast.eva), method)(address, body, **FRAGMENT)
        assert stranger.status_code == 404
    assert getattr(browser(cast.rui), method)(address, body, **FRAGMENT).status_code == 200
    assert b'href="/app/people/"' not in browser(cast.bia).get("/app/").content


def test_somebody_comes_with_all_that_was_decided(browser, cast, heard):
    answer = browser(cast.rui).post(
        "/app/people/new/",
        form(
            queue_ids=[cast.sales.pk, cast.support.pk],
            connection_id=cast.number.pk,
            sees_unqueued="on",
            sees_groups="on",
            manages_connections="on",
        ),
        **FRAGMENT,
    )
    assert answer.status_code == 200, answer.content
    made = User.objects.get(pk=answer.json()["id"])
    assert (made.company_id, made.email, made.profile) == (
        cast.acme.pk, "caio@acme.example", "user",
    )  # fmt: skip
    assert made.check_password("correct horse battery")
    assert f"{made.work_starts:%H:%M}–{made.work_ends:%H:%M}" == "08:00–18:30"
    assert (made.farewell_message, made.default_theme, made.language) == (
        "Até logo!\nCaio", "dark", "es",
    )  # fmt: skip
    assert (made.sees_unqueued, made.sees_groups, made.manages_connections) == (True,) * 3
    assert (made.sees_all_users, made.closes_pending, made.sees_dashboard) == (False,) * 3
    assert made.connection_id == cast.number.pk
    held = QueueMember.objects.filter(user=made).values_list("queue_id", flat=True)
    assert set(held) == {cast.sales.pk, cast.support.pk}
    assert heard(UserCreated)[-1]["by_id"] == cast.rui.pk


def test_what_is_shown_of_somebody_is_kept_when_it_is_sent_back(browser, cast):
    client = browser(cast.rui)
    html = client.get(f"/app/people/{cast.ana.pk}/").content.decode()
    assert f'name="queue_ids" value="{cast.sales.pk}" checked' in html
    assert f'name="queue_ids" value="{cast.support.pk}" >' in html
    assert 'name="closes_pending" checked' in html
    assert 'name="sees_groups"  aria' in html
    assert 'name="work_ends" value="23:59"' in html
    body = form(password="", queue_ids=[cast.support.pk], profile="supervisor")
    assert client.post(f"/app/people/{cast.ana.pk}/", body, **FRAGMENT).status_code == 200
    ana = User.objects.get(pk=cast.ana.pk)
    assert (ana.name, ana.profile, ana.closes_pending) == ("Caio Reis", "supervisor", False)
    assert ana.check_password("correct horse")
    assert QueueMember.objects.get(user=ana).queue_id == cast.support.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "C"}, "name"),
        ({"name": "C\x00aio"}, "name"),
        ({"email": "caio"}, "email"),
        ({"email": "BIA@acme.example"}, "email"),
        ({"password": ""}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"profile": "owner"}, "profile"),
        ({"profile": ""}, "profile"),
        ({"work_starts": "25:00"}, "work_starts"),
        ({"work_ends": ""}, "work_ends"),
        ({"queue_ids": ["x"]}, "queue_ids"),
        ({"connection_id": "-1"}, "connection_id"),
        ({"default_theme": "neon"}, "default_theme"),
        ({"language": "tlh"}, "language"),
        ({"farewell_message": "x" * 5001}, "farewell_message"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_changes_nothing(english, cast, wrong, field):
    before = User.objects.count()
    answer = english(cast.rui).post("/app/people/new/", form(**wrong), **FRAGMENT)
    assert answer.status_code == 400
    told = answer.json()
    assert list(told["problems"]) == told["fields"] == [field]
    assert "ERR_" not in told["problems"][field]
    assert User.objects.count() == before


@pytest.mark.parametrize("wrong", ["queue_ids", "connection_id"])
def test_what_belongs_to_another_company_is_not_there(browser, cast, wrong):
    foreign = {"queue_ids": [999_999], "connection_id": 999_999}
    answer = browser(cast.rui).post("/app/people/new/", form(**{wrong: foreign[wrong]}), **FRAGMENT)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"] in {"ERR_QUEUE_NOT_FOUND", "ERR_NO_WAPP_FOUND"}
    assert not User.objects.filter(email="caio@acme.example").exists()


def test_a_full_plan_is_said_in_words_and_lets_nobody_in(english, cast):
    plan = Plan.objects.create(name="Three", users=3, connections=1, queues=2, amount=1)
    Subscription.objects.update_or_create(company=cast.acme, defaults={"plan": plan})
    client = english(cast.rui)
    for path in ("/app/people/", "/app/people/new/"):
        assert "Your plan allows 3 people" in client.get(path).content.decode()
    answer = client.post("/app/people/new/", form(), **FRAGMENT)
    assert answer.json() == {
        "error": "ERR_USER_LIMIT_REACHED",
        "message": "Your plan allows no more people.",
    }


def test_whoever_is_removed_leaves_their_tickets_waiting_and_the_dialog_says_so(
    english, cast, ticket, heard, django_capture_on_commit_callbacks
):
    accept_ticket(ticket, by=cast.ana)
    client = english(cast.rui)
    asked = client.get(f"/app/people/{cast.ana.pk}/remove/", **FRAGMENT).content.decode()
    assert "The ticket they hold goes back to the waiting list" in asked
    with django_capture_on_commit_callbacks(execute=True):
        gone = client.post(f"/app/people/{cast.ana.pk}/remove/", {"sure": "1"}, **FRAGMENT)
    assert gone.status_code == 200
    ticket.refresh_from_db()
    assert (ticket.status, ticket.agent_id, ticket.queue_id) == ("pending", None, cast.sales.pk)
    assert heard(UserRemoved)[-1]["user_id"] == cast.ana.pk
    assert "ana@acme.example" not in client.get("/app/people/").content.decode()
    assert client.get(f"/app/people/{cast.ana.pk}/").status_code == 404


def test_the_last_administrator_stays_one(english, cast):
    client = english(cast.rui)
    body = form(email=cast.rui.email, password="", profile="user")
    told = client.post(f"/app/people/{cast.rui.pk}/", body, **FRAGMENT).json()
    assert told["problems"] == {"profile": "A company keeps at least one administrator."}
    told = client.post(f"/app/people/{cast.rui.pk}/remove/", **FRAGMENT).json()
    assert told["error"] == "ERR_LAST_ADMIN"
    assert User.objects.get(pk=cast.rui.pk).profile == "admin"
    assert f"/app/people/{cast.rui.pk}/remove/" not in client.get("/app/people/").content.decode()


def test_an_administrator_changes_no_operator(browser, cast):
    root = create_user(
        company_id=cast.acme.pk, email="root@acme.example", password="correct horse", name="Root",
        profile="admin", is_super=True,
    )  # fmt: skip
    client = browser(cast.rui)
    assert f'href="/app/people/{root.pk}/"' not in client.get("/app/people/").content.decode()
    for method, path in (("get", ""), ("post", ""), ("post", "remove/"), ("post", "picture/")):
        answer = getattr(client, method)(f"/app/people/{root.pk}/{path}", form(), **FRAGMENT)
        assert answer.status_code == 403
    assert User.objects.get(pk=root.pk).name == "Root"


def test_people_are_found_by_name_without_accents_and_by_address(english, cast):
    create_user(company_id=cast.acme.pk, email="j@x.example", password=None, name="João Sá")
    client = english(cast.rui)
    for text, found in (("joao", ["João"]), ("X.EXAMPLE", ["João"]), ("eva", []), ("%", [])):
        html = client.get("/app/people/rows/", {"q": text}, **FRAGMENT).content.decode()
        names = [name for name in ("João", "Ana", "Eva") if f">{name}" in html]
        assert names == found, text
        assert bool(found) != ("Nothing found" in html)
    odd = {"q": "\x00", "page": "99999999999999999999"}
    assert client.get("/app/people/rows/", odd, **FRAGMENT).status_code == 200


def test_the_list_costs_the_same_for_few_and_for_many_and_comes_in_pages(english, cast):
    client = english(cast.rui)
    few = client.cost("/app/people/rows/")
    many = [
        User(company=cast.acme, email=f"p{n}@acme.example", name=f"P{n:03}", profile_image="x.jpg")
        for n in range(reads.PEOPLE)
    ]
    User.objects.bulk_create(many)
    QueueMember.objects.bulk_create(QueueMember(queue=cast.sales, user=one) for one in many)
    assert client.cost("/app/people/rows/") == few
    first = client.get("/app/people/rows/", **FRAGMENT).content.decode()
    rest = client.get("/app/people/rows/", {"page": "2"}, **FRAGMENT).content.decode()
    assert "Show more" in first
    assert "Show more" not in rest
    assert first.count("data-person=") == reads.PEOPLE
    assert rest.count("data-person=") == 3


# One's own profile ------------------------------------------------------------------------------


def test_everybody_changes_their_own_name_words_and_looks(browser, cast, heard):
    client = browser(cast.ana)
    page = client.get("/app/profile/").content.decode()
    assert 'value="ana@acme.example"' in page
    assert 'name="profile"' not in page
    body = profile(cast.ana, name="Ana Maria", email="Ana.Maria@acme.example", language="en")
    answer = client.post("/app/profile/", {**body, "farewell_message": "Bye"}, **FRAGMENT)
    assert answer.status_code == 200, answer.content
    assert answer.cookies["django_language"].value == "en"
    ana = User.objects.get(pk=cast.ana.pk)
    assert (ana.name, ana.email, ana.farewell_message, ana.language) == (
        "Ana Maria", "ana.maria@acme.example", "Bye", "en",
    )  # fmt: skip
    assert heard(UserUpdated)[-1]["fields"] == ["email", "farewell_message", "language", "name"]
    assert browser().get("/app/profile/").status_code == 302


def test_nobody_raises_themselves(browser, cast):
    body = profile(cast.ana, profile="admin", sees_unqueued="on", queue_ids=[cast.support.pk])
    assert browser(cast.ana).post("/app/profile/", body, **FRAGMENT).status_code == 200
    ana = User.objects.get(pk=cast.ana.pk)
    assert (ana.profile, ana.sees_unqueued) == ("user", False)
    assert QueueMember.objects.get(user=ana).queue_id == cast.sales.pk


def test_a_new_password_signs_out_everywhere_but_here(browser, cast):
    here, elsewhere = browser(cast.ana), browser(cast.ana)
    token = Session.objects.create(user=cast.ana, token_version=0)
    body = profile(cast.ana, password="another good one")
    assert here.post("/app/profile/", body, **FRAGMENT).status_code == 200
    assert here.get("/app/profile/").status_code == 200
    assert elsewhere.get("/app/profile/").status_code == 302
    token.refresh_from_db()
    assert token.ended_at is not None
    assert User.objects.get(pk=cast.ana.pk).check_password("another good one")


def test_sign_ins_are_ended_everywhere_but_where_it_was_asked(browser, cast, heard):
    here, elsewhere = browser(cast.ana), browser(cast.ana)
    token = Session.objects.create(user=cast.ana, token_version=0)
    assert here.post("/app/profile/sign-out/", **FRAGMENT).status_code == 200
    assert here.get("/app/profile/").status_code == 200
    assert elsewhere.get("/app/profile/").status_code == 302
    token.refresh_from_db()
    assert token.ended_at is not None
    assert heard(SessionsEnded)[-1] == {"user_id": cast.ana.pk}
    # An administrator ends also the one that was left; nobody else's.
    path = f"/app/people/{cast.ana.pk}/sign-out/"
    assert browser(cast.bia).post(path, **FRAGMENT).status_code == 403
    assert browser(cast.eva).post(path, **FRAGMENT).status_code == 404
    bia = browser(cast.bia)
    assert browser(cast.rui).post(path, **FRAGMENT).status_code == 200
    assert here.get("/app/profile/").status_code == 302
    assert bia.get("/app/profile/").status_code == 200
    assert User.objects.get(pk=cast.ana.pk).is_online is False


def test_an_administrator_who_sets_a_password_signs_the_person_out(browser, cast):
    hers = browser(cast.ana)
    assert hers.get("/app/profile/").status_code == 200
    body = form(email=cast.ana.email)
    assert (
        browser(cast.rui).post(f"/app/people/{cast.ana.pk}/", body, **FRAGMENT).status_code == 200
    )
    assert hers.get("/app/profile/").status_code == 302


def test_a_picture_is_shown_and_taken_away_with_its_file(
    english, cast, settings, django_capture_on_commit_callbacks
):
    client = english(cast.ana)
    shown = client.post("/app/profile/picture/", {"file": picture()}, **FRAGMENT)
    assert shown.status_code == 200, shown.content
    ana = User.objects.get(pk=cast.ana.pk)
    assert ana.picture_url.encode() in shown.content
    assert ana.picture_url in client.get("/app/").content.decode()
    assert client.get(ana.picture_url).status_code == 200
    files = list(settings.MEDIA_ROOT.rglob("*.jpg"))
    assert len(files) == 1
    bad = client.post(
        "/app/profile/picture/", {"file": SimpleUploadedFile("a.png", b"no")}, **FRAGMENT
    )
    assert bad.json()["problems"] == {"profile_image": "This is no usable picture."}
    assert client.post("/app/profile/picture/", **FRAGMENT).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        gone = client.post("/app/profile/picture/", {"drop": "1"}, **FRAGMENT)
    assert gone.status_code == 200
    assert User.objects.get(pk=cast.ana.pk).profile_image == ""
    assert not files[0].exists()
