"""Whatever is sent to any route of these rooms: a refusal with a code, never a crash."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.api.urls import urlpatterns as accounts_routes
from billing.api.urls import urlpatterns as billing_routes
from companies.api.urls import urlpatterns as companies_routes

KEYS = st.sampled_from(
    [
        "email", "password", "name", "profile", "companyId", "queueIds", "startWork", "endWork",
        "whatsappId", "allTicket", "allowGroup", "defaultMenu", "defaultTicketsManagerWidth",
        "farewellMessage", "profileImage", "token", "disconnectOtherSessions", "companyName",
        "planId", "phone", "schedules", "dueDate", "status", "id", "amount", "users", "document",
        "campaignsEnabled", "trialDays", "isPublic", "companyUserName", "recurrence", "value",
        "column", "data", "title", "text", "priority", "description", "version", "theme",
        "customCss", "typingTexts", "teamImages", "mailPort", "mailPass", "logoUrl",
        "fontFamily", "sidebarBg", "commission", "typeCommission",
    ]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**31, max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["\0", "2026-13-45", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
                       "24:00", "a@b.example", "1e400", "-1", "\u202e", "'; DROP TABLE x; --"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=6) | VALUES
QUERIES = st.dictionaries(
    st.sampled_from(["searchParam", "pageNumber", "companyId", "listPublic"]),
    st.text(max_size=20) | st.sampled_from(["0", "-1", "\0", "99999999999999999999", "١"]),
    max_size=3,
)

ROUTES = sorted(
    {
        (method.upper(), str(pattern.pattern))
        for pattern in [*accounts_routes, *companies_routes, *billing_routes]
        for method in ("get", "post", "put", "delete")
        if hasattr(pattern.callback.view_class, method)
    }
)


def address(route, number, text):
    filled = route
    for name in (
        "user_id",
        "company_id",
        "plan_id",
        "announcement_id",
        "help_id",
        "partner_id",
        "invoice_id",
    ):
        filled = filled.replace(f"<id:{name}>", str(number))
    for name in ("email", "name", "company_id"):
        filled = filled.replace(f"<str:{name}>", quote(text, safe="") or "x")
    return f"/{filled}"


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=lambda value: value)
def test_no_input_makes_a_crash(method, route, api, platform, facts, web, settings_of_run):
    clients = [api(facts.root), api(facts.ana), platform if route.startswith("api/") else api()]
    for client in clients:
        client.defaults["REMOTE_ADDR"] = web.defaults["REMOTE_ADDR"]

    @settings_of_run
    @given(
        body=BODIES,
        query=QUERIES,
        number=st.sampled_from([facts.ana.pk, facts.plan.pk, 10**17, 0]),
        text=st.text(max_size=12).filter(lambda value: not set(value) & set("/\ud800")),
        who=st.sampled_from(clients),
    )
    def attack(body, query, number, text, who):
        from accounts.tests.test_permissions import undone

        pairs = "&".join(f"{key}={quote(value)}" for key, value in query.items())
        with undone():
            answer = who.generic(
                method,
                f"{address(route, number, text)}?{pairs}",
                data=json.dumps(body).encode(),
                content_type="application/json",
            )
        assert answer.status_code < 500, (answer.status_code, answer.content[:200])
        if answer.status_code >= 400:
            assert json.loads(answer.content)["error"].startswith("ERR_")

    attack()


@pytest.fixture
def settings_of_run(settings):
    """Few examples for each of many routes; the throttles stay out of it."""
    from rest_framework.throttling import SimpleRateThrottle

    original = SimpleRateThrottle.THROTTLE_RATES
    SimpleRateThrottle.THROTTLE_RATES = dict.fromkeys(original, "100000/min")
    yield globals()["settings_"]
    SimpleRateThrottle.THROTTLE_RATES = original


settings_ = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"email": NaN}', "application/json", 400),
        (b"1" * 5000, "application/json", 400),
        (b'"' + b"x" * (5 * 1024 * 1024 + 1) + b'"', "application/json", 413),
        (b"a=" + b"x" * (5 * 1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(2000)), "application/x-www-form-urlencoded", 400),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=\xe9", 400),
        (b"<x/>", "application/xml", 415),
        (b"{}", "application/json; charset=utf-99", 401),
    ],
)
def test_bodies_that_make_no_sense(web, cast, content, kind, status):
    answer = web.generic("POST", "/auth/login", data=content, content_type=kind)
    assert answer.status_code == status, answer.content[:200]
    assert json.loads(answer.content)["error"].startswith("ERR_")


@pytest.mark.parametrize("text", [r"\ud800", r"\uDFFF and more"])
def test_half_a_character_is_refused_and_not_sent_back(text, api, cast):
    body = f'{{"showDashboard": "{text}"}}'
    answer = api(cast.rui).generic(
        "PUT", f"/users/{cast.ana.pk}", data=body.encode(), content_type="application/json"
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "ERR_VALIDATION"})


def test_a_whole_character_in_two_halves_is_read(api, cast):
    answer = api(cast.rui).generic(
        "PUT",
        f"/users/{cast.ana.pk}",
        data=rb'{"name": "Ana \ud83d\ude00"}',
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["name"]) == (200, "Ana \U0001f600")
