"""Programs send messages: rest.md §8, behaviour 34 and 146-147."""

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from contacts.models import Contact
from dispatch.models import Outbox
from messaging.models import Message
from tickets.models import Ticket
from tickets.services import accept_ticket
from whaticket.testing.races import at_once
from whatsapp.drivers.base import Accepted, ErrorClass, Rejected, send_error
from whatsapp.drivers.registry import capabilities_of
from whatsapp.models import ApiUsage, DirectMessage
from whatsapp.services import outbound, upkeep
from whatsapp.services.external import direct, send
from whatsapp.services.numbers import CheckedNumber
from whatsapp.tests.external import NUMBER, claimed, key_of, lease_of, program, sent, waiting

SEND = "/api/messages/send"
BODY = {"number": NUMBER, "body": "Your order is on its way"}
SANDBOX = capabilities_of("sandbox")


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def http(cast, api):
    return program(api, key_of(cast))


def picture(name="photo.png"):
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(out, "PNG")
    out.seek(0)
    out.name = name
    return out


def nothing_happened():
    return not (
        Message.objects.filter(from_me=True).exists()
        or DirectMessage.objects.exists()
        or Outbox.objects.exists()
        or ApiUsage.objects.exists()
    )


def test_a_text_makes_contact_ticket_message_and_work(cast, http):
    answer = http.post(SEND, BODY)
    assert (answer.status_code, answer.json()) == (200, {"status": "SUCCESS"})
    (message,) = sent()
    assert (message.body, message.author_id) == (BODY["body"], None)
    assert message.contact.address == NUMBER
    assert (message.ticket.status, message.ticket.connection_id) == ("pending", cast.number.pk)
    assert [row.message_id for row in waiting()] == [message.pk]


def test_the_second_message_goes_into_the_same_ticket(http):
    http.post(SEND, BODY)
    http.post(SEND, BODY | {"number": "+55 (11) 97777-6666"})
    first, second = sent()
    assert first.ticket_id == second.ticket_id
    assert Contact.objects.count() == 1


def test_files_go_with_their_captions_and_are_counted_by_kind(http):
    pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    pdf.name = "bill.pdf"
    body = {"number": NUMBER, "body": ["first", "second"], "medias": [picture(), pdf]}
    answer = http.post(SEND, body, format="multipart")
    assert answer.status_code == 200, answer.content
    assert [(m.kind, m.body) for m in sent()] == [("image", "first"), ("document", "second")]
    usage = ApiUsage.objects.get()
    assert (usage.images, usage.pdfs, usage.texts, usage.total) == (1, 1, 0, 2)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"number": "12"}, 400, "ERR_INVALID_NUMBER"),
        ({"number": "abc"}, 400, "ERR_INVALID_NUMBER"),
        ({"number": None}, 400, "ERR_VALIDATION"),
        ({"number": {}}, 400, "ERR_VALIDATION"),
        ({"body": ""}, 400, "ERR_MESSAGE_EMPTY"),
        ({"body": "a\x00"}, 400, "ERR_VALIDATION"),
        ({"body": "x" * 65_537}, 400, "ERR_VALIDATION"),
        ({"msdelay": -1}, 400, "ERR_VALIDATION"),
        ({"msdelay": 10**9}, 400, "ERR_VALIDATION"),
        ({"userId": "x"}, 400, "ERR_VALIDATION"),
        ({"userId": 10**15}, 404, "ERR_NO_USER_FOUND"),
        ({"queueId": 10**15}, 400, "ERR_QUEUE_NOT_FOUND"),
        ({"whatsappId": 10**15}, 404, "ERR_NO_WAPP_FOUND"),
        ({"quotedMsg": {"id": 10**15}}, 404, "ERR_NO_MESSAGE_FOUND"),
        ({"quotedMsg": "{"}, 400, "ERR_VALIDATION"),
        ({"noRegister": True, "quotedMsg": 10**15}, 404, "ERR_NO_MESSAGE_FOUND"),
        ({"sendSignature": "perhaps"}, 400, "ERR_VALIDATION"),
    ],
)
def test_a_bad_order_is_refused_and_changes_nothing(cast, http, change, status, code):
    answer = http.post(SEND, BODY | change)
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.content
    assert nothing_happened()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 7, None])
