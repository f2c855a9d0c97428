"""Tokens of programs: who makes them, what they open, how often they may call."""

import pytest
import redis

from billing.models import Plan, Subscription
from dispatch.models import Route
from dispatch.services import hash_token
from events.models import EventRecord
from messaging.models import Message
from tickets.models import Ticket
from whaticket.tenancy import in_company
from whatsapp.events import ApiTokenIssued, ApiTokenRevoked
from whatsapp.models import ApiToken, ApiUsage, Connection
from whatsapp.services import connections, tokens
from whatsapp.services.external import rate
from whatsapp.services.external.usage import count_use
from whatsapp.tests.external import NUMBER, key_of, program

SEND, CHECK = "/api/messages/send", "/api/messages/checkNumber"
BODY = {"number": NUMBER, "body": "hello"}
WANTED = {"name": "Shop", "scopes": ["messages:send"]}


@pytest.fixture
def path(cast):
    return f"/whatsapp/{cast.number.pk}/tokens"


def test_a_token_is_shown_once_and_kept_as_a_hash(cast, api, path, heard):
    rui = api(cast.rui)
    made = rui.post(path, WANTED | {"ratePerMinute": 30}).json()
    assert made["token"].startswith("wt_")
    assert len(made["token"]) > 40
    (listed,) = rui.get(path).json()["tokens"]
    assert "token" not in listed
    assert (listed["hint"], listed["ratePerMinute"]) == (f"••••{made['token'][-4:]}", 30)
    row = ApiToken.objects.get()
    assert row.digest == hash_token(made["token"])
    assert made["token"] not in str(vars(row)) + str(list(Route.objects.values()))
    assert heard(ApiTokenIssued)[0]["by_id"] == cast.rui.pk
    assert made["token"] not in str(list(EventRecord.objects.values()))


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("rui", 200), ("eva", 404), (None, 401)])
def test_only_administrators_of_the_company_manage_tokens(cast, api, path, who, status):
    with in_company(cast.globex.pk):
        # So that her own numbers cannot have the id of ours.
        Connection.objects.filter(pk=cast.number.pk).delete()
    ours, _ = tokens.issue_token(cast.number, name="Old", scopes=["messages:send"], by=None)
    http = api(getattr(cast, who) if who else None)
    assert http.get(path).status_code == status
    assert http.post(path, WANTED).status_code == status
    assert http.delete(f"{path}/{ours.pk}").status_code == status
    if status != 200:
        assert ApiToken.objects.get() == ours
        refused = http.get("/apiUsages").status_code
        assert refused == {"eva": 200}.get(who, status)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["everything"]},
        {"scopes": "messages:send"}, {"ratePerMinute": 0}, {"ratePerMinute": 10**9},
        {"name": {}}, {"scopes": None},
    ],
)  # fmt: skip
def test_a_bad_token_is_refused(cast, api, path, change):
    answer = api(cast.rui).post(path, WANTED | change)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not ApiToken.objects.exists()


