"""Whatever a client writes to the routes of what a team keeps, it gets an answer and no failure."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from messaging.models import FileList, FileListItem, QuickMessage, TeamChat, TeamChatMember, Todo

FIELDS = [
    "shortcode", "message", "isMedia", "geral", "visao", "name", "options", "id", "path",
    "mediaType", "files", "file", "title", "users", "userId", "text", "done", "position", "dueAt",
    "searchParam", "pageNumber",
]  # fmt: skip
ROUTES = [
    ("post", "/quick-messages"),
    ("put", "/quick-messages/{quick}"),
    ("post", "/quick-messages/{quick}/media-upload"),
    ("post", "/files"),
    ("put", "/files/{files}"),
    ("post", "/files/uploadList/{files}"),
    ("post", "/chats"),
    ("put", "/chats/{chat}"),
    ("post", "/chats/{chat}/messages"),
    ("post", "/chats/{chat}/read"),
    ("post", "/todos"),
    ("put", "/todos/{todo}"),
]
LISTS = ["/quick-messages", "/quick-messages/list", "/files", "/files/list", "/chats", "/todos"]
LEAVES = strategies.none() | strategies.booleans() | strategies.integers() | strategies.text()
BODIES = strategies.recursive(
    LEAVES,
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=8,
)


@pytest.fixture
def kept(cast):
    """One of everything, which Rui may change."""
    files = FileList.objects.create(name="Prices")
    FileListItem.objects.create(file_list=files, name="Table")
    chat = TeamChat.objects.create(title="Lunch", owner=cast.rui)
    TeamChatMember.objects.create(chat=chat, user=cast.rui)
    return {
        "quick": QuickMessage.objects.create(owner=cast.rui, shortcode="hi", text="hello").pk,
        "files": files.pk,
        "chat": chat.pk,
        "todo": Todo.objects.create(owner=cast.rui, text="call").pk,
    }


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(body=BODIES, route=strategies.sampled_from(ROUTES))
def test_no_body_is_too_much(api, cast, kept, body, route):
    method, path = route
    answer = getattr(api(cast.rui), method)(path.format(**kept), body, format="json")
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.json()["error"]


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    path=strategies.sampled_from(LISTS),
    name=strategies.sampled_from(["searchParam", "pageNumber", "userId", "companyId"]),
    value=strategies.text(max_size=30),
)
def test_no_question_is_too_much(api, cast, kept, path, name, value):
    answer = api(cast.rui).get(path, {name: value.encode("utf-8", "surrogatepass")})
    assert answer.status_code < 500