def test_a_body_that_is_no_object_is_refused(http, body):
    answer = http.post(SEND, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_a_hostile_file_is_refused_and_no_file_is_left(http, settings):
    bad = io.BytesIO(b"MZ" + b"\x00" * 200)
    bad.name = "x.exe"
    body = {"number": NUMBER, "medias": [picture(), bad]}
    answer = http.post(SEND, body, format="multipart")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TYPE")
    assert nothing_happened()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_no_file_is_left_of_an_order_that_is_refused_later(http, settings):
    body = {"number": NUMBER, "medias": [picture()], "queueId": 10**15}
    assert http.post(SEND, body, format="multipart").status_code == 400
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


# --------------------------------------------------------------------- whose ticket it becomes


def test_a_user_gets_the_ticket_open_in_the_queue(cast, http):
    body = BODY | {"userId": cast.ana.pk, "queueId": cast.sales.pk, "sendSignature": True}
    assert http.post(SEND, body).status_code == 200
    (message,) = sent()
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.agent_id, ticket.queue_id) == ("open", cast.ana.pk, cast.sales.pk)
    assert message.body == f"*Ana:*\n{BODY['body']}"
    # Again: it is hers by now, so nothing is in the way.
    assert http.post(SEND, body).status_code == 200


def test_a_queue_alone_leaves_the_ticket_waiting(cast, http):
    assert http.post(SEND, BODY | {"queueId": str(cast.sales.pk)}).status_code == 200
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.agent_id, ticket.queue_id) == ("pending", None, cast.sales.pk)


def test_a_person_outside_of_the_queue_cannot_be_given_the_ticket(cast, http):
    answer = http.post(SEND, BODY | {"userId": cast.ana.pk, "queueId": cast.support.pk})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_AGENT_NOT_IN_QUEUE")
    assert nothing_happened()


def test_another_service_is_named_and_not_interrupted(cast, http, ticket):
    accept_ticket(ticket, by=cast.ana)
    for wish in ({"userId": cast.bia.pk}, {"queueId": cast.support.pk}):
        answer = http.post(SEND, BODY | {"number": ticket.contact.address} | wish)
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "ERR_TICKET_IN_ANOTHER_SERVICE",
            "agent": "Ana",
            "queue": "Sales",
        }
    assert nothing_happened()


def test_nobody_named_means_the_ticket_stays_where_it_is(cast, http, ticket):
    accept_ticket(ticket, by=cast.ana)
    assert http.post(SEND, BODY | {"number": ticket.contact.address}).status_code == 200
    ticket.refresh_from_db()
    assert (ticket.status, ticket.agent_id) == ("open", cast.ana.pk)


def test_a_ticket_is_closed_without_farewell_when_wanted(cast, http, heard):
    from tickets.events import TicketClosed

    assert http.post(SEND, BODY | {"closeTicket": True, "userId": cast.ana.pk}).status_code == 200
    assert Ticket.objects.get().status == "closed"
    (event,) = heard(TicketClosed)
    assert event["says_farewell"] is False
    assert len(waiting()) == 1


def test_a_queue_that_closes_what_enters_it_closes_it_after_the_message(cast, http):
    cast.sales.closes_tickets = True
    cast.sales.save()
    assert http.post(SEND, BODY | {"queueId": cast.sales.pk}).status_code == 200
    assert (Ticket.objects.get().status, len(sent())) == ("closed", 1)


def test_a_delay_holds_the_message_back(http):
    before = timezone.now()
    assert http.post(SEND, BODY | {"msdelay": "60000"}).status_code == 200
    (row,) = waiting()
    assert row.not_before >= before + timedelta(seconds=59)
    assert http.post(SEND, BODY | {"msdelay": ""}).status_code == 200


def test_only_words_of_the_same_chat_can_be_quoted(cast, http, ticket):
    foreign = Message.objects.create(
        ticket=ticket, contact=ticket.contact, connection=cast.number, body="secret", wire_id="W1"
    )
    assert http.post(SEND, BODY | {"quotedMsg": {"id": foreign.pk}}).status_code == 404
    assert nothing_happened()
    own = BODY | {"number": ticket.contact.address, "quotedMsg": json.dumps({"id": foreign.pk})}
    assert http.post(SEND, own).status_code == 200
    assert sent()[0].quoted_id == foreign.pk