def test_a_connection_has_several_tokens_but_not_any_number(cast, api, path, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    rui = api(cast.rui)
    secrets = [rui.post(path, WANTED).json()["token"] for _ in range(2)]
    for secret in secrets:
        assert program(api, secret).post(SEND, BODY).status_code == 200
    answer = rui.post(path, WANTED)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_API_TOKEN_LIMIT_REACHED")


def test_a_revoked_token_opens_nothing_from_then_on(cast, api, path, heard):
    rui = api(cast.rui)
    made = rui.post(path, WANTED).json()
    other = key_of(cast)
    assert rui.delete(f"{path}/{made['id']}").status_code == 200
    answer = program(api, made["token"]).post(SEND, BODY)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_API_TOKEN_REFUSED")
    assert program(api, other).post(SEND, BODY).status_code == 200
    assert len(heard(ApiTokenRevoked)) == 1
    again = rui.delete(f"{path}/{made['id']}")
    assert (again.status_code, again.json()["error"]) == (404, "ERR_NO_API_TOKEN_FOUND")


def test_the_connections_own_token_sends_and_checks(cast, api, path):
    rui = api(cast.rui)
    body = {"name": cast.number.name, "token": "of-the-shop-12345", "greetingMessage": "hi"}
    answer = rui.put(f"/whatsapp/{cast.number.pk}", body)
    assert answer.json()["token"] == "••••2345"
    http = program(api, "of-the-shop-12345")
    assert http.post(SEND, BODY).status_code == 200
    assert http.post(CHECK, {"number": NUMBER}).status_code == 400
    assert http.get("/api/contacts").status_code == 403
    named = key_of(cast)
    # A form that gives back what it was shown keeps the token; another one replaces it.
    rui.put(f"/whatsapp/{cast.number.pk}", body | {"token": "••••2345"})
    assert http.post(SEND, BODY).status_code == 200
    rui.put(f"/whatsapp/{cast.number.pk}", body | {"token": "another-one-9876"})
    assert http.post(SEND, BODY).status_code == 403
    assert program(api, "another-one-9876").post(SEND, BODY).status_code == 200
    assert program(api, named).post(SEND, BODY).status_code == 200
    main = [row for row in rui.get(path).json()["tokens"] if row["isMain"]]
    assert [row["hint"] for row in main] == ["••••9876"]
    rui.delete(f"{path}/{main[0]['id']}")
    assert rui.get(f"/whatsapp/{cast.number.pk}").json()["token"] == ""
    assert program(api, "another-one-9876").post(SEND, BODY).status_code == 403


def test_no_two_companies_share_a_token(cast, api):
    body = {"greetingMessage": "hi", "token": "the-same-token-1"}
    ours = api(cast.rui).put(f"/whatsapp/{cast.number.pk}", body | {"name": "A number"})
    assert ours.status_code == 200
    theirs = api(cast.eva).put(f"/whatsapp/{cast.foreign_number.pk}", body | {"name": "A number"})
    assert (theirs.status_code, theirs.json()["error"]) == (400, "ERR_WAPP_TOKEN_ALREADY_EXISTS")


def test_a_token_dies_with_its_connection(cast, api):
    secret = key_of(cast)
    connections.delete_connection(cast.number, by=cast.rui)
    assert program(api, secret).post(SEND, BODY).status_code == 403
    assert not Route.objects.filter(company_id=cast.acme.pk).exists()


def test_a_token_works_in_its_own_company_only(cast, api):
    with in_company(cast.globex.pk):
        _, secret = tokens.issue_token(
            cast.foreign_number, name="Eva", scopes=["messages:send"], by=cast.eva
        )
    answer = program(api, secret).post(SEND, BODY | {"queueId": cast.sales.pk + 1000})
    assert answer.json()["error"] == "ERR_QUEUE_NOT_FOUND"
    assert program(api, secret).post(SEND, BODY).status_code == 200
    assert not Message.objects.exists()
    with in_company(cast.globex.pk):
        assert Message.objects.count() == 1
        assert Ticket.objects.get().connection_id == cast.foreign_number.pk


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Basic abc", "Bearer nonsense", "Bearer " + "x" * 5000]
)
def test_without_a_token_nothing_opens(cast, api, header):
    http = api()
    if header:
        http.credentials(HTTP_AUTHORIZATION=header)
    for path in (SEND, "/api/messages/send/linkImage", CHECK):
        answer = http.post(path, BODY)
        told = header is not None and header.startswith("Bearer ")
        wanted = (403, "ERR_API_TOKEN_REFUSED") if told else (401, "ERR_SESSION_EXPIRED")
        assert (answer.status_code, answer.json()["error"]) == wanted


def test_a_persons_token_is_no_programs_token(cast, api):
    assert api(cast.rui).post(SEND, BODY).status_code == 403
    assert program(api, key_of(cast)).get("/tickets").status_code == 403


@pytest.mark.parametrize(
    ("scope", "method", "where"),
    [
        ("numbers:check", "post", SEND),
        ("numbers:check", "post", "/api/messages/send/linkImage"),
        ("messages:send", "post", CHECK),
        ("messages:send", "get", "/api/contacts"),
        ("messages:send", "get", "/api/contacts-count"),
        ("contacts:read", "post", "/api/contacts"),
    ],
)
def test_a_token_does_only_what_its_scopes_say(cast, api, scope, method, where):
    answer = getattr(program(api, key_of(cast, scope)), method)(where, BODY)
    assert answer.status_code == 403
    assert answer.json()["error"] == "ERR_API_TOKEN_SCOPE"
    assert not Message.objects.exists()


def test_a_plan_without_the_api_has_no_api(cast, api, path):
    secret = key_of(cast)
    plan = Plan.objects.create(
        name="Narrow", users=9, connections=9, queues=9, use_external_api=False
    )
    Subscription.objects.create(company=cast.acme, plan=plan)
    answer = program(api, secret).post(SEND, BODY)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")
    assert api(cast.rui).post(path, WANTED).status_code == 403
    # What is there already can still be taken away.
    assert api(cast.rui).delete(f"{path}/{ApiToken.objects.get().pk}").status_code == 200


