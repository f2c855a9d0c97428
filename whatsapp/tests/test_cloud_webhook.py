"""Meta's webhook: proven by its signature, stored, answered; never a 500, never into a stranger."""

import json

import pytest

from dispatch.models import Inbox
from messaging.models import InboundEvent, Message
from messaging.services import send
from whaticket.tenancy import in_company, in_schema
from whatsapp.drivers.cloud.signature import sign
from whatsapp.exceptions import DriverSettingsInvalid
from whatsapp.models import Connection
from whatsapp.services.cloud import webhook_path
from whatsapp.services.connections import (
    Wanted,
    create_connection,
    delete_connection,
    update_connection,
)
from whatsapp.services.inbound import project_events

SECRET = "app secret"
PHONE_ID = "106540352242922"


def wanted(name="Cloud", phone_id=PHONE_ID, secret=SECRET):
    return Wanted(
        columns={"name": name},
        driver="cloud",
        driver_settings={"phone_number_id": phone_id, "waba_id": "102290129340398"},
        credentials={"access_token": "EAAtoken", "app_secret": secret, "verify_token": "hand"},
    )


@pytest.fixture
def cloud(cast):
    return create_connection(wanted(), by=cast.rui)


@pytest.fixture
def call(api):
    def post(path, data, secret=SECRET, signature=None, **extra):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        headers = {"HTTP_X_HUB_SIGNATURE_256": signature or sign(body, secret)} | extra
        return api().generic("POST", path, body, content_type="application/json", **headers)

    return post


def path_of(connection):
    return f"/webhooks/cloud/{connection.driver_settings['webhook_key']}"


def incoming(wire_id="wamid.1", text="olá", phone_id=PHONE_ID, sender="5511988887777"):
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": phone_id},
        "contacts": [{"profile": {"name": "Carla"}, "wa_id": sender}],
        "messages": [
            {
                "from": sender, "id": wire_id, "timestamp": "1763900000",
                "type": "text", "text": {"body": text},
            }
        ],
    }  # fmt: skip
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}],
    }


def receipt(status, opaque, wire_id="wamid.out"):
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": PHONE_ID},
        "statuses": [
            {
                "id": wire_id, "status": status, "timestamp": "1763900003",
                "recipient_id": "5511988887777", "biz_opaque_callback_data": opaque,
            }
        ],
    }  # fmt: skip
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}],
    }


def test_a_message_is_stored_answered_and_understood_once(cloud, call):
    for _ in range(2):
        assert call(path_of(cloud), incoming()).status_code == 200
    assert InboundEvent.objects.filter(connection=cloud, kind="message").count() == 1

    while project_events(cloud.pk):
        pass
    message = Message.objects.get(connection=cloud)
    assert (message.body, message.wire_id, message.contact.name) == ("olá", "wamid.1", "Carla")


def test_nothing_is_stored_without_the_right_signature(cloud, call, api):
    for signature in ("sha256=00", "nonsense", "sha256=é"):
        assert call(path_of(cloud), incoming(), signature=signature).status_code == 401
    assert call(path_of(cloud), incoming(), secret="another").status_code == 401
    bare = api().post(path_of(cloud), incoming(), format="json")
    assert bare.status_code == 401
    assert not InboundEvent.objects.exists()


def test_a_connection_without_an_app_secret_takes_nothing(cast, call):
    connection = create_connection(wanted(secret=""), by=cast.rui)

    assert call(path_of(connection), incoming(), secret="").status_code == 401


def test_an_address_nobody_has_is_unknown(cloud, call, api):
    assert call("/webhooks/cloud/nobodys", incoming()).status_code == 404
    assert api().get("/webhooks/cloud/nobodys").status_code == 404
    assert api().put(path_of(cloud)).status_code == 405


def test_the_handshake_is_answered_with_the_challenge_as_text(cloud, api):
    query = {"hub.mode": "subscribe", "hub.challenge": "<1158201444>"}
    good = api().get(path_of(cloud), query | {"hub.verify_token": "hand"})
    bad = api().get(path_of(cloud), query | {"hub.verify_token": "foot"})

    assert (good.status_code, good.content) == (200, b"<1158201444>")
    assert good.headers["Content-Type"].startswith("text/plain")
    assert (bad.status_code, bad.json()) == (403, {"error": "ERR_NO_PERMISSION"})


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"null", b"17", b'"text"', b'{"entry":[null,1,{"changes":[[]]}]}',
        b'{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":[]}]}}]}]}',
        b'{"a":"\\u0000\\ud800","n":NaN,"i":123456789012345678901234567890}',
        b"[" * 300 + b"]" * 300,
        json.dumps(incoming(text="x" * 2_900_000)).encode(),
    ],
)  # fmt: skip
def test_any_json_is_taken(cloud, call, body):
    assert call(path_of(cloud), body).status_code == 200
    while project_events(cloud.pk):
        pass
    assert not Inbox.objects.filter(connection_id=cloud.pk).exists()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_what_is_no_json_is_refused(cloud, call, body):
    assert call(path_of(cloud), body).status_code == 400


def test_a_body_over_the_limit_is_refused(cloud, call):
    assert call(path_of(cloud), b" " * (5 * 1024 * 1024 + 1)).status_code == 413


def test_a_webhook_reaches_no_other_company(cloud, cast, call):
    with in_company(cast.globex.pk):
        theirs = create_connection(wanted("Theirs", "999999999999999", "theirs"), by=cast.eva)

    assert call(path_of(cloud), incoming(phone_id="999999999999999")).status_code == 200
    with in_company(cast.globex.pk):
        assert not InboundEvent.objects.exists()
        assert call(path_of(theirs), incoming(), secret="theirs").status_code == 200
    assert not InboundEvent.objects.exists()


