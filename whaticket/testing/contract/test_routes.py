"""Every route of the contract: it is there, keeps its door, its company, and its shape."""

import base64
import collections

import pytest
from django.urls import Resolver404, resolve

from whaticket import tenancy
from whaticket.testing.contract import world
from whaticket.testing.contract.calls import BY_NAME, GOOD, PARTS, PLACE, ROUTES, Good
from whaticket.testing.contract.prepared import BEFORE
from whaticket.testing.contract.shapes import ANSWERS
from whaticket.testing.contract.stage import call, caller_of, content, error_of, undone

# Whose credentials open which kinds of doors.
OPENS = {
    "ana": {"P", "U", "S*", "CU"},
    "rui": {"P", "U", "S*", "CU", "A", "M"},
    "root": {"P", "U", "S*", "CU", "A", "M", "S"},
    "platform": {"P", "C", "CU", "CT"},
    "program": {"P", "T", "CT"},
}
of_parts = pytest.mark.parametrize("part", PARTS, ids=" ".join)


def routes_of(part):
    return [route for route in ROUTES if route.section in part]


# Is it there? --------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_is_there_in_any_case_and_with_or_without_a_slash(route):
    ids = collections.defaultdict(lambda: 7, uuid="0" * 36, email="a@b.example")
    path = route.address(ids)
    other_case = "/".join(
        word if word in {"7", ids["uuid"], ids["email"]} else word.swapcase()
        for word in path.split("/")
    )
    for written in (path.rstrip("/"), path.rstrip("/") + "/", other_case):
        try:
            found = resolve(written)
        except Resolver404:
            pytest.fail(f"{written} leads nowhere")
        if route.kind != "B":
            assert hasattr(found.func.view_class, route.method.lower()), written


# Who may come in? ----------------------------------------------------------------------------


@of_parts
def test_each_door_opens_to_its_own_kind_only(stage, part):
    wrong = []
    for route in routes_of(part):
        for who, client in stage.clients.items():
            if route.kind in {"P", "B", "E"} or route.kind in OPENS.get(who, ()):
                continue
            with undone():
                answer = call(client, route, stage.ours)
            status, code = answer.status_code, error_of(answer)
            wanted = [(403, None)]
            if who == "nobody":
                wanted = [(401, "ERR_SESSION_EXPIRED")]
            elif who in {"ana", "rui"} and route.kind in {"A", "M", "S"}:
                wanted = [(403, "ERR_NO_PERMISSION")]
            if not any(status == s and (c is None or code == c) for s, c in wanted):
                wrong.append(f"{route} ({route.kind}) {who}: {status} {code}")
    assert not wrong, "\n".join(wrong)


def test_the_monitor_opens_to_its_name_and_password_only(stage, settings):
    settings.BULL_BOARD, settings.BULL_USER, settings.BULL_PASS = True, "ops", "a long password"
    for client in stage.clients.values():
        answer = client.get("/admin/queues", headers={"Accept": "application/json"})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic")
    client = stage.api()
    for shown, status in (("ops:a long password", 200), ("ops:wrong", 401), (":", 401)):
        told = base64.b64encode(shown.encode()).decode()
        client.credentials(HTTP_AUTHORIZATION=f"Basic {told}")
        assert client.get("/admin/queues").status_code == status
    settings.BULL_USER = settings.BULL_PASS = ""
    assert client.get("/admin/queues").status_code == 401
    settings.BULL_BOARD = False
    assert client.get("/admin/queues").status_code == 404


def test_public_values_need_the_public_token(stage, settings):
    client = stage.clients["nobody"]
    for query, status in (("?token=public", 200), ("?token=wrong", 403), ("", 403)):
        assert client.get(f"/public-settings/appName{query}").status_code == status
    settings.ENV_TOKEN = ""
    assert client.get("/public-settings/appName?token=").status_code == 403


# Whose rows? ---------------------------------------------------------------------------------


# The platform's programs and operators name companies; what they may see is no leak.
OF_ALL_COMPANIES = {"C", "CU"}


@of_parts
def test_rows_of_another_company_are_not_found(stage, part):
    wrong = []
    before = world.state_of(stage.globex)
    for route in routes_of(part):
        if not route.names_a_row or route.kind in OF_ALL_COMPANIES or is_platforms(route):
            continue
        with undone():
            answer = call(caller_of(route, stage), route, stage.theirs, stage.ours)
            after = world.state_of(stage.globex)
        said = str(content(answer))
        status = 400 if str(route) in ANSWERS_400 else 404
        if route.path == "/companySettings/:companyId":
            # The id is not believed: everybody gets their own.
            assert content(answer)["companyId"] == stage.acme.pk
            continue
        if answer.status_code != status or after != before or "SECRET" in said:
            wrong.append(f"{route}: {answer.status_code} {said[:120]}")
    assert not wrong, "\n".join(wrong)


