"""What a plan allows and refuses (behaviour 138)."""

import pytest
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.exceptions import UserLimitReached
from accounts.models import User
from accounts.services import create_user
from billing import services
from billing.exceptions import FeatureNotInPlan
from billing.models import Plan, Subscription
from billing.permissions import plan_has
from billing.wire import FEATURES
from tickets.exceptions import QueueLimitReached
from tickets.models import Queue
from tickets.services import create_queue
from whaticket.exceptions import DomainError
from whaticket.testing.races import at_once
from whatsapp.exceptions import ConnectionLimitReached
from whatsapp.models import Connection
from whatsapp.services.connections import Wanted, create_connection


@pytest.fixture
def on_plan(cast):
    """`on_plan(queues=1)`: acme is on a plan that allows so much."""

    def subscribe(**fields):
        room = {"users": 99, "connections": 99, "queues": 99} | fields
        plan = Plan.objects.create(name="Narrow", **room)
        return Subscription.objects.create(company=cast.acme, plan=plan)

    return subscribe


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_there_unless_the_plan_lacks_it(cast, on_plan, feature):
    services.require_feature(cast.acme.pk, feature)
    subscription = on_plan()
    services.require_feature(cast.acme.pk, feature)
    Plan.objects.filter(pk=subscription.plan_id).update(**{FEATURES[feature]: False})
    with pytest.raises(FeatureNotInPlan) as refusal:
        services.require_feature(cast.acme.pk, feature)
    assert refusal.value.details == {"feature": feature}
    services.require_feature(cast.globex.pk, feature)


def test_a_feature_nobody_knows_is_a_mistake_of_the_code(cast):
    with pytest.raises(KeyError):
        services.has_feature(cast.acme.pk, "useTeleport")
    with pytest.raises(KeyError):
        plan_has("useTeleport")


def test_a_view_can_ask_for_a_feature(cast, on_plan):
    class Gated(APIView):
        permission_classes = [IsAuthenticated, plan_has("useInternalChat")]
        authentication_classes = []

        def get(self, request):
            return Response("in")

    request = APIRequestFactory().get("/gated")
    request.user = cast.ana
    answer = Gated.as_view()(request)
    assert answer.status_code in {401, 403}, "nobody is asked first who they are"
    Gated.permission_classes = [plan_has("useInternalChat")]
    assert Gated.as_view()(request).data == "in"
    on_plan(use_internal_chat=False)
    refused = Gated.as_view()(request)
    assert refused.status_code == 403
    assert refused.data == {"error": "ERR_FEATURE_NOT_IN_PLAN", "feature": "useInternalChat"}


@pytest.mark.parametrize(("method", "path", "field"), [("GET", "/ticket/kanban", "use_kanban")])
def test_a_route_of_a_feature_follows_the_plan(api, cast, on_plan, method, path, field):
    assert api(cast.ana).generic(method, path).status_code == 200
    on_plan(**{field: False})
    answer = api(cast.ana).generic(method, path)
    assert (answer.status_code, answer.json()["error"]) == (403, "ERR_FEATURE_NOT_IN_PLAN")


def test_a_plan_without_whatsapp_has_no_connections(api, cast, on_plan):
    on_plan(use_whatsapp=False)
    answer = api(cast.rui).post("/whatsapp", {"name": "Second", "driver": "sandbox"})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_PLAN_FORBIDS_CHANNEL")


@pytest.mark.parametrize(
    ("limit", "path", "body", "code"),
    [
        ("users", "/users", {"email": "n@n.example", "password": "secret", "name": "Nia"}, "USER"),
        ("queues", "/queue", {"name": "Third", "color": "#123123"}, "QUEUE"),
        ("connections", "/whatsapp", {"name": "Second", "driver": "sandbox"}, "CONNECTION"),
    ],
)
def test_a_full_plan_takes_nothing_more(api, cast, on_plan, limit, path, body, code):
    on_plan(**{limit: 1})
    answer = api(cast.rui).post(path, body)
    assert (answer.status_code, answer.json()["error"]) == (400, f"ERR_{code}_LIMIT_REACHED")


def refused(act):
    """Do something; tell which limit refused it."""
    try:
        act()
    except DomainError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("limit", "refusal", "make", "count"),
    [
        (
            "users",
            UserLimitReached,
            lambda company, n: create_user(
                company_id=company.pk, email=f"{n}@race.example", password=None, name="Racer"
            ),
            lambda company: User.objects.of_company(company.pk).count(),
        ),
        (
            "queues",
            QueueLimitReached,
            lambda company, n: create_queue(name=f"Queue {n}", color=f"#00000{n}", by=None),
            lambda company: Queue.objects.count(),
        ),
        (
            "connections",
            ConnectionLimitReached,
            lambda company, n: create_connection(
                Wanted(columns={"name": f"Number {n}"}, driver="sandbox"), by=None
            ),
            lambda company: Connection.objects.count(),
        ),
    ],
)
def test_two_at_once_cannot_both_be_the_last(scratch_company, limit, refusal, make, count):
    room = {"users": 9, "connections": 9, "queues": 9} | {limit: 2}
    plan = Plan.objects.create(name=f"Race {scratch_company.pk}", **room)
    Subscription.objects.create(company=scratch_company, plan=plan)
    results = at_once(lambda n: refused(lambda: make(scratch_company, n)), range(6))
    try:
        assert sorted(results, key=str) == [refusal] * 4 + [None] * 2
        assert count(scratch_company) == 2
    finally:
        User.objects.filter(company=scratch_company).delete()
        Subscription.objects.filter(company=scratch_company).delete()
        plan.delete()
