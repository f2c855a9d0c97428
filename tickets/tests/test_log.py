"""The ticket's log (LogTicket): which words, of whom, and for whose eyes."""

from tickets import services

COLUMNS = {
    "id", "ticketId", "userId", "queueId", "type", "createdAt", "updatedAt", "user", "queue",
}  # fmt: skip


def log_of(api, user, ticket):
    answer = api(user).get(f"/tickets-log/{ticket.pk}")
    assert answer.status_code == 200
    return answer.json()


def test_a_transfer_is_written_of_the_former_and_the_new_owner(api, cast, ticket):
    services.accept_ticket(ticket, by=cast.ana)
    services.transfer_ticket(ticket, by=cast.rui, queue_id=cast.support.pk, agent_id=cast.bia.pk)
    received, gave = log_of(api, cast.rui, ticket)[:2]
    assert set(gave) == COLUMNS
    assert (received["type"], gave["type"]) == ("receivedTransfer", "transfered")
    assert received["user"] == {"id": cast.bia.pk, "name": "Bia"}
    assert received["queue"] == {"id": cast.support.pk, "name": "Support"}
    # Of the one who had it, though somebody else handed it over (behaviour 50).
    assert gave["user"] == {"id": cast.ana.pk, "name": "Ana"}
    assert gave["queue"] == {"id": cast.sales.pk, "name": "Sales"}


def test_a_transfer_within_a_queue_is_written_of_both_too(api, cast, ticket):
    services.accept_ticket(ticket, by=cast.ana)
    services.transfer_ticket(ticket, by=cast.ana, agent_id=cast.rui.pk)
    assert [(row["type"], row["userId"]) for row in log_of(api, cast.rui, ticket)[:2]] == [
        ("receivedTransfer", cast.rui.pk),
        ("transfered", cast.ana.pk),
    ]


def test_what_waits_for_nobody_is_transferred_by_whoever_does_it(api, cast, ticket):
    services.transfer_ticket(ticket, by=cast.rui, queue_id=cast.support.pk)
    (row, *_) = log_of(api, cast.rui, ticket)
    assert (row["type"], row["userId"], row["queueId"]) == (
        "transfered", cast.rui.pk, cast.sales.pk,
    )  # fmt: skip


def test_an_episode_is_written_in_the_words_of_the_contract(
    api, cast, ticket, django_capture_on_commit_callbacks
):
    services.accept_ticket(ticket, by=cast.ana)
    services.return_ticket(ticket, by=cast.ana)
    services.accept_ticket(ticket, by=cast.ana)
    services.close_ticket(ticket, by=cast.ana, says_farewell=False)
    services.reopen_ticket(ticket, by=cast.ana)
    with django_capture_on_commit_callbacks(execute=True):
        api(cast.ana).get(f"/tickets/{ticket.pk}")
    assert [row["type"] for row in log_of(api, cast.ana, ticket)] == [
        "access", "reopen", "closed", "open", "pending", "open", "create",
    ]  # fmt: skip


def test_a_log_costs_the_same_however_long(api, cast, ticket, django_assert_max_num_queries):
    http = api(cast.ana)
    http.get(f"/tickets-log/{ticket.pk}")  # notes presence once
    for amount in (1, 20):
        for _ in range(amount):
            services.accept_ticket(ticket, by=cast.ana)
            services.return_ticket(ticket, by=cast.ana)
        # Entering the company, where the connection stood elsewhere; the session with its person
        # and company; the person's queues; the ticket, for sight; the log.
        with django_assert_max_num_queries(6):
            assert http.get(f"/tickets-log/{ticket.pk}").status_code == 200
