"""Routes of queues (rest.md §15) and the distribution of each."""

import orjson
import pytest

from billing.models import Plan, Subscription
from dispatch.models import Agenda
from messaging.models import FileList
from tickets import receivers
from tickets.events import QueueDeleted, QueueUpdated
from tickets.models import Assignment, Queue, QueueMember
from whaticket.tenancy import in_company

DAY = {
    "weekday": "Segunda-feira",
    "weekdayEn": "monday",
    "startTimeA": "08:00",
    "endTimeA": "12:00",
    "startTimeB": "13:00",
    "endTimeB": "18:00",
}
WHOLE = {
    "name": "Finance",
    "color": "#0af",
    "greetingMessage": "Olá",
    "outOfHoursMessage": "Voltamos logo",
    "schedules": [DAY],
    "orderQueue": 3,
    "tempoRoteador": 10,
    "ativarRoteador": True,
    "closeTicket": True,
}


@pytest.fixture
def boss(api, cast):
    return api(cast.rui)


@pytest.fixture
def prices(cast):
    """A list of files."""
    return FileList.objects.create(name="Prices", message="Here")


# -------------------------------------------------------------------------- the contract


def test_a_queue_comes_back_as_it_was_written(boss, cast, prices, heard):
    whole = {**WHOLE, "integrationId": None, "fileListId": prices.pk}
    made = boss.post("/queue", whole)
    assert made.status_code == 200
    row = made.json()
    assert {key: row[key] for key in whole} == whole
    assert (row["companyId"], row["chatbots"]) == (cast.acme.pk, [])
    assert boss.get(f"/queue/{row['id']}").json() == row
    listed = [found for found in boss.get("/queue").json() if found["id"] == row["id"]]
    assert {key: listed[0][key] for key in whole} == whole
    assert heard(QueueUpdated)[-1] == {"queue_id": row["id"], "by_id": cast.rui.pk}


def test_what_is_left_out_stays_and_empty_texts_mean_nothing(boss, cast, prices):
    row = boss.post("/queue", {**WHOLE, "fileListId": prices.pk}).json()
    kept = boss.put(f"/queue/{row['id']}", {"name": "Money"}).json()
    assert kept["fileListId"] == prices.pk
    boss.put(f"/queue/{row['id']}", {"name": WHOLE["name"]})
    changed = boss.put(
        f"/queue/{row['id']}",
        {"orderQueue": "", "tempoRoteador": "", "fileListId": "", "greetingMessage": None},
    )
    assert changed.status_code == 201
    after = changed.json()
    assert (after["orderQueue"], after["tempoRoteador"], after["fileListId"]) == (None, 0, None)
    assert after["greetingMessage"] == ""
    kept = ("name", "color", "outOfHoursMessage", "schedules", "ativarRoteador", "closeTicket")
    assert {key: after[key] for key in kept} == {key: WHOLE[key] for key in kept}


def test_queues_are_listed_in_menu_order_those_without_a_place_last(boss, cast):
    Queue.objects.filter(pk=cast.support.pk).update(position=2)
    first = boss.post("/queue", {"name": "First", "color": "#000", "orderQueue": 1}).json()["id"]
    ids = [row["id"] for row in boss.get("/queue").json()]
    assert ids == [first, cast.support.pk, cast.sales.pk]


