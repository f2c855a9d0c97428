"""The pages of quick messages: who sees what, who changes what, and what a ticket makes of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.tests.pages import FRAGMENT
from messaging.media import store_upload
from messaging.models import Message, QuickMessage
from messaging.services.quick_messages import set_quick_media
from messaging.tests.talk import picture
from tickets.services import accept_ticket
from whaticket.tenancy import in_company


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    """Keep files of tests out of the common folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def kept(cast):
    """Ana's own, Ana's for all to see, Ana's for all to change; and one of another company."""

    def keep(owner, shortcode, **fields):
        return QuickMessage.objects.create(
            owner=owner, shortcode=shortcode, text=f"{shortcode} for {{{{name}}}}", **fields
        )

    rows = {
        "own": keep(cast.ana, "own", is_shared=False),
        "shown": keep(cast.ana, "shown"),
        "common": keep(cast.ana, "common", is_editable_by_all=True),
    }
    with in_company(cast.globex.pk):
        keep(cast.eva, "foreign")
    return rows


def form(**fields):
    return {"shortcode": "/pix ", "text": "Our key", "audience": "shown", **fields}


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/app/quick-messages/", {"ana": 200, "bia": 200, "eva": 200}),
        ("get", "/app/quick-messages/rows/", {"ana": 200, "bia": 200, "eva": 200}),
        ("get", "/app/quick-messages/add/", {"ana": 200, "bia": 200}),
        ("get", "/app/quick-messages/{own}/edit/", {"ana": 200, "bia": 404, "rui": 404}),
        ("get", "/app/quick-messages/{shown}/edit/", {"ana": 200, "bia": 403, "eva": 404}),
        ("post", "/app/quick-messages/{shown}/edit/", {"bia": 403, "rui": 403, "eva": 404}),
        ("get", "/app/quick-messages/{shown}/delete/", {"ana": 200, "eva": 404}),
        ("post", "/app/quick-messages/{shown}/delete/", {"bia": 403, "eva": 404, "ana": 200}),
        ("get", "/app/quick-messages/offers/?ticket={t}", {"ana": 200, "bia": 404, "eva": 404}),
        ("get", "/app/quick-messages/offers/?ticket=x", {"ana": 404}),
    ],
)
def test_only_those_who_may_get_an_answer(browser, cast, ticket, kept, method, path, statuses):
    address = path.format(t=ticket.pk, **{name: row.pk for name, row in kept.items()})
    for name, status in statuses.items():
        client = browser(getattr(cast, name))
        answer = getattr(client, method)(address, form() if method == "post" else {}, **FRAGMENT)
        assert answer.status_code == status, name
    assert getattr(browser(), method)(address, **FRAGMENT).status_code == 401


def test_the_page_shows_what_one_sees_and_offers_only_what_one_may_change(browser, cast, kept):
    html = browser(cast.bia).get("/app/quick-messages/").content.decode()
    assert [name for name in ("shown", "common", "own", "foreign") if f">/{name}<" in html] == [
        "shown",
        "common",
    ]
    assert f"/app/quick-messages/{kept['common'].pk}/edit/" in html
    assert f"/app/quick-messages/{kept['shown'].pk}/edit/" not in html
    found = browser(cast.bia).get("/app/quick-messages/rows/?q=SHÓWN for").content.decode()
    assert (">/shown<" in found, ">/common<" in found) == (True, False)


def test_offers_speak_to_the_customer_and_cost_the_same_for_forty(browser, cast, ticket, kept):
    client = browser(cast.ana)
    path = f"/app/quick-messages/offers/?ticket={ticket.pk}"
    offers = client.get(path, **FRAGMENT).json()["offers"]
    assert [(offer["name"], offer["text"]) for offer in offers] == [
        ("common", "common for Carla Customer"),
        ("own", "own for Carla Customer"),
        ("shown", "shown for Carla Customer"),
    ]
    QuickMessage.objects.all().update(text="{{name_company}} {{userName}} {{queue}}")
    with CaptureQueriesContext(connection) as few:
        client.get(path, **FRAGMENT)
    QuickMessage.objects.bulk_create(
        [
            QuickMessage(owner=cast.ana, shortcode=f"x{n}", text="{{name_company}} {{ms}}")
            for n in range(40)
        ]
    )
    with CaptureQueriesContext(connection) as many:
        offers = client.get(path, **FRAGMENT).json()["offers"]
    assert (len(offers), len(many)) == (43, len(few))
    assert offers[0]["text"] == "Acme Ana Sales"