def test_a_number_the_network_does_not_know_is_refused(http, monkeypatch):
    # The network's answer; what asks it has tests of its own.
    monkeypatch.setattr(send, "check_number", lambda asked, on: CheckedNumber(asked, asked, False))
    answer = http.post(SEND, BODY)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_CHECK_NUMBER")
    assert nothing_happened()


def test_a_number_in_the_networks_own_spelling_finds_the_known_contact(http, ticket, monkeypatch):
    short = CheckedNumber("5511988887777", "551188887777", True)
    monkeypatch.setattr(send, "check_number", lambda asked, on: short)
    assert http.post(SEND, BODY | {"number": "5511988887777"}).status_code == 200
    assert sent()[0].ticket_id == ticket.pk


# ------------------------------------------------------------------------ without registering


def test_without_registering_there_is_neither_contact_nor_ticket(cast, http):
    answer = http.post(SEND, BODY | {"noRegister": "true"})
    assert answer.json() == {"status": "SUCCESS"}
    assert not Contact.objects.exists()
    assert not Ticket.objects.exists()
    message = DirectMessage.objects.get()
    lease = lease_of(cast)
    ((work,), outgoing) = claimed(lease)
    told = outgoing[work.id]
    assert (told.content.text, told.to[0].value) == (BODY["body"], NUMBER)
    assert told.client_message_id == message.wire_id
    assert not told.outbox_id.isdigit()
    message.refresh_from_db()
    assert message.status == "sending"
    outbound.record_result(
        lease, work, Accepted(wire_id="W9", at=timezone.now()), "sandbox", SANDBOX
    )
    message.refresh_from_db()
    assert (message.status, message.wire_id, waiting("direct")) == ("accepted", "W9", [])


def test_what_goes_to_one_person_keeps_its_order_with_and_without_a_ticket(cast, http):
    http.post(SEND, BODY)
    http.post(SEND, BODY | {"noRegister": True})
    work, _ = claimed(lease_of(cast))
    assert [item.kind for item in work] == ["send"]


def test_a_direct_file_is_sent_and_forgotten_in_time(cast, http, settings):
    body = {"number": NUMBER, "body": "look", "noRegister": "true", "medias": [picture()]}
    assert http.post(SEND, body, format="multipart").status_code == 200
    ((work,), outgoing) = claimed(lease := lease_of(cast))
    assert outgoing[work.id].upload.path.exists()
    old = timezone.now() - timedelta(days=direct.KEPT_DAYS + 1)
    DirectMessage.objects.update(created_at=old)
    assert direct.prune_direct() == 0, "it is not sent yet"
    outbound.record_result(lease, work, Accepted(wire_id="", at=timezone.now()), "sandbox", SANDBOX)
    assert direct.prune_direct() == 1
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_direct_message_the_network_refuses_has_failed(cast, http):
    http.post(SEND, BODY | {"noRegister": True})
    ((work,), _) = claimed(lease := lease_of(cast))
    error = send_error(ErrorClass.RECIPIENT, "131026", "Undeliverable", permanent=True)
    outbound.record_result(lease, work, Rejected(error=error), "sandbox", SANDBOX)
    row = DirectMessage.objects.get()
    assert (row.status, row.failure_code) == ("failed", "131026")


def test_a_direct_message_half_sent_by_a_dead_worker_is_sent_under_its_id_or_unknown(cast, http):
    http.post(SEND, BODY | {"noRegister": True})
    claimed(lease := lease_of(cast))
    outbound.recover_claims(lease, SANDBOX)
    assert [row.state for row in waiting("direct")] == ["queued"]
    claimed(lease)
    outbound.recover_claims(lease, capabilities_of("cloud"))
    assert (DirectMessage.objects.get().status, waiting("direct")) == ("unknown", [])


def test_a_direct_message_held_after_a_restore_can_be_given_up(cast, http):
    http.post(SEND, BODY | {"noRegister": True})
    Outbox.objects.update(state=Outbox.State.HELD)
    assert upkeep.discard_held(cast.acme.pk)[0] == 1
    assert DirectMessage.objects.get().status == "failed"


