"""Strangers find no message, and nonsense is refused."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from messaging.models import Message

FIELDS = [
    "body",
    "quotedMsg",
    "vCard",
    "isPrivate",
    "id",
    "name",
    "number",
    "emoji",
    "messageId",
    "messageIds",
    "contactId",
]
ROUTES = [
    ("get", "/messages/{ticket}"),
    ("get", "/messages/{uuid}"),
    ("post", "/messages/{ticket}"),
    ("delete", "/messages/{message}"),
    ("post", "/messages/edit/{message}"),
    ("post", "/messages/{message}/reaction"),
    ("post", "/messages/{message}/resend"),
    ("post", "/message/forward"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("who", "status"), [("bia", 404), ("eva", 404), (None, 401)])
def test_strangers_find_nothing(api, cast, mine, inbound, method, path, who, status):
    address = path.format(ticket=mine.pk, uuid=mine.uuid, message=inbound.pk)
    body = {
        "body": "x",
        "emoji": "👍",
        "messageId": inbound.pk,
        "contactId": mine.contact_id,
    }
    client = api(getattr(cast, who) if who else None)
    answer = getattr(client, method)(address, body if method == "post" else None)
    assert answer.status_code == status
    assert "error" in answer.json()
    assert Message.objects.count() == 1


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    body=strategies.recursive(
        strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
        lambda inner: (
            strategies.lists(inner, max_size=3)
            | strategies.dictionaries(
                strategies.sampled_from(
                    [
                        "body",
                        "quotedMsg",
                        "vCard",
                        "isPrivate",
                        "id",
                        "name",
                        "number",
                        "emoji",
                        "messageId",
                        "messageIds",
                        "contactId",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    ),
    route=strategies.sampled_from([path for method, path in ROUTES if method == "post"]),
)
def test_no_body_is_a_crash(api, cast, mine, inbound, body, route):
    address = route.format(ticket=mine.pk, message=inbound.pk)
    answer = api(cast.ana).post(address, body, format="json")
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "query",
    [
        "pageNumber=0",
        "pageNumber=x",
        "pageNumber=99999999999999999999",
        "before=-1",
        "selectedQueues=x",
        "selectedQueues={}",
        "selectedQueues=[true]",
        "before=%00",
    ],
)
def test_nonsense_in_the_query_is_refused(api, cast, mine, query):
    answer = api(cast.ana).get(f"/messages/{mine.pk}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