def test_hole_no_other_companys_queues_whatever_companyId_says(api, cast):
    answer = api(cast.eva).get("/queue", {"companyId": cast.acme.pk})
    assert [row["id"] for row in answer.json()] == [cast.foreign_queue.pk]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "x"}, "ERR_QUEUE_INVALID_NAME"),
        ({"name": None}, "ERR_QUEUE_INVALID_NAME"),
        ({"name": "Sales"}, "ERR_QUEUE_NAME_ALREADY_EXISTS"),
        ({"color": "red"}, "ERR_QUEUE_INVALID_COLOR"),
        ({"color": None}, "ERR_QUEUE_INVALID_COLOR"),
        ({"color": "#12345g"}, "ERR_QUEUE_INVALID_COLOR"),
        ({"color": "#1234567"}, "ERR_QUEUE_INVALID_COLOR"),
        ({"color": "#112233"}, "ERR_QUEUE_COLOR_ALREADY_EXISTS"),
        ({"schedules": [{"weekdayEn": "someday"}]}, "ERR_VALIDATION"),
        ({"schedules": [{**DAY, "startTimeA": "25:00"}]}, "ERR_VALIDATION"),
        ({"schedules": "always"}, "ERR_VALIDATION"),
        ({"orderQueue": 2**31}, "ERR_VALIDATION"),
        ({"tempoRoteador": -1}, "ERR_VALIDATION"),
        ({"ativarRoteador": "perhaps"}, "ERR_VALIDATION"),
        ({"fileListId": 10**30}, "ERR_VALIDATION"),
        ({"greetingMessage": "a\x00b"}, "ERR_VALIDATION"),
    ],
)
def test_a_wrong_queue_is_refused_with_its_code_and_nothing_changes(boss, cast, change, code):
    before = list(Queue.objects.order_by("pk").values())
    answers = [
        boss.post("/queue", {"name": "New", "color": "#abcdef", **change}),
        boss.put(f"/queue/{cast.support.pk}", change),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert list(Queue.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("field", "code"),
    [("fileListId", "ERR_NO_FILE_FOUND"), ("integrationId", "ERR_NO_DIALOG_FOUND")],
)
def test_a_queue_that_leads_to_what_is_not_there_is_not_kept(
    boss, cast, prices, heard, field, code
):
    with in_company(cast.globex.pk):
        foreign = FileList.objects.create(pk=10**6, name="Theirs", message="")
    before = list(Queue.objects.order_by("pk").values())
    for wrong in (foreign.pk, prices.pk + 1):
        for answer in (
            boss.post("/queue", {"name": "New", "color": "#abcdef", field: wrong}),
            boss.put(f"/queue/{cast.support.pk}", {"name": "Help", field: wrong}),
        ):
            assert (answer.status_code, answer.json()) == (404, {"error": code})
    assert list(Queue.objects.order_by("pk").values()) == before
    assert heard(QueueUpdated) == []


@pytest.mark.parametrize("nothing", ["", None])
def test_no_list_and_no_integration_can_be_chosen(boss, cast, prices, nothing):
    Queue.objects.filter(pk=cast.sales.pk).update(file_list_id=prices.pk, integration_id=7)
    body = {"fileListId": nothing, "integrationId": nothing}
    after = boss.put(f"/queue/{cast.sales.pk}", body).json()
    assert (after["fileListId"], after["integrationId"]) == (None, None)


def test_a_colour_of_three_digits_and_a_missing_one(boss):
    assert boss.post("/queue", {"name": "Ab", "color": "#ABC"}).status_code == 200
    answer = boss.post("/queue", {"name": "Cd"})
    assert answer.json() == {"error": "ERR_QUEUE_INVALID_COLOR"}


def test_what_is_removed_under_ones_hands_is_not_found(cast):
    from tickets import services
    from tickets.exceptions import QueueNotFound

    services.delete_queue(cast.sales, by=None)
    change = services.DistributionChange(mode="next")
    for act in (
        lambda: services.update_queue(cast.sales, by=None, name="Vendas"),
        lambda: services.delete_queue(cast.sales, by=None),
        lambda: services.set_distribution(cast.sales, change, by=None),
    ):
        with pytest.raises(QueueNotFound):
            act()


def test_the_plan_says_how_many_queues_there_may_be(boss, cast):
    plan = Plan.objects.create(name="Small", queues=3, users=10, connections=1)
    Subscription.objects.update_or_create(company=cast.acme, defaults={"plan": plan})
    assert boss.post("/queue", {"name": "Third", "color": "#333333"}).status_code == 200
    answer = boss.post("/queue", {"name": "Fourth", "color": "#444444"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "ERR_QUEUE_LIMIT_REACHED"
    assert answer.json()["limit"] == 3
    assert Queue.objects.count() == 3
    # Another company's queues do not count.
    with in_company(cast.globex.pk):
        assert Queue.objects.count() == 1


def test_everybody_hears_of_changed_and_removed_queues(
    boss, cast, monkeypatch, heard, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    with django_capture_on_commit_callbacks(execute=True):
        boss.put(f"/queue/{cast.sales.pk}", {"name": "Vendas"})
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.delete(f"/queue/{cast.sales.pk}").content == b""
    update, delete = [frame for frame in sent if frame.event.endswith("-queue")]
    assert update.event == f"company-{cast.acme.pk}-queue"
    payload = orjson.loads(update.data)
    assert payload["action"] == "update"
    assert payload["queue"]["name"] == "Vendas"
    assert orjson.loads(delete.data) == {"action": "delete", "queueId": cast.sales.pk}
    assert heard(QueueDeleted) == [{"queue_id": cast.sales.pk, "by_id": cast.rui.pk}]


# --------------------------------------------------- the router of the contract (rule 105)


def test_clients_of_the_contract_switch_the_random_mode(boss, cast):
    path = f"/queue/{cast.sales.pk}"

    def mode():
        return Queue.objects.get(pk=cast.sales.pk).distribution

    boss.put(path, {"ativarRoteador": True, "tempoRoteador": 0})
    assert mode() == "off"  # both are needed
    boss.put(path, {"tempoRoteador": 5})
    assert mode() == "random"
    boss.put(path, {"ativarRoteador": False})
    assert mode() == "off"


def test_a_client_that_writes_the_router_back_as_it_was_changes_no_mode(boss, cast):
    path = f"/queue/{cast.sales.pk}"
    boss.put(f"{path}/distribution", {"mode": "least_busy"})
    row = boss.get(path).json()
    assert (row["ativarRoteador"], row["tempoRoteador"]) == (True, 0)
    boss.put(path, {**row, "name": "Vendas"})
    assert Queue.objects.get(pk=cast.sales.pk).distribution == "least_busy"
    boss.put(path, {"tempoRoteador": 10})
    assert Queue.objects.get(pk=cast.sales.pk).distribution == "least_busy"
    assert boss.get(f"{path}/distribution").json()["waitMinutes"] == 10


def test_a_new_queue_may_route_from_the_start(boss):
    made = boss.post("/queue", WHOLE).json()["id"]
    assert Queue.objects.get(pk=made).distribution == "random"


# ------------------------------------------------------------------------ distribution


def test_a_distribution_is_set_and_shown_with_how_its_people_stand(boss, cast, heard):
    path = f"/queue/{cast.sales.pk}/distribution"
    body = {
        "mode": "next",
        "opens": True,
        "capacity": 5,
        "waitMinutes": 15,
        "members": [{"userId": cast.ana.pk, "capacity": 2}],
    }
    answer = boss.put(path, body)
    assert answer.status_code == 200
    assert answer.json() == {
        "queueId": cast.sales.pk,
        "mode": "next",
        "opens": True,
        "capacity": 5,
        "waitMinutes": 15,
        "members": [
            {
                "userId": cast.ana.pk,
                "name": "Ana",
                "load": 0,
                "capacity": 2,
                "skipped": "offline",
            }
        ],
    }
    assert boss.get(path).json() == answer.json()
    assert heard(QueueUpdated)[-1]["queue_id"] == cast.sales.pk
    # What waits there is looked at; who is not named keeps their capacity.
    assert Agenda.objects.filter(kind="tickets.distribute", object_id=cast.sales.pk).exists()
    boss.put(path, {"mode": "off"})
    assert QueueMember.objects.get(queue=cast.sales).capacity == 2
    assert boss.get(f"/queue/{cast.sales.pk}").json()["ativarRoteador"] is False


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERR_VALIDATION"),
        ({"mode": "fastest"}, "ERR_VALIDATION"),
        ({"mode": "next", "capacity": -1}, "ERR_VALIDATION"),
        ({"mode": "next", "waitMinutes": 10**9}, "ERR_VALIDATION"),
        ({"mode": "next", "members": [{"userId": 1}]}, "ERR_VALIDATION"),
        ({"mode": "next", "members": "all"}, "ERR_VALIDATION"),
        (
            {"mode": "next", "members": [{"userId": 10**17, "capacity": 1}]},
            "ERR_AGENT_NOT_IN_QUEUE",
        ),
    ],
)
def test_a_wrong_distribution_is_refused_and_nothing_changes(boss, cast, body, code):
    answer = boss.put(f"/queue/{cast.sales.pk}/distribution", body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert Queue.objects.get(pk=cast.sales.pk).distribution == "off"


@pytest.mark.parametrize(
    ("who", "profile", "read", "write"),
    [
        ("ana", "user", 403, 403),
        ("bia", "supervisor", 200, 403),
        ("rui", "admin", 200, 200),
        ("eva", "admin", 400, 400),
    ],
)
def test_administrators_set_a_distribution_and_supervisors_see_it(
    api, cast, who, profile, read, write
):
    from accounts.models import User

    person = getattr(cast, who)
    User.objects.filter(pk=person.pk).update(profile=profile)
    path = f"/queue/{cast.sales.pk}/distribution"
    assert api(person).get(path).status_code == read
    assert api(person).put(path, {"mode": "next"}).status_code == write
    assert api().get(path).status_code == 401


def test_a_distribution_costs_the_same_for_one_and_many_members(
    api, cast, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.services import create_user

    http = api(cast.rui)
    path = f"/queue/{cast.sales.pk}/distribution"
    http.get(path)

    def cost():
        with CaptureQueriesContext(connection) as spent:
            assert http.get(path).status_code == 200
        return len([q for q in spent.captured_queries if "SET search_path" not in q["sql"]])

    one = cost()
    for number in range(20):
        agent = create_user(
            company_id=cast.acme.pk, email=f"m{number}@acme.example", password=None, name="M"
        )
        QueueMember.objects.create(queue=cast.sales, user=agent)
    assert cost() == one == 4  # the session; the queue; its members; what they hold


# ------------------------------------------------------------------------- assignments


def test_whoever_sees_a_ticket_reads_why_somebody_got_it(api, cast, ticket):
    from django.utils import timezone

    from accounts.models import User
    from tickets.services.distribution import assign_ticket

    User.objects.filter(pk=cast.ana.pk).update(is_online=True, last_seen_at=timezone.now())
    QueueMember.objects.create(queue=cast.sales, user=cast.rui)
    Queue.objects.filter(pk=cast.sales.pk).update(distribution="next")
    assign_ticket(ticket.pk)
    path = f"/tickets/{ticket.pk}/assignments"

    (row,) = api(cast.ana).get(path).json()

    assert row["user"] == {"id": cast.ana.pk, "name": "Ana"}
    assert row["queue"] == {"id": cast.sales.pk, "name": "Sales"}
    assert (row["mode"], row["trigger"], row["outcome"]) == ("next", "entered", "assigned")
    assert row["candidates"] == [
        {"userId": cast.ana.pk, "name": "Ana", "load": 0, "capacity": 0, "skipped": None},
        {
            "userId": cast.rui.pk,
            "name": "Rui",
            "load": 0,
            "capacity": 0,
            "skipped": "not_an_agent",
        },
    ]
    assert api(cast.rui).get(path).json() == [row]
    for stranger in (cast.bia, cast.eva):
        assert api(stranger).get(path).status_code == 404
    assert api().get(path).status_code == 401
    log = api(cast.ana).get(f"/tickets-log/{ticket.pk}").json()
    assert (log[0]["type"], log[0]["userId"]) == ("userDefine", cast.ana.pk)


def test_forty_decisions_are_read_with_as_many_statements_as_one(api, cast, ticket):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    http = api(cast.rui)
    path = f"/tickets/{ticket.pk}/assignments"
    http.get(path)

    def make(amount):
        row = {"user_id": cast.ana.pk, "name": "Ana", "load": 0, "capacity": 0, "skipped": None}
        Assignment.objects.bulk_create(
            [
                Assignment(
                    ticket=ticket,
                    queue=cast.sales,
                    agent=cast.ana,
                    mode="next",
                    trigger="entered",
                    outcome="assigned",
                    candidates=[row],
                )
                for _ in range(amount)
            ]
        )

    def cost():
        with CaptureQueriesContext(connection) as spent:
            answer = http.get(path)
        statements = [q for q in spent.captured_queries if "SET search_path" not in q["sql"]]
        return len(answer.json()), len(statements)

    make(1)
    assert cost() == (1, 3)  # the session; the ticket; its decisions
    make(39)
    assert cost() == (40, 3)


def test_an_assignment_is_told_to_those_who_lose_it_and_to_who_gets_it(
    cast, ticket, monkeypatch, django_capture_on_commit_callbacks
):
    from django.utils import timezone

    from accounts.models import User
    from tickets.services.distribution import assign_ticket

    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    User.objects.filter(pk=cast.ana.pk).update(is_online=True, last_seen_at=timezone.now())
    Queue.objects.filter(pk=cast.sales.pk).update(distribution="next")
    with django_capture_on_commit_callbacks(execute=True):
        assign_ticket(ticket.pk)
    told = [(orjson.loads(f.data)["action"], f.audience.ticket[2]) for f in sent if f.audience]
    assert told[:2] == [("delete", None), ("update", cast.ana.pk)]
