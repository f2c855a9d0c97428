"""People come, change and go (rest.md §3)."""

import datetime
import io

import pytest
import time_machine
from PIL import Image

from accounts import services
from accounts.events import UserCreated, UserPresenceChanged, UserRemoved, UserUpdated
from accounts.models import Session, User
from billing.models import Subscription
from companies.models import Company
from tickets.models import QueueMember

NEW = {"email": "new@new.example", "password": "secret", "name": "New"}


def test_an_admin_adds_a_person_with_queues(api, cast, heard):
    body = NEW | {"profile": "user", "queueIds": [cast.sales.pk], "allTicket": "enable"}
    answer = api(cast.rui).post("/users", body)
    assert answer.status_code == 200
    user = User.objects.get(pk=answer.json()["id"])
    assert (user.company_id, user.profile, user.sees_unqueued) == (cast.acme.pk, "user", True)
    assert answer.json()["allTicket"] == "enable"
    assert [queue["name"] for queue in answer.json()["queues"]] == ["Sales"]
    assert heard(UserCreated)[-1] == {"user_id": user.pk, "by_id": cast.rui.pk}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "ana@ACME.example"}, "ERR_EMAIL_ALREADY_EXISTS"),
        ({"email": "eva@globex.example"}, "ERR_EMAIL_ALREADY_EXISTS"),
        ({"email": "none"}, "ERR_VALIDATION"),
        ({"name": "N"}, "ERR_VALIDATION"),
        ({"password": "1234"}, "ERR_VALIDATION"),
        ({"profile": "super"}, "ERR_VALIDATION"),
        ({"startWork": "25:00"}, "ERR_VALIDATION"),
        ({"queueIds": [999999]}, "ERR_QUEUE_NOT_FOUND"),
        ({"whatsappId": 999999}, "ERR_NO_WAPP_FOUND"),
    ],
)
def test_a_person_who_cannot_be_added_leaves_nothing_behind(api, cast, change, code):
    before = User.objects.count()
    answer = api(cast.rui).post("/users", NEW | change)
    assert answer.status_code in {400, 404}
    assert answer.json()["error"] == code
    assert User.objects.count() == before


def test_the_body_cannot_name_another_company(api, cast):
    answer = api(cast.rui).post("/users", NEW | {"companyId": cast.globex.pk})
    assert answer.status_code == 400
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_the_body_cannot_make_an_operator(api, cast):
    answer = api(cast.rui).post("/users", NEW | {"super": True, "is_super": True})
    assert answer.json()["super"] is False


def test_the_plan_limits_people(api, cast, plan):
    Subscription.objects.create(company=cast.acme, plan=plan)
    plan.users = User.objects.of_company(cast.acme.pk).count() + 1
    plan.save()
    assert api(cast.rui).post("/users", NEW).status_code == 200
    answer = api(cast.rui).post("/users", NEW | {"email": "two@new.example"})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_USER_LIMIT_REACHED")


# Changing -----------------------------------------------------------------------------------


def test_an_agent_changes_only_harmless_things_about_themselves(api, cast):
    client = api(cast.ana)
    answer = client.put(
        f"/users/{cast.ana.pk}", {"name": "Ana Maria", "defaultTheme": "dark", "profile": "user"}
    )
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ana Maria"
    for change in (
        {"profile": "admin"},
        {"profile": "supervisor"},
        {"allTicket": "enable"},
        {"allHistoric": "enabled"},
        {"allUserChat": "enabled"},
        {"allowGroup": True},
        {"allowConnections": "enabled"},
        {"showDashboard": "enabled"},
        {"allowRealTime": "enabled"},
        {"userClosePendingTicket": "disabled"},
        {"startWork": "01:00"},
        {"whatsappId": cast.number.pk},
        {"queueIds": [cast.sales.pk, cast.support.pk]},
        {"queueIds": []},
    ):
        answer = client.put(f"/users/{cast.ana.pk}", change)
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION"), change
    assert QueueMember.objects.get(user=cast.ana).queue == cast.sales


