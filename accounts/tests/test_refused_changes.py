"""What may not be done to people is refused by the services, whoever calls, and changes nothing.

The API refuses most of it earlier; the console, programs and tasks come straight to the services.
"""

import io

import pytest
from django.utils import timezone
from PIL import Image

from accounts import services, tokens
from accounts.events import UserUpdated
from accounts.exceptions import EmailTaken, ImageInvalid, SessionExpired, UserNotFound
from accounts.models import PasswordRecovery, Session, User, Visit
from accounts.services.pictures import MOST_BYTES, small_picture
from accounts.services.sessions import renew, sign_in
from companies.exceptions import CompanyInactive, CompanyNotFound
from companies.models import Company
from whaticket.exceptions import DomainError, NoPermission
from whaticket.testing.races import just_before

NOBODY = 999_999_999


def test_nobody_is_added_to_a_company_that_is_gone(db):
    with pytest.raises(CompanyNotFound):
        services.create_user(company_id=NOBODY, email="x@x.example", password="secret", name="X")
    assert not User.objects.filter(email="x@x.example").exists()


def test_an_agent_gives_themselves_no_rights(cast):
    with pytest.raises(NoPermission):
        services.update_user(cast.ana, by=cast.ana, profile="admin")
    with pytest.raises(NoPermission):
        services.update_user(cast.ana, by=cast.ana, queue_ids=[cast.sales.pk, cast.support.pk])
    cast.ana.refresh_from_db()
    assert cast.ana.profile == "user"


def test_an_agent_removes_nobody_not_even_themselves(cast):
    with pytest.raises(NoPermission):
        services.remove_user(cast.ana, by=cast.ana)
    assert User.objects.present().filter(pk=cast.ana.pk).exists()


def test_only_facts_of_a_person_are_changed(cast):
    with pytest.raises(TypeError, match="is_super"):
        services.update_user(cast.ana, by=None, is_super=True)


def test_a_change_that_changes_nothing_tells_nobody(cast, heard):
    services.update_user(cast.ana, by=cast.rui, name=cast.ana.name)
    assert heard(UserUpdated) == []


def test_a_persons_connection_is_one_of_their_company(cast):
    user = services.update_user(cast.ana, by=cast.rui, connection_id=cast.number.pk)
    with pytest.raises(DomainError) as refusal:
        services.update_user(cast.ana, by=cast.rui, connection_id=NOBODY)
    assert refusal.value.code == "ERR_NO_WAPP_FOUND"
    user.refresh_from_db()
    assert user.connection_id == cast.number.pk


def test_a_sign_in_that_ends_while_it_is_renewed_stays_ended(cast):
    session = Session.objects.create(user=cast.ana, token_version=cast.ana.token_version)
    cookie = tokens.refresh_token(cast.ana, session)

    def end():
        Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())

    with just_before('UPDATE "accounts_session"', end), pytest.raises(SessionExpired):
        renew(cookie)


def test_somebody_who_left_meanwhile_is_not_found(cast):
    User.objects.filter(pk=cast.ana.pk).update(removed_at=timezone.now())
    for act in (services.update_user, services.remove_user):
        with pytest.raises(UserNotFound):
            act(cast.ana, by=cast.rui)


def test_an_address_that_signs_in_somebody_else_is_taken(cast):
    with pytest.raises(EmailTaken):
        services.update_user(cast.ana, by=cast.rui, email="EVA@globex.example")
    assert User.objects.get(pk=cast.ana.pk).email == "ana@acme.example"


def test_people_of_a_company_that_is_off_do_not_sign_in(cast):
    Company.objects.filter(pk=cast.acme.pk).update(is_active=False)
    with pytest.raises(CompanyInactive):
        sign_in(User.objects.get(pk=cast.ana.pk))
    assert not Session.objects.filter(user=cast.ana).exists()


def test_a_cookie_that_names_another_person_than_its_session_renews_nothing(cast):
    session = Session.objects.create(user=cast.ana, token_version=cast.ana.token_version)
    with pytest.raises(SessionExpired):
        renew(tokens.refresh_token(cast.bia, session))


def test_a_request_that_is_being_mailed_is_not_mailed_twice(cast):
    recovery = services.request_recovery(cast.ana.email)
    PasswordRecovery.objects.filter(pk=recovery.pk).update(claimed_at=None, mailed_at=None)
    assert services.claim_recovery(recovery.pk) is not None
    assert services.claim_recovery(recovery.pk) is None


def test_a_visit_that_is_over_is_not_ended_again(cast, root):
    visit = services.enter_company(cast.globex, by=root, reason="help")
    services.end_visit(visit.pk)
    left_at = Visit.objects.get(pk=visit.pk).left_at
    services.end_visit(visit.pk)
    assert Visit.objects.get(pk=visit.pk).left_at == left_at


def test_a_picture_beyond_five_megabytes_is_not_opened():
    with pytest.raises(ImageInvalid):
        small_picture(io.BytesIO(b"x" * (MOST_BYTES + 1)))


def test_a_picture_of_too_many_pixels_is_refused_by_its_header():
    file = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(file, "PNG")
    assert file.tell() < MOST_BYTES
    with pytest.raises(ImageInvalid):
        small_picture(io.BytesIO(file.getvalue()))


def test_a_new_picture_takes_the_place_of_the_old_one(
    cast, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    names = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            user = services.set_profile_image(cast.ana, io.BytesIO(file.getvalue()), by=cast.ana)
        cast.ana.refresh_from_db()
        names.append(user.profile_image)
    assert [path.name for path in tmp_path.rglob("*.jpg")] == names[1:]