def test_a_form_keeps_a_quick_message_with_its_file_or_nothing(browser, cast, settings):
    client = browser(cast.ana)
    pk = client.post("/app/quick-messages/add/", form(text="", file=picture()), **FRAGMENT).json()[
        "id"
    ]
    row = QuickMessage.objects.get(pk=pk)
    assert (row.shortcode, row.text, row.media_name) == ("pix", "", "photo.png")
    assert (row.is_shared, row.is_editable_by_all, row.owner_id) == (True, False, cast.ana.pk)
    path = f"/app/quick-messages/{pk}/edit/"
    refused = client.post(path, form(text="", drop_file="1"), **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_QUICKMESSAGE_INVALID_NAME")
    row.refresh_from_db()
    assert row.media_path
    assert client.post(path, form(drop_file="1", audience="own"), **FRAGMENT).status_code == 200
    row.refresh_from_db()
    assert (row.media_path, row.is_shared, row.text) == ("", False, "Our key")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"shortcode": " / "}, "ERR_QUICKMESSAGE_INVALID_NAME"),
        ({"text": "ab"}, "ERR_QUICKMESSAGE_INVALID_NAME"),
        ({"audience": "everybody"}, "ERR_VALIDATION"),
        ({"shortcode": "x" * 256}, "ERR_VALIDATION"),
        ({"text": "x" * 65_537}, "ERR_VALIDATION"),
        ({"shortcode": "/", "file": "photo.png"}, "ERR_QUICKMESSAGE_INVALID_NAME"),
        ({"file": "setup.exe"}, "ERR_MEDIA_TYPE"),
    ],
)
def test_what_cannot_be_kept_is_said_in_words_and_leaves_no_file(
    browser, cast, settings, fields, code
):
    if "file" in fields:
        fields = {**fields, "file": picture(fields["file"])}
    answer = browser(cast.ana).post("/app/quick-messages/add/", form(**fields), **FRAGMENT)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer.json()["message"]
    assert not QuickMessage.objects.exists()
    assert files_of(settings) == []


def test_the_file_of_a_quick_message_is_sent_as_a_copy_and_only_once(
    browser, cast, ticket, kept, settings
):
    ticket = accept_ticket(ticket, by=cast.ana)
    stored = store_upload(picture(), name="menu.png")
    set_quick_media(kept["own"].pk, stored, by=cast.ana)
    path, own = f"/app/t/{ticket.pk}/send/", kept["own"].pk
    client = browser(cast.ana)
    sent = [
        client.post(path, {"body": "look", "quick": own, "key": "k"}, **FRAGMENT).json()["id"]
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    message = Message.objects.get(pk=sent[0])
    assert (message.kind, message.body, message.media_name) == ("image", "look", "menu.png")
    assert message.media_path != stored.path
    # The quick message's picture, the message's, and a thumbnail of each.
    assert len(files_of(settings)) == 4


def test_nobody_sends_the_file_of_what_is_somebody_elses(browser, cast, ticket, kept):
    set_quick_media(kept["own"].pk, store_upload(picture(), name="a.png"), by=cast.ana)
    ticket = accept_ticket(ticket, by=cast.rui)
    answer = browser(cast.rui).post(
        f"/app/t/{ticket.pk}/send/", {"body": "x", "quick": kept["own"].pk}, **FRAGMENT
    )
    assert answer.status_code == 404
    assert not Message.objects.exists()