def test_a_theme_change_keeps_ones_queues_and_an_admins_edit_sets_them(api, cast):
    api(cast.ana).put(f"/users/{cast.ana.pk}", {"defaultTheme": "dark"})
    assert QueueMember.objects.filter(user=cast.ana).count() == 1
    api(cast.rui).put(f"/users/{cast.ana.pk}", {"name": "Ana"})
    assert QueueMember.objects.filter(user=cast.ana).count() == 0


def test_what_changes_sight_says_so(api, cast, heard):
    client = api(cast.rui)
    keep = {"queueIds": [cast.support.pk]}
    client.put(f"/users/{cast.bia.pk}", {"name": "Beatriz", **keep})
    assert heard(UserUpdated)[-1]["sight_changed"] is False
    client.put(f"/users/{cast.bia.pk}", {"allowGroup": True, **keep})
    assert heard(UserUpdated)[-1]["sight_changed"] is True
    client.put(f"/users/{cast.bia.pk}", {"queueIds": []})
    assert heard(UserUpdated)[-1] == {
        "user_id": cast.bia.pk,
        "fields": ["queues"],
        "sight_changed": True,
        "by_id": cast.rui.pk,
    }


def test_a_new_password_keeps_the_session_that_asked_and_ends_the_others(signed_in, cast):
    here, there = signed_in(cast.ana), signed_in(cast.ana)
    assert here.put(f"/users/{cast.ana.pk}", {"password": "another"}).status_code == 200
    assert here.get("/users").status_code == 200
    assert there.get("/users").status_code == 403


def test_an_admin_who_sets_a_password_ends_all_sessions(signed_in, api, cast):
    client = signed_in(cast.ana)
    api(cast.rui).put(f"/users/{cast.ana.pk}", {"password": "another"})
    assert client.get("/users").status_code == 403


def test_a_company_follows_the_address_of_its_main_user(api, cast):
    Company.objects.filter(pk=cast.acme.pk).update(email="Rui@acme.example")
    api(cast.rui).put(f"/users/{cast.rui.pk}", {"email": "Rui2@acme.example"})
    assert Company.objects.get(pk=cast.acme.pk).email == "rui2@acme.example"
    assert User.objects.get(pk=cast.rui.pk).email == "rui2@acme.example"


def test_a_company_keeps_an_admin(api, cast):
    client = api(cast.rui)
    answer = client.delete(f"/users/{cast.rui.pk}")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_LAST_ADMIN")
    assert client.put(f"/users/{cast.rui.pk}", {"profile": "user"}).status_code == 400


def test_an_operator_changes_people_of_other_companies(api, facts):
    answer = api(facts.root).put(
        f"/users/{facts.eva.pk}",
        {"name": "Eva E", "companyId": facts.globex.pk, "queueIds": [facts.foreign_queue.pk]},
    )
    assert answer.status_code == 200
    assert answer.json()["queues"][0]["name"] == "Foreign"


# Lists --------------------------------------------------------------------------------------


def test_the_list_has_the_companys_people_page_by_page(api, cast):
    for number in range(25):
        services.create_user(
            company_id=cast.acme.pk, email=f"p{number}@x.example", password="x", name=f"P{number}"
        )
    client = api(cast.ana)
    first = client.get("/users").json()
    assert (first["count"], first["hasMore"], len(first["users"])) == (28, True, 20)
    second = client.get("/users?pageNumber=2").json()
    assert (second["hasMore"], len(second["users"])) == (False, 8)
    assert client.get("/users?searchParam=BIA@").json()["users"][0]["name"] == "Bia"
    assert client.get("/users?searchParam=eva").json()["count"] == 0


def test_ten_people_cost_what_one_costs(api, cast, django_assert_max_num_queries):
    for number in range(10):
        services.create_user(
            company_id=cast.acme.pk, email=f"p{number}@x.example", password="x", name=f"P{number}"
        )
    client = api(cast.ana)
    client.get("/users")
    # search path, session, count, page with companies, queues; and the way back to public.
    with django_assert_max_num_queries(6):
        client.get("/users")


