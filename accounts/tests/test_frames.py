"""What screens hear of people (realtime.md §4.4)."""

from contextlib import contextmanager

import orjson
import pytest

from accounts import receivers, services
from accounts.services import create_user, remove_user, update_user


@pytest.fixture
def hear(monkeypatch, django_capture_on_commit_callbacks):
    """`with hear() as told:` commits what happens inside and gives what it told."""

    class Told:
        def __init__(self):
            self.frames, self.fleeting, self.moved = [], [], []

        def payloads(self):
            return [(f.event, orjson.loads(f.data)) for f in self.frames]

    @contextmanager
    def during():
        told = Told()
        monkeypatch.setattr(receivers, "emit", told.frames.extend)
        monkeypatch.setattr(receivers, "signal_now", told.fleeting.extend)
        monkeypatch.setattr(receivers, "sight_changed", told.moved.extend)
        with django_capture_on_commit_callbacks(execute=True):
            yield told

    return during


def test_who_joins_is_shown_to_the_company_without_secrets(cast, hear):
    with hear() as told:
        user = create_user(
            company_id=cast.acme.pk,
            email="davi@acme.example",
            password="correct horse",
            name="Davi",
            by_id=cast.rui.pk,
        )
    ((event, data),) = told.payloads()
    assert event == f"company-{cast.acme.pk}-user"
    assert data["action"] == "create"
    assert (data["user"]["id"], data["user"]["name"]) == (user.pk, "Davi")
    text = told.frames[0].data.decode()
    assert "correct horse" not in text
    assert "password" not in text


def test_who_changes_is_shown_and_hubs_look_again_only_when_sight_changed(cast, hear):
    with hear() as told:
        update_user(cast.ana, by=cast.rui, name="Ana Maria")
    ((event, data),) = told.payloads()
    assert event == f"company-{cast.acme.pk}-user"
    assert (data["action"], data["user"]["name"]) == ("update", "Ana Maria")
    assert told.moved == []
    with hear() as told:
        update_user(cast.ana, by=cast.rui, profile="admin")
    assert told.moved == [cast.ana.pk]


def test_who_leaves_is_taken_off_the_screens_and_sees_nothing_more(cast, hear):
    with hear() as told:
        remove_user(cast.ana, by=cast.rui)
    assert (
        f"company-{cast.acme.pk}-user",
        {"action": "delete", "userId": cast.ana.pk},
    ) in told.payloads()
    assert cast.ana.pk in told.moved


def test_a_sign_in_is_told_to_that_persons_screens_alone_and_without_a_token(cast, hear):
    with hear() as told:
        services.sign_in(cast.ana)
    ((event, data),) = told.payloads()
    assert event == f"company-{cast.acme.pk}-auth"
    assert data == {
        "action": "update",
        "user": {"id": cast.ana.pk, "email": cast.ana.email, "companyId": cast.acme.pk},
    }
    assert told.frames[0].audience.users == (cast.ana.pk,)
    assert told.moved == []


def test_a_sign_in_that_ends_the_others_has_their_sockets_looked_at(cast, hear):
    with hear() as told:
        services.sign_in(cast.ana, disconnect_others=True)
    assert told.moved == [cast.ana.pk]


def test_coming_and_going_is_fleeting(cast, hear):
    with hear() as told:
        services.note_presence(cast.ana)
        services.note_presence(cast.ana)
        services.leave(cast.ana)
    assert told.frames == []
    shown = [orjson.loads(frame.data) for frame in told.fleeting]
    assert [(one["action"], one["user"]["id"]) for one in shown] == [("update", cast.ana.pk)] * 2
    assert {frame.event for frame in told.fleeting} == {f"company-{cast.acme.pk}-user"}


def test_another_companys_people_are_no_news_here(cast, hear):
    with hear() as told:
        update_user(cast.eva, by=cast.eva, name="Eva Maria")
    assert {event for event, _data in told.payloads()} == {f"company-{cast.globex.pk}-user"}
