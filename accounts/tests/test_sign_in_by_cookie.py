"""A socket that shows nothing but its refresh cookie is let in, as long as the sign-in counts."""

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.authentication import person_of_refresh
from accounts.models import Session, User
from companies.models import Company


@pytest.fixture
def session(cast):
    return Session.objects.create(user=cast.ana, token_version=cast.ana.token_version)


def cookie_of(session):
    return tokens.refresh_token(session.user, session)


def refused(text):
    with pytest.raises(tokens.InvalidToken):
        person_of_refresh(text)
    return True


def test_the_cookie_names_its_person_and_the_sign_in(cast, session):
    person = person_of_refresh(cookie_of(session))
    assert (person.pk, person.session) == (cast.ana.pk, session)


def test_the_cookie_of_a_sign_in_that_ended_counts_no_more(session):
    text = cookie_of(session)
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())
    assert refused(text)


def test_the_cookie_of_a_device_that_was_taken_over_counts_no_more(cast, session):
    text = cookie_of(session)
    User.objects.filter(pk=cast.ana.pk).update(token_version=cast.ana.token_version + 1)
    assert refused(text)


def test_an_access_token_is_no_cookie(cast, session):
    assert refused(tokens.access_token(cast.ana, session))


def test_people_of_a_company_that_is_off_stay_out_but_its_operator_does_not(cast, session):
    text = cookie_of(session)
    Company.objects.filter(pk=cast.acme.pk).update(is_active=False)
    assert refused(text)
    User.objects.filter(pk=cast.ana.pk).update(is_super=True)
    assert person_of_refresh(text).pk == cast.ana.pk
