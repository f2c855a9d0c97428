"""The kanban board: which tickets are cards on it, and what a card shows (rest.md §7)."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from contacts.models import Contact, Tag
from tickets.models import Ticket

COLUMNS = {
    "id", "status", "lastMessage", "contactId", "userId", "whatsappId", "isGroup",
    "unreadMessages", "queueId", "companyId", "uuid", "chatbot", "queueOptionId", "isBot",
    "channel", "amountUsedBotQueues", "fromMe", "sendInactiveMessage", "amountUsedBotQueuesNPS",
    "lgpdAcceptedAt", "lgpdSendMessageAt", "imported", "flowWebhook", "lastFlowId", "dataWebhook",
    "hashFlowId", "useIntegration", "integrationId", "isOutOfHour", "flowStopped",
    "isActiveDemand", "typebotSessionId", "typebotStatus", "typebotSessionTime", "createdAt",
    "updatedAt",
}  # fmt: skip


def cards(api, user, **params):
    answer = api(user).get("/ticket/kanban", params)
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["tickets"]}


def test_a_card_has_exactly_the_keys_of_the_contract(api, cast, make_ticket):
    ticket = make_ticket(status="open", agent=cast.ana)
    ticket.tags.add(Tag.objects.create(name="New", color="#010203", is_lane=True))
    board = api(cast.ana).get("/ticket/kanban").json()
    assert (set(board), board["count"], board["hasMore"]) == (
        {"tickets", "count", "hasMore"}, 1, False,
    )  # fmt: skip
    (card,) = board["tickets"]
    assert set(card) == COLUMNS | {"contact", "queue", "user", "tags", "whatsapp"}
    assert set(card["contact"]) == {"id", "name", "number", "email", "companyId", "urlPicture"}
    assert card["queue"] == {"id": cast.sales.pk, "name": "Sales", "color": "#112233"}
    assert card["user"] == {"id": cast.ana.pk, "name": "Ana"}
    assert [(tag["name"], tag["color"]) for tag in card["tags"]] == [("New", "#010203")]
    assert card["whatsapp"] == {"name": "acme number"}


def test_cards_are_what_is_open_or_waits(api, cast, make_ticket):
    shown = {make_ticket(status=status, agent=cast.ana).pk for status in ("open", "pending")}
    for status in ("closed", "group", "nps", "lgpd"):
        make_ticket(status=status, agent=cast.ana)
    assert cards(api, cast.ana) == shown


def test_one_sees_ones_own_cards_and_those_that_wait_unless_one_asks_for_all(
    api, cast, make_ticket
):
    mine = make_ticket(status="open", agent=cast.ana).pk
    waits = make_ticket(status="pending").pk
    ruis = make_ticket(status="open", agent=cast.rui).pk
    assert cards(api, cast.ana) == {mine, waits}
    # All users' cards are for administrators, and for whom they let see them.
    assert cards(api, cast.ana, showAll="true") == {mine, waits}
    assert cards(api, cast.rui, showAll="true") == {mine, waits, ruis}
    assert cards(api, cast.rui) == {waits, ruis}


def test_a_filter_of_queues_lets_tickets_without_a_queue_in(api, cast, make_ticket):
    sales, support = make_ticket().pk, make_ticket(queue=cast.support).pk
    none = make_ticket(queue=None).pk
    assert cards(api, cast.rui, queueIds=f"[{cast.sales.pk}]") == {sales, none}
    assert cards(api, cast.rui) == {sales, support, none}
    # But never what one may not see.
    assert cards(api, cast.bia, queueIds=f"[{cast.sales.pk},{cast.support.pk}]") == {support}
    assert cards(api, cast.eva, queueIds=f"[{cast.sales.pk}]") == set()


def test_cards_are_filtered_by_tag_person_badge_and_name(api, cast, make_ticket, customer):
    tag = Tag.objects.create(name="VIP")
    tagged = make_ticket(contact=customer("João Conceição", "5511933332222"))
    tagged.tags.add(tag)
    ruis = make_ticket(status="open", agent=cast.rui, unread_count=2)
    rui = cast.rui
    assert cards(api, rui, tags=f"[{tag.pk}]") == {tagged.pk}
    assert cards(api, rui, users=f"[{cast.rui.pk}]") == {ruis.pk}
    assert cards(api, rui, withUnreadMessages="true") == {ruis.pk}
    assert cards(api, rui, searchParam="joao CONC") == {tagged.pk}
    assert cards(api, rui, searchParam="3333") == {tagged.pk}
    assert cards(api, rui, searchParam="%") == set()


def test_dates_are_the_companys_days_of_creation_and_drop_the_other_filters(api, cast, make_ticket):
    zone = ZoneInfo(settings.COMPANY_TIME_ZONE)

    def at(day, hour, minute=0):
        return datetime.datetime(2026, 3, day, hour, minute, tzinfo=zone)

    early, late = make_ticket(created_at=at(10, 0)), make_ticket(created_at=at(11, 23, 59))
    make_ticket(created_at=at(9, 23, 59))
    make_ticket(created_at=at(12, 0))
    days = {"dateStart": "2026-03-10", "dateEnd": "2026-03-11"}
    assert cards(api, cast.rui, **days) == {early.pk, late.pk}
    # As a date picker sends it: 23:30 of the day before is a day before, where the company is.
    assert cards(api, cast.rui, dateEnd="2026-03-11T02:30:00.000Z", dateStart="2026-03-10") == {
        early.pk
    }
    others = {"queueIds": f"[{cast.support.pk}]", "users": "[1]", "withUnreadMessages": "true"}
    assert cards(api, cast.rui, **days, **others) == {early.pk, late.pk}
    # Sight is no filter.
    assert cards(api, cast.bia, **days) == set()
    Ticket.objects.filter(pk=early.pk).update(updated_at=at(20, 23, 30))
    assert cards(api, cast.rui, updatedAt="2026-03-20") == {early.pk}
    assert cards(api, cast.rui, updatedAt="2026-03-21") == set()


def test_a_page_holds_four_hundred_cards(api, cast):
    contacts = Contact.objects.bulk_create([Contact(name=f"C {n}") for n in range(401)])
    Ticket.objects.bulk_create(
        [
            Ticket(
                contact=contact,
                connection=cast.number,
                queue=cast.sales,
                updated_at=timezone.now() - datetime.timedelta(minutes=n),
            )
            for n, contact in enumerate(contacts)
        ]
    )
    http = api(cast.ana)
    first = http.get("/ticket/kanban").json()
    assert (len(first["tickets"]), first["count"], first["hasMore"]) == (400, 401, True)
    last = http.get("/ticket/kanban", {"pageNumber": "2"}).json()
    assert [row["contact"]["name"] for row in last["tickets"]] == ["C 400"]
    assert (last["count"], last["hasMore"]) == (401, False)


@pytest.mark.parametrize(
    "params",
    [
        {"queueIds": "x"}, {"tags": "{}"}, {"users": "[-1]"}, {"pageNumber": "0"},
        {"dateStart": "yesterday"}, {"dateEnd": "2026-13-01"}, {"updatedAt": "0001-01-01"},
        {"searchParam": "a\x00b"},
    ],
)  # fmt: skip
def test_hostile_parameters_of_the_board_are_refused(api, cast, params):
    answer = api(cast.ana).get("/ticket/kanban", params)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
