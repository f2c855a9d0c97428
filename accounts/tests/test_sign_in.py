"""Signing in, staying signed in, and leaving (rest.md §2; behaviour 1-5)."""

import datetime

import jwt
import pytest
import time_machine
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from accounts.events import SessionsEnded, UserSignedIn
from accounts.models import Session, User
from companies.models import Company


def login(client, email, password="correct horse", **body):
    return client.post("/auth/login", {"email": email, "password": password, **body})


def test_a_person_signs_in_with_address_and_password(web, cast, heard):
    answer = login(web, "ANA@acme.example")
    assert answer.status_code == 200
    body = answer.json()
    claims = jwt.decode(body["token"], project.JWT_SECRET, algorithms=["HS256"])
    assert claims["id"] == cast.ana.pk
    assert claims["companyId"] == cast.acme.pk
    assert claims["profile"] == "user"
    assert claims["usarname"] == "Ana"
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert body["user"]["queues"][0]["name"] == "Sales"
    assert body["user"]["company"]["companieSettings"][0]["sendSignMessage"] == "enabled"
    assert heard(UserSignedIn)[0]["user_id"] == cast.ana.pk
    assert Company.objects.get(pk=cast.acme.pk).last_login_at is not None


def test_no_shape_of_a_person_carries_a_secret(signed_in, cast):
    client = signed_in(cast.ana)
    texts = [client.answer.content, client.get(f"/users/{cast.ana.pk}").content]
    for text in texts:
        assert b"argon2" not in text
        assert b"tokenVersion" not in text
        assert b"passwordHash" not in text
    assert "token" not in client.answer.json()["user"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "ana@acme.example"},
        {"email": "ana@acme.example", "password": ""},
        {"email": "ana@acme.example", "password": None},
        {"email": "ana@acme.example", "password": "wrong"},
        {"email": "nobody@acme.example", "password": "correct horse"},
        {"email": "", "password": "correct horse"},
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(web, cast, body):
    answer = web.post("/auth/login", body)
    assert (answer.status_code, answer.json()) == (401, {"error": "ERR_INVALID_CREDENTIALS"})


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(web, cast, hashes):
    cast.ana.set_password("correct horse")
    cast.ana.save()
    hashes()
    login(web, "ana@acme.example", "wrong")
    known = hashes()
    login(web, "nobody@acme.example", "wrong")
    assert hashes() == known == 1