# Named in a body, a stranger is left out of the answer instead of refused.
LEFT_OUT = {
    ("POST /contacts", "user"),
    ("PUT /contacts/:contactId", "user"),
    ("PUT /contact-wallet/:contactId", "user"),
    # Whoever reads is whoever asks, and a token's company is the token's.
    ("POST /chats/:id/read", "user"),
    ("GET /api/contacts", "company"),
    ("GET /api/contacts-count", "company"),
}


OF_NO_COMPANY = {"plan", "today", "picture", "link", "txid"}


def ids_in(said):
    """Every id in an answer."""
    for key, value in said.items() if isinstance(said, dict) else enumerate(said):
        if isinstance(value, dict | list):
            yield from ids_in(value)
        elif str(key).lower().endswith("id"):
            yield value


@of_parts
def test_no_body_reaches_into_another_company(stage, part):
    wrong = []
    theirs_before, ours_before = world.state_of(stage.globex), world.state_of(stage.acme)
    for route in routes_of(part):
        if route.kind == "C":
            continue
        good = GOOD.get(str(route), Good())
        for name in sorted(set(PLACE.findall(str(good.body))) - OF_NO_COMPANY):
            mixed = stage.ours | {name: stage.theirs[name]}
            with undone():
                answer = call(caller_of(route, stage), route, stage.ours, mixed)
                theirs, ours = world.state_of(stage.globex), world.state_of(stage.acme)
            said = content(answer)
            if (str(route), name) in LEFT_OUT:
                is_right = answer.status_code == 200 and mixed[name] not in set(ids_in(said))
            else:
                is_right = 400 <= answer.status_code < 500 and ours == ours_before
            if not is_right or theirs != theirs_before:
                tables = [table for table in ours if ours[table] != ours_before[table]]
                wrong.append(f"{route} {name}: {answer.status_code} {said} {tables}"[:400])
    assert not wrong, "\n".join(wrong)


# What does it answer? ------------------------------------------------------------------------


@of_parts
def test_a_good_call_answers_with_the_keys_of_the_contract(stage, neighbours, part):
    wrong = []
    for route in routes_of(part):
        if str(route) not in ANSWERS:
            continue
        status, shape = ANSWERS[str(route)]
        client = stage.clients["root"] if route.kind == "S*" else caller_of(route, stage)
        with undone():
            if route.section == "§2":
                client = signed_in(stage)
            before = BEFORE.get(str(route), lambda stage: {})(stage)
            answer = call(client, route, stage.ours | before)
        body = content(answer)
        if answer.status_code != status:
            wrong.append(f"{route}: {answer.status_code} {str(body)[:150]}")
            continue
        wrong += [f"{route}: {problem}" for problem in shape.problems(body)][:6]
    assert not wrong, "\n".join(wrong)


def signed_in(stage):
    """Let Rui come in through the door, with the cookie that some routes want."""
    client = stage.api()
    client.defaults |= stage.clients["rui"].defaults
    door = BY_NAME["POST /auth/login"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {content(call(client, door, {}))['token']}")
    return client


def test_every_section_is_in_a_part():
    assert {route.section for route in ROUTES} == {section for part in PARTS for section in part}


# What is held against no shape, and why.
WITHOUT_SHAPE = {"GET /admin/queues": "A page for people; test_monitor.py looks at it."}


def test_every_route_has_its_shape():
    known = {str(route) for route in ROUTES}
    assert known == ANSWERS.keys() | WITHOUT_SHAPE.keys()
    assert not ANSWERS.keys() & WITHOUT_SHAPE.keys()
    assert GOOD.keys() | BEFORE.keys() <= known


# Rows of the platform itself, which no company owns.
PLATFORMS = {"plans", "helps", "announcements", "partners", "whatsapp-admin"}
# Where the contract refuses with 400 (errors.md §1).
ANSWERS_400 = {
    f"{verb} /companies/{path}"
    for verb, path in [
        ("GET", ":id"), ("PUT", ":id"), ("PUT", ":id/schedules"), ("DELETE", ":id"),
        ("GET", "listPlan/:id"),
    ]
} | {"DELETE /users/:userId"}  # fmt: skip
ANSWERS_400 |= {f"{verb} /queue/:queueId" for verb in ("GET", "PUT", "DELETE")}


def is_platforms(route):
    return route.path.split("/")[1] in PLATFORMS or route.kind == "S"


def test_the_thread_of_a_test_stays_in_acme(stage):
    assert tenancy.current_company_id() == stage.acme.pk