# Going --------------------------------------------------------------------------------------


def test_who_is_removed_is_out_and_frees_the_address(api, signed_in, cast, heard):
    client = signed_in(cast.bia)
    assert api(cast.rui).delete(f"/users/{cast.bia.pk}").status_code == 200
    assert client.get("/users").status_code == 403
    assert heard(UserRemoved) == [{"user_id": cast.bia.pk, "by_id": cast.rui.pk}]
    assert not QueueMember.objects.filter(user_id=cast.bia.pk).exists()
    assert api(cast.rui).get(f"/users/{cast.bia.pk}").status_code == 404
    assert api(cast.rui).post("/users", NEW | {"email": "bia@acme.example"}).status_code == 200


# Pictures -----------------------------------------------------------------------------------


def picture(format_="PNG", size=(2000, 1000)):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, format_)
    file.seek(0)
    file.name = "../../etc/passwd.png"
    return file


def upload(client, user, file):
    return client.post(f"/users/{user.pk}/media-upload", {"profileImage": file}, format="multipart")


def test_a_picture_is_drawn_again_small_and_served(api, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = api(cast.ana)
    answer = upload(client, cast.ana, picture())
    name = answer.json()["user"]["profileImage"]
    served = api().get(f"/public/company{cast.acme.pk}/user/{name}")
    image = Image.open(io.BytesIO(b"".join(served.streaming_content)))
    assert (image.format, image.size) == ("JPEG", (512, 256))
    assert [path.name for path in tmp_path.rglob("*.*")] == [name]


@pytest.mark.parametrize(
    "content", [b"", b"<script>alert(1)</script>", b"GIF89a<script>", b"%PDF-1.7", b"\x89PNG\r\n"]
)
def test_what_is_no_picture_is_refused(api, cast, settings, tmp_path, content):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO(content)
    file.name = "me.png"
    answer = upload(api(cast.ana), cast.ana, file)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not list(tmp_path.rglob("*.*"))


def test_a_picture_that_would_fill_memory_is_refused(api, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    bomb = io.BytesIO()
    Image.new("1", (30000, 30000)).save(bomb, "PNG")
    bomb.seek(0)
    bomb.name = "bomb.png"
    assert upload(api(cast.ana), cast.ana, bomb).status_code == 400


def test_nobody_changes_the_picture_of_another(api, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert upload(api(cast.ana), cast.bia, picture()).status_code == 403
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("name", ["..%2f..%2fsecrets", "x.jpg", "0" * 31 + "/.jpg"])
def test_a_picture_address_leads_nowhere_else(api, cast, name):
    assert api().get(f"/public/company{cast.acme.pk}/user/{name}").status_code == 404


# Presence -----------------------------------------------------------------------------------


def test_a_request_shows_a_person_as_here_once(api, cast, heard):
    client = api(cast.ana)
    client.get("/users")
    client.get("/users")
    assert heard(UserPresenceChanged) == [{"user_id": cast.ana.pk, "is_online": True}]


def test_five_silent_minutes_are_an_absence_in_every_company(cast, heard):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        services.note_presence(cast.ana)
        services.note_presence(cast.eva)
        clock.shift(datetime.timedelta(minutes=4))
        services.note_presence(cast.bia)
        clock.shift(datetime.timedelta(minutes=2))
        assert services.sweep_silent() == 2
        assert services.sweep_silent() == 0
    online = dict(User.objects.values_list("name", "is_online"))
    assert (online["Ana"], online["Eva"], online["Bia"]) == (False, False, True)
    assert heard(UserPresenceChanged)[-1] == {"user_id": cast.ana.pk, "is_online": False}


def test_old_sign_ins_are_forgotten(cast):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        Session.objects.create(user=cast.ana, token_version=0)
        assert services.prune_sessions() == 0
        clock.shift(datetime.timedelta(days=9))
        assert services.prune_sessions() == 1