def test_a_direct_message_is_signed_and_quotes_only_its_own_chat(cast, http, ticket):
    quoted = Message.objects.create(
        ticket=ticket,
        contact=ticket.contact,
        connection=cast.number,
        chat="phone:5511988887777",
        body="hi",
        wire_id="W1",
    )
    body = BODY | {"noRegister": True, "sendSignature": True, "userId": cast.ana.pk}
    assert http.post(SEND, body | {"quotedMsg": quoted.pk}).status_code == 404
    assert http.post(SEND, body).status_code == 200
    assert DirectMessage.objects.get().body.startswith("*Ana:*\n")


# ------------------------------------------------------------------------------ idempotency


def test_the_same_key_sends_once_and_answers_the_same(http, settings):
    keyed = {"HTTP_IDEMPOTENCY_KEY": "order-7"}
    answers = [http.post(SEND, BODY, **keyed) for _ in range(3)]
    assert {(a.status_code, a.content) for a in answers} == {(200, b'{"status":"SUCCESS"}')}
    assert (len(sent()), ApiUsage.objects.get().total) == (1, 1)
    files = {"number": NUMBER, "body": "x"}
    for _ in range(2):
        body = files | {"medias": [picture()]}
        answer = http.post(SEND, body, format="multipart", HTTP_IDEMPOTENCY_KEY="order-8")
        assert answer.status_code == 200, answer.content
    assert len(sent()) == 2
    stored = [p for p in settings.MEDIA_ROOT.rglob("*") if p.is_file()]
    assert len(stored) == 2, "the picture and its thumbnail, once"


def test_a_key_means_one_body_and_one_route(http):
    keyed = {"HTTP_IDEMPOTENCY_KEY": "order-7"}
    http.post(SEND, BODY, **keyed)
    answer = http.post(SEND, BODY | {"body": "something else"}, **keyed)
    assert (answer.status_code, answer.json()["error"]) == (422, "ERR_IDEMPOTENCY_KEY_REUSED")
    assert len(sent()) == 1


def test_a_refused_call_may_come_again_under_its_key(cast, http, monkeypatch):
    keyed = {"HTTP_IDEMPOTENCY_KEY": "order-7"}
    assert http.post(SEND, BODY | {"queueId": 10**15}, **keyed).status_code == 400
    assert http.post(SEND, BODY, **keyed).status_code == 200


def test_a_key_is_forgotten_after_a_day(http):
    from whatsapp.models import ApiRequest
    from whatsapp.services.external.once import prune_requests

    keyed = {"HTTP_IDEMPOTENCY_KEY": "order-7"}
    http.post(SEND, BODY, **keyed)
    assert prune_requests() == 0
    ApiRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert http.post(SEND, BODY | {"body": "new day"}, **keyed).status_code == 200
    ApiRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert prune_requests() == 1


@pytest.mark.parametrize("key", ["x" * 256, "é"])
def test_a_key_that_is_none_is_refused(http, key):
    answer = http.post(SEND, BODY, HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert nothing_happened()


def test_keys_of_two_tokens_do_not_meet(cast, api):
    for name in ("one", "two"):
        http = program(api, key_of(cast, name=name))
        assert http.post(SEND, BODY | {"body": name}, HTTP_IDEMPOTENCY_KEY="k").status_code == 200
    assert len(sent()) == 2


def test_duplicates_at_the_same_instant_send_once(scratch_company):
    from whatsapp.models import Connection
    from whatsapp.services.tokens import ApiCaller, issue_token

    number = Connection.objects.create(name="n", driver="sandbox", status="CONNECTED")
    token, _ = issue_token(number, name="Shop", scopes=["messages:send"], by=None)
    caller = ApiCaller(scratch_company.pk, token, number)

    def call(_):
        order = send.Order(number=NUMBER, texts=["once"])
        return send.send_external(caller, order, key="k", fingerprint="f")

    answers = at_once(call, range(4))
    assert answers == [{"status": "SUCCESS"}] * 4
    assert Message.objects.count() == 1
    assert ApiUsage.objects.get().total == 1


def test_uses_counted_at_the_same_instant_all_count(scratch_company):
    from whatsapp.services.external.usage import count_use

    at_once(lambda _: count_use(["texts"]), range(6))
    assert (ApiUsage.objects.get().texts, ApiUsage.objects.get().total) == (6, 6)