@pytest.mark.parametrize(("is_unpaid", "status"), [(True, 402), (False, 403)])
def test_a_company_that_is_switched_off_has_no_api(cast, api, is_unpaid, status):
    secret = key_of(cast)
    type(cast.acme).objects.filter(pk=cast.acme.pk).update(is_active=False, is_unpaid=is_unpaid)
    assert program(api, secret).post(SEND, BODY).status_code == status


def test_the_last_use_is_noted_to_the_minute(cast, api):
    http = program(api, key_of(cast))
    http.post(SEND, BODY)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    http.post(SEND, BODY)
    assert ApiToken.objects.get().last_used_at == first


# ------------------------------------------------------------------------------------ rate


def test_calls_are_counted_and_refused_past_the_limit(cast, api):
    http = program(api, key_of(cast, rate_per_minute=3))
    left = []
    for _ in range(3):
        answer = http.post(SEND, {"number": "1"})
        assert answer.status_code == 400
        assert answer["RateLimit-Limit"] == "3"
        left.append(answer["RateLimit-Remaining"])
        assert 0 < int(answer["RateLimit-Reset"]) <= 60
    assert left == ["2", "1", "0"]
    refused = http.post(SEND, BODY)
    assert (refused.status_code, refused.json()["error"]) == (429, "ERR_TOO_MANY_REQUESTS")
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert (refused["RateLimit-Limit"], refused["RateLimit-Remaining"]) == ("3", "0")
    assert not Message.objects.exists()
    # Another token has an allowance of its own.
    assert program(api, key_of(cast)).post(SEND, BODY).status_code == 200


def test_a_used_up_allowance_comes_back_share_by_share_and_not_at_the_end_of_the_minute(cast):
    key = f"test:{cast.ana.pk}:{cast.acme.pk}:share"
    for _ in range(6):
        taken = rate.take_call(key, 6)
    assert (taken.wait, taken.remaining) == (0, 0)
    refused = rate.take_call(key, 6)
    assert 1 <= refused.wait <= 10 < refused.reset <= 60


def test_calls_go_on_where_the_counter_is_away(cast, api, monkeypatch):
    class Away:
        def eval(self, *args):
            raise redis.ConnectionError

    monkeypatch.setattr(rate, "valkey", Away)
    answer = program(api, key_of(cast, rate_per_minute=1)).post(SEND, BODY)
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer


# ----------------------------------------------------------------------------------- usage


def test_administrators_read_what_was_used_by_day(cast, api):
    count_use(["texts", "texts", "pdfs", "checks"])
    answer = api(cast.rui).get("/apiUsages").json()
    (row,) = answer["usages"]
    day = ApiUsage.objects.get().day
    assert row["dateUsed"] == day.strftime("%d/%m/%Y")
    used = {key: row[key] for key in row if key.startswith("used")}
    assert used == {
        "usedText": 2, "usedPDF": 1, "usedImage": 0, "usedVideo": 0, "usedOther": 0,
        "usedCheckNumber": 1,
    }  # fmt: skip
    assert (row["UsedOnDay"], answer["count"], answer["hasMore"]) == (4, 1, False)
    past = api(cast.rui).get("/apiUsages", {"dateEnd": "2020-01-01"}).json()
    assert past == {"usages": [], "count": 0, "hasMore": False}
    bad = api(cast.rui).get("/apiUsages", {"dateStart": "soon"})
    assert (bad.status_code, bad.json()["error"]) == (400, "ERR_VALIDATION")
    assert api(cast.eva).get("/apiUsages").json()["usages"] == []


def test_a_way_without_its_token_opens_nothing(cast, api):
    secret = key_of(cast)
    ApiToken.objects.all().delete()
    assert program(api, secret).post(SEND, BODY).status_code == 403


def test_the_clock_forgets_old_calls_of_every_company(cast):
    from datetime import timedelta

    from django.utils import timezone

    from whatsapp.models import ApiRequest, DirectMessage
    from whatsapp.tasks import prune_external

    old = timezone.now() - timedelta(days=40)
    for company, number in ((cast.acme, cast.number), (cast.globex, cast.foreign_number)):
        with in_company(company.pk):
            token, _ = tokens.issue_token(number, name="p", scopes=["messages:send"], by=None)
            for key, at in (("old", old), ("new", timezone.now())):
                ApiRequest.objects.create(token=token, key=key, fingerprint="f", created_at=at)
            DirectMessage.objects.create(connection=number, status="accepted", created_at=old)
    assert prune_external() == 4
    assert prune_external() == 0
    for company in (cast.acme, cast.globex):
        with in_company(company.pk):
            assert [row.key for row in ApiRequest.objects.all()] == ["new"]