@pytest.fixture
def hashes(monkeypatch, settings):
    """Counts the password hashes computed since it was last asked."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    from django.contrib.auth import hashers

    hasher = type(hashers.get_hasher("default"))
    done = []

    def counting(original):
        def counted(self, *args, **kwargs):
            done.append(1)
            return original(self, *args, **kwargs)

        return counted

    # Checking a known person's password and hashing for an unknown one cost the same.
    for name in ("encode", "verify"):
        monkeypatch.setattr(hasher, name, counting(getattr(hasher, name)))

    def count():
        number = len(done)
        done.clear()
        return number

    return count


def test_the_cookie_is_out_of_reach_of_scripts(signed_in, cast, settings):
    cookie = signed_in(cast.ana).answer.cookies["jrt"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert cookie["max-age"] == ""
    settings.SECURE = True
    cookie = signed_in(cast.ana).answer.cookies["jrt"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"


def test_a_switched_off_company_cannot_sign_in_and_only_its_people_learn_why(web, cast):
    Company.objects.filter(pk=cast.acme.pk).update(is_active=False)
    answer = login(web, "ana@acme.example")
    assert (answer.status_code, answer.json()["error"]) == (401, "ERR_COMPANY_INACTIVE")
    answer = login(web, "ana@acme.example", "wrong")
    assert answer.json()["error"] == "ERR_INVALID_CREDENTIALS"


def test_an_overdue_company_gets_its_token_and_the_client_decides(web, cast):
    Company.objects.filter(pk=cast.acme.pk).update(due_on=datetime.date(2020, 1, 31))
    answer = login(web, "ana@acme.example")
    assert answer.status_code == 200
    assert answer.json()["user"]["company"]["dueDate"] == "2020-01-31T03:00:00.000Z"


# 12:00 UTC is 09:00 in São Paulo.
@pytest.mark.parametrize(
    ("starts", "ends", "status"),
    [
        ("09:00", "18:00", 200),
        ("08:00", "09:00", 200),
        ("09:01", "18:00", 401),
        ("00:00", "08:59", 401),
        ("22:00", "09:00", 200),
        ("22:00", "08:00", 401),
    ],
)
def test_the_working_day_is_a_local_time(web, cast, starts, ends, status):
    User.objects.filter(pk=cast.ana.pk).update(work_starts=starts, work_ends=ends)
    with time_machine.travel("2026-03-02T12:00:30Z", tick=False):
        answer = login(web, "ana@acme.example")
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"error": "ERR_OUT_OF_HOURS"}


def test_a_wrong_password_is_told_before_the_hours_are(web, cast):
    User.objects.filter(pk=cast.ana.pk).update(work_starts="03:00", work_ends="03:00")
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        answer = login(web, "ana@acme.example", "wrong")
    assert answer.json()["error"] == "ERR_INVALID_CREDENTIALS"


def test_after_ten_failures_the_name_is_locked_for_that_address(web, api, cast):
    for _ in range(10):
        login(web, "ana@acme.example", "wrong")
    answer = login(web, "Ana@acme.example")
    assert (answer.status_code, answer.json()["error"]) == (429, "ERR_TOO_MANY_REQUESTS")
    assert int(answer["Retry-After"]) > 0
    elsewhere = api()
    elsewhere.defaults["REMOTE_ADDR"] = "172.16.0.9"
    assert login(elsewhere, "ana@acme.example").status_code == 200


def test_a_success_forgives_earlier_failures(web, cast):
    for _ in range(9):
        login(web, "ana@acme.example", "wrong")
    assert login(web, "ana@acme.example").status_code == 200
    assert login(web, "ana@acme.example", "wrong").status_code == 401
    assert login(web, "ana@acme.example").status_code == 200


def test_no_master_key_opens_every_account(web, cast, monkeypatch):
    monkeypatch.setenv("MASTER_KEY", "master")
    assert login(web, "ana@acme.example", "master").status_code == 401


def test_imported_bcrypt_passwords_work_and_become_argon2(web, cast, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.BCryptPasswordHasher",
    ]
    from django.contrib.auth.hashers import make_password

    User.objects.filter(pk=cast.ana.pk).update(password=make_password("imported", hasher="bcrypt"))
    assert login(web, "ana@acme.example", "imported").status_code == 200
    assert User.objects.get(pk=cast.ana.pk).password.startswith("argon2")


# What a token opens -------------------------------------------------------------------------


def test_a_missing_header_is_401_and_a_bad_token_403(api, cast):
    nobody = api()
    assert nobody.get("/users").status_code == 401
    assert nobody.get("/users").json() == {"error": "ERR_SESSION_EXPIRED"}
    nobody.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert nobody.get("/users").status_code == 403


def test_authentication_is_one_statement_and_one_search_path(api, cast):
    from django.test import RequestFactory
    from rest_framework.request import Request

    from accounts.authentication import AccessToken
    from whaticket import tenancy

    client = api(cast.ana)
    client.get("/users")  # marks her as present, which is written once a minute
    token = client._credentials["HTTP_AUTHORIZATION"]
    request = Request(RequestFactory().get("/users", HTTP_AUTHORIZATION=token))
    tenancy.leave_company()
    # A connection that another company used last; one that stands right is spared the first.
    connection.cursor().close()
    with CaptureQueriesContext(connection) as spent:
        user, _ = AccessToken().authenticate(request)
    assert user.pk == cast.ana.pk
    assert tenancy.current_company_id() == cast.acme.pk
    # 1: the company's schema; 2: session, person and company together.
    statements = [query["sql"] for query in spent]
    assert [sql.split()[0] for sql in statements] == ["SET", "SELECT"], statements


def test_a_token_of_one_company_cannot_be_bent_to_another(api, cast):
    session = Session.objects.create(user=cast.ana, token_version=0)
    text = tokens.access_token(cast.ana, session)
    claims = jwt.decode(text, project.JWT_SECRET, algorithms=["HS256"])
    for change in (
        {"companyId": cast.globex.pk},
        {"id": cast.eva.pk},
        {"id": cast.eva.pk, "companyId": cast.globex.pk},
        {"companyId": "1; DROP SCHEMA public"},
        {"companyId": None},
        {"sid": "x"},
        {"sid": 5},
        {"token_type": "refresh"},
    ):
        forged = jwt.encode(claims | change, project.JWT_SECRET, algorithm="HS256")
        client = api()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {forged}")
        assert client.get("/users").status_code == 403


def test_a_refresh_token_is_no_access_token(api, cast):
    session = Session.objects.create(user=cast.ana, token_version=0)
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.refresh_token(cast.ana, session)}")
    assert client.get("/users").status_code == 403


@pytest.mark.parametrize(
    "change",
    [{"removed_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)}, {"is_active": False}],
)
def test_who_left_is_out_at_once(signed_in, cast, change):
    client = signed_in(cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(**change)
    assert client.get("/users").status_code == 403
    assert client.post("/auth/refresh_token").status_code == 401


def test_suspension_ends_access_at_once_and_ends_itself(signed_in, cast):
    from companies.services import reactivate_company, suspend_company

    client = signed_in(cast.eva)
    suspend_company(cast.globex, by_id=None)
    assert client.get("/users").status_code == 403
    reactivate_company(cast.globex, by_id=None)
    assert client.get("/users").status_code == 200


# Refresh ------------------------------------------------------------------------------------


def test_the_cookie_renews_access(signed_in, cast):
    client = signed_in(cast.ana)
    answer = client.post("/auth/refresh_token")
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == cast.ana.pk
    assert answer.cookies["jrt"].value


def test_access_ends_after_fifteen_minutes_and_the_cookie_after_a_week(signed_in, cast):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        client = signed_in(cast.ana)
        clock.shift(datetime.timedelta(minutes=16))
        assert client.get("/users").status_code == 403
        assert client.post("/auth/refresh_token").status_code == 200
        clock.shift(datetime.timedelta(days=7, seconds=1))
        answer = client.post("/auth/refresh_token")
        assert (answer.status_code, answer.json()) == (401, {"error": "ERR_SESSION_EXPIRED"})
        assert answer.cookies["jrt"].value == ""


@pytest.mark.parametrize("cookie", [None, "", "nonsense", "a.b.c"])
def test_without_a_good_cookie_nothing_is_renewed(web, cast, cookie):
    if cookie is not None:
        web.cookies["jrt"] = cookie
    answer = web.post("/auth/refresh_token")
    assert (answer.status_code, answer.json()) == (401, {"error": "ERR_SESSION_EXPIRED"})


def test_disconnecting_others_conflicts_every_other_device(signed_in, cast, heard):
    first, second = signed_in(cast.ana), signed_in(cast.ana)
    answer = second.post("/auth/disconnect-other-sessions")
    assert answer.status_code == 200
    second.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    assert second.get("/users").status_code == 200
    assert second.post("/auth/refresh_token").status_code == 200
    # The other device is refused at once, refreshes because of the 403, and learns why.
    assert first.get("/users").status_code == 403
    answer = first.post("/auth/refresh_token")
    assert answer.status_code == 409
    assert answer.json()["error"] == "ERR_SESSION_CONFLICT"
    assert answer.json()["message"]
    assert answer.cookies["jrt"].value == ""
    assert heard(SessionsEnded)


def test_both_devices_may_stay_if_the_person_says_so(signed_in, cast):
    first = signed_in(cast.ana)
    second = signed_in(cast.ana, disconnectOtherSessions=True)
    assert first.get("/users").status_code == 403
    answer = first.post("/auth/refresh_token", {"allowMultipleSessions": True})
    assert answer.status_code == 200
    first.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    assert first.get("/users").status_code == 200
    assert second.get("/users").status_code == 200


@pytest.mark.parametrize("value", ["true", 1, "yes", {}, [], None])
def test_only_true_disconnects(signed_in, cast, value):
    first = signed_in(cast.ana)
    signed_in(cast.ana, disconnectOtherSessions=value)
    assert first.get("/users").status_code == 200


# Leaving ------------------------------------------------------------------------------------


def test_logout_ends_the_session_at_once(signed_in, cast):
    client, other = signed_in(cast.ana), signed_in(cast.ana)
    kept = client.cookies["jrt"].value
    answer = client.delete("/auth/logout")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.cookies["jrt"].value == ""
    assert client.get("/users").status_code == 403
    client.cookies["jrt"] = kept
    assert client.post("/auth/refresh_token").status_code == 401
    assert other.get("/users").status_code == 200


def test_logout_shows_the_person_as_away(signed_in, cast):
    client = signed_in(cast.ana)
    client.get("/users")
    assert User.objects.get(pk=cast.ana.pk).is_online
    client.delete("/auth/logout")
    assert not User.objects.get(pk=cast.ana.pk).is_online


def test_me_needs_both_proofs(signed_in, cast):
    client, other = signed_in(cast.rui), signed_in(cast.ana)
    assert client.get("/auth/me").json() == {
        "id": cast.rui.pk,
        "profile": "admin",
        "super": False,
    }
    for cookie in ("", "nonsense", other.cookies["jrt"].value):
        client.cookies["jrt"] = cookie
        answer = client.get("/auth/me")
        assert (answer.status_code, answer.json()["error"]) == (401, "ERR_SESSION_EXPIRED")


def test_a_token_seen_before_still_expires(cast):
    session = Session.objects.create(user=cast.ana, token_version=cast.ana.token_version)
    text = tokens.access_token(cast.ana, session)
    assert tokens.read_access_token(text)["id"] == cast.ana.pk
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=16)
    with time_machine.travel(soon), pytest.raises(tokens.InvalidToken):
        tokens.read_access_token(text)
