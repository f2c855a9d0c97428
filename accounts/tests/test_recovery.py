"""A forgotten password (rest.md §2): always the same answer, one use, one hour."""

import datetime
import re
import threading

import pytest
import time_machine
from django.core import mail
from django.db import connection

from accounts import services, tasks
from accounts.models import PasswordRecovery, Session, User


@pytest.fixture
def mailed(web, cast):
    """`mailed(user)`: the secret of a link mailed to somebody."""

    def secret_of(user):
        web.post("/auth/password-recovery", {"email": user.email})
        tasks.sweep_recoveries()
        return re.search(r"reset-password\?token=([0-9a-f]{64})\s", mail.outbox[-1].body)[1]

    return secret_of


def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(web, cast):
    from django.test.utils import CaptureQueriesContext

    answers, costs = [], []
    for address in ("ana@acme.example", "nobody@acme.example"):
        with CaptureQueriesContext(connection) as spent:
            answers.append(web.post("/auth/password-recovery", {"email": address}))
        costs.append([query["sql"].split()[0] for query in spent])
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert costs[0] == costs[1]


def test_only_a_known_address_gets_mail(web, cast):
    web.post("/auth/password-recovery", {"email": "nobody@acme.example"})
    web.post("/auth/password-recovery", {"email": "ANA@acme.example"})
    tasks.sweep_recoveries()
    assert [message.to for message in mail.outbox] == [["ana@acme.example"]]


def test_the_mail_speaks_the_language_of_its_reader(cast, mailed):
    User.objects.filter(pk=cast.ana.pk).update(language="es")
    mailed(cast.ana)
    mailed(cast.rui)
    assert [message.subject for message in mail.outbox] == [
        "Definir una nueva contraseña",
        "Definir uma nova senha",
    ]
    assert mail.outbox[0].alternatives[0].mimetype == "text/html"


def test_the_secret_is_nowhere_in_the_database(cast, mailed):
    secret = mailed(cast.ana)
    row = PasswordRecovery.objects.get(user=cast.ana)
    assert secret not in str(row.__dict__)


def test_a_new_password_ends_every_sign_in(web, signed_in, cast, mailed):
    client = signed_in(cast.ana)
    body = {"token": mailed(cast.ana), "password": "brand new"}
    assert web.post("/auth/reset-password", body).status_code == 200
    assert client.get("/users").status_code == 403
    assert client.post("/auth/refresh_token", {"allowMultipleSessions": True}).status_code == 401
    login = {"email": cast.ana.email, "password": "brand new"}
    assert web.post("/auth/login", login).status_code == 200
    assert User.objects.get(pk=cast.ana.pk).token_version == 1


def test_a_link_works_once_and_takes_others_along(web, cast, mailed):
    older, newer = mailed(cast.ana), mailed(cast.ana)
    body = {"token": newer, "password": "brand new"}
    assert web.post("/auth/reset-password", body).status_code == 200
    for token in (newer, older):
        answer = web.post("/auth/reset-password", {"token": token, "password": "another"})
        assert (answer.status_code, answer.json()["error"]) == (400, "ERR_INVALID_RECOVERY_TOKEN")


def test_a_link_is_dead_after_an_hour(web, cast):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        recovery = services.request_recovery(cast.ana.email)
        _, secret = services.claim_recovery(recovery.pk)
        clock.shift(datetime.timedelta(minutes=61))
        body = {"token": secret, "password": "brand new"}
        assert web.post("/auth/reset-password", body).status_code == 400


def test_somebody_who_left_cannot_come_back_by_mail(web, cast, mailed):
    secret = mailed(cast.ana)
    services.remove_user(cast.ana, by=cast.rui)
    answer = web.post("/auth/reset-password", {"token": secret, "password": "brand new"})
    assert answer.status_code == 404


def test_a_short_password_changes_nothing(web, cast, mailed):
    secret = mailed(cast.ana)
    short = web.post("/auth/reset-password", {"token": secret, "password": "12345"})
    assert short.status_code == 400
    again = web.post("/auth/reset-password", {"token": secret, "password": "123456"})
    assert again.status_code == 200


def test_nobody_is_flooded_with_mail(web, cast):
    for _ in range(6):
        assert web.post("/auth/password-recovery", {"email": cast.ana.email}).status_code == 200
    tasks.sweep_recoveries()
    assert len(mail.outbox) == 3


def test_one_address_may_ask_only_so_often(web, cast):
    codes = {
        web.post("/auth/password-recovery", {"email": "a@b.example"}).status_code for _ in range(20)
    }
    assert codes == {200}
    answer = web.post("/auth/password-recovery", {"email": "a@b.example"})
    assert (answer.status_code, answer.json()["error"]) == (429, "ERR_TOO_MANY_REQUESTS")
    assert int(answer["Retry-After"]) > 0


def test_a_mailer_that_died_is_followed_by_another(cast):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        recovery = services.request_recovery(cast.ana.email)
        assert services.claim_recovery(recovery.pk) is not None
        assert tasks.sweep_recoveries() == 0
        clock.shift(datetime.timedelta(minutes=3))
        assert tasks.sweep_recoveries() == 1
        assert tasks.sweep_recoveries() == 0


def test_of_two_who_use_one_link_at_once_one_wins(scratch_company, django_db_blocker):
    from accounts.exceptions import RecoveryInvalid

    with django_db_blocker.unblock():
        user = services.create_user(
            company_id=scratch_company.pk, email="race@x.example", password="x" * 8, name="Race"
        )
        recovery = services.request_recovery(user.email)
        _, secret = services.claim_recovery(recovery.pk)
        start = threading.Barrier(4)
        outcomes = []

        def use(number):
            start.wait()
            try:
                services.reset_password(secret, f"password {number}")
                outcomes.append("won")
            except RecoveryInvalid:
                outcomes.append("lost")
            finally:
                connection.close()

        threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["lost", "lost", "lost", "won"]
        assert not Session.objects.filter(user=user, ended_at=None).exists()