def test_a_shared_app_tells_numbers_apart_once_they_are_proven(cloud, cast, call, settings):
    settings.FACEBOOK_APP_SECRET = "shared"
    with in_schema("public"):
        assert call("/webhooks/cloud", incoming(), secret="shared").status_code == 200
    assert not InboundEvent.objects.exists()

    Connection.objects.filter(pk=cloud.pk).update(number="15550001111")
    with in_schema("public"):
        assert call("/webhooks/cloud", incoming(), secret="shared").status_code == 200
        assert call("/webhooks/cloud", incoming(phone_id="1"), secret="shared").status_code == 200
    assert InboundEvent.objects.get().connection_id == cloud.pk


def test_a_shared_app_without_a_secret_refuses_everything(cloud, call, settings):
    settings.FACEBOOK_APP_SECRET = ""
    assert call("/webhooks/cloud", incoming(), secret="").status_code == 401


def test_another_company_cannot_take_a_number(cloud, cast, api):
    body = {
        "name": "Mine", "driver": "cloud", "driverSettings": {"phoneNumberId": PHONE_ID},
        "credentials": {"accessToken": "x"},
    }  # fmt: skip
    answer = api(cast.eva).post("/whatsapp", body)

    assert answer.status_code == 400
    assert answer.json() == {"error": "ERR_WAPP_NUMBER_ALREADY_EXISTS"}
    with in_company(cast.globex.pk):
        assert not Connection.objects.filter(name="Mine").exists()


def test_an_empty_secret_keeps_the_stored_one_and_none_is_shown(cloud, cast, api):
    before = dict(cloud.credentials)
    body = {"name": "Cloud", "credentials": {"appSecret": "", "accessToken": None}}
    answer = api(cast.rui).put(f"/whatsapp/{cloud.pk}", body)

    assert answer.status_code == 200
    cloud.refresh_from_db()
    assert cloud.credentials == before
    assert not any(secret in answer.content.decode() for secret in before.values())


def test_a_changed_number_has_to_prove_itself_anew(cloud, cast, call):
    Connection.objects.filter(pk=cloud.pk).update(number="15550001111")
    change = Wanted(driver_settings={"phone_number_id": "77777777777"})
    changed = update_connection(cloud, change, by=cast.rui)

    assert changed.number == ""
    assert call(path_of(cloud), incoming(phone_id="77777777777")).status_code == 200
    assert InboundEvent.objects.count() == 1
    call(path_of(cloud), incoming("wamid.2"))
    assert InboundEvent.objects.count() == 1


def test_a_deleted_connection_takes_nothing_more_and_leaves_its_tickets(cloud, cast, call):
    call(path_of(cloud), incoming())
    while project_events(cloud.pk):
        pass
    call(path_of(cloud), incoming("wamid.2"))
    delete_connection(cloud, by=cast.rui)

    assert call(path_of(cloud), incoming("wamid.3")).status_code == 404
    assert not Inbox.objects.filter(connection_id=cloud.pk).exists()
    message = Message.objects.get(wire_id="wamid.1")
    assert (message.connection_id, message.ticket.connection_id) == (None, None)


def test_a_lost_answer_is_resolved_by_the_status_and_a_reaction_resolves_nothing(cloud, cast, call):
    call(path_of(cloud), incoming())
    while project_events(cloud.pk):
        pass
    ticket = Message.objects.get(connection=cloud).ticket
    message = send.send_message(ticket, send.Draft(body="hello"), by=cast.rui)
    Message.objects.filter(pk=message.pk).update(status=Message.Status.UNKNOWN)

    call(path_of(cloud), receipt("delivered", f"reaction:{message.pk}", "wamid.react"))
    while project_events(cloud.pk):
        pass
    message.refresh_from_db()
    assert message.status == Message.Status.UNKNOWN

    call(path_of(cloud), receipt("delivered", str(message.pk)))
    call(path_of(cloud), receipt("sent", str(message.pk)))
    while project_events(cloud.pk):
        pass
    message.refresh_from_db()
    assert (message.status, message.wire_id) == (Message.Status.DELIVERED, "wamid.out")


@pytest.mark.parametrize(
    ("chosen", "credentials", "field"),
    [
        ({"phone_number_id": "abc"}, {}, "phoneNumberId"),
        ({"waba_id": "abc"}, {}, "wabaId"),
        ({"version": "latest"}, {}, "version"),
        ({}, {"access_token": ""}, "accessToken"),
        ({}, {"access_token": "tökén"}, "accessToken"),
    ],
)
def test_a_number_that_cannot_be_opened_is_refused_by_its_field(cast, chosen, credentials, field):
    wish = wanted()
    wish.driver_settings.update(chosen)
    wish.credentials.update(credentials)
    with pytest.raises(DriverSettingsInvalid) as refusal:
        create_connection(wish, by=cast.rui)
    assert list(refusal.value.details["details"]) == [field]
    assert not Connection.objects.filter(driver="cloud").exists()


def test_only_a_cloud_number_has_an_address_for_webhooks(cloud, cast):
    assert webhook_path(cloud) == path_of(cloud)
    assert webhook_path(cast.number) == ""


def test_an_address_whose_number_became_another_kind_is_unknown(cloud, call):
    path = path_of(cloud)
    Connection.objects.filter(pk=cloud.pk).update(driver="sandbox")
    assert call(path, incoming()).status_code == 404
    assert not InboundEvent.objects.exists()


def test_news_of_an_account_told_to_the_shared_app_are_nobodys(cloud, call, settings):
    settings.FACEBOOK_APP_SECRET = SECRET
    news = {"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [news]}],
    }
    assert call("/webhooks/cloud", body).status_code == 200
    assert not InboundEvent.objects.exists()
