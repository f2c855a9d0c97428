"""Sign-ins of wire clients: what begins, renews and ends them."""

import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import tokens
from accounts.events import SessionsEnded, UserSignedIn
from accounts.exceptions import OutOfHours, SessionConflict, SessionExpired
from accounts.models import PasswordRecovery, Session, User
from accounts.services.presence import leave
from companies.exceptions import CompanyInactive
from companies.models import Company
from events.bus import publish
from whaticket.tenancy import in_company

KEPT = timedelta(days=8)


def require_hours(user: User) -> None:
    """Raise OutOfHours outside of the person's working day, a local time (behaviour 1).

    A day that ends before it starts goes over midnight.
    """
    now = timezone.localtime(timezone=ZoneInfo(settings.COMPANY_TIME_ZONE)).time()
    now = now.replace(second=0, microsecond=0, tzinfo=None)
    starts, ends = _minute(user.work_starts), _minute(user.work_ends)
    inside = starts <= now <= ends if starts <= ends else now >= starts or now <= ends
    if not inside:
        raise OutOfHours


@transaction.atomic
def sign_in(user: User, *, user_agent: str = "", disconnect_others: bool = False) -> Session:
    """Begin a sign-in of somebody who has shown their password.

    Raises CompanyInactive or OutOfHours; a company that only has not paid may be signed in to.
    With `disconnect_others` every earlier sign-in conflicts from now on (behaviour 3).
    """
    if not (user.company.is_active or user.company.is_unpaid or user.is_super):
        raise CompanyInactive
    require_hours(user)
    if disconnect_others:
        _bump(user)
    session = Session.objects.create(
        user=user, token_version=user.token_version, user_agent=user_agent[:255]
    )
    Company.objects.filter(pk=user.company_id).update(last_login_at=timezone.now())
    with in_company(user.company_id):
        publish(UserSignedIn(user_id=user.pk, session_id=session.pk.hex))
        if disconnect_others:
            publish(SessionsEnded(user_id=user.pk))
    return session


@transaction.atomic
def renew(refresh: str | None, *, keeps_others: bool = False) -> Session:
    """Renew the sign-in behind a refresh token; its user is on the session.

    Raises SessionExpired, or SessionConflict when another device took over, unless both may stay.
    """
    try:
        claims = tokens.read_refresh_token(refresh or "")
    except tokens.InvalidToken as error:
        raise SessionExpired from error
    session = (
        Session.objects.select_related("user__company__subscription__plan")
        .in_force()
        .filter(pk=claims["sid"])
        .filter(
            Q(user__company__is_active=True)
            | Q(user__company__is_unpaid=True)
            | Q(user__is_super=True)
        )
        .first()
    )
    if session is None or session.user_id != claims.get("id"):
        raise SessionExpired
    if claims.get("tokenVersion") != session.user.token_version and not keeps_others:
        raise SessionConflict
    session.token_version = session.user.token_version
    session.refreshed_at = timezone.now()
    still_there = Session.objects.filter(pk=session.pk, ended_at=None).update(
        token_version=session.token_version, refreshed_at=session.refreshed_at
    )
    if not still_there:
        raise SessionExpired
    return session


@transaction.atomic
def disconnect_others(session: Session) -> Session:
    """Make every other sign-in of this person conflict."""
    user = session.user
    _bump(user)
    session.token_version = user.token_version
    session.save(update_fields=["token_version"])
    with in_company(user.company_id):
        publish(SessionsEnded(user_id=user.pk))
    return session


@transaction.atomic
def sign_out(session: Session) -> None:
    """End a sign-in at once: its tokens stop counting and the person is away."""
    Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now())
    leave(session.user)
    with in_company(session.user.company_id):
        publish(SessionsEnded(user_id=session.user_id))


def end_sessions(user: User, *, but: Session | None = None) -> None:
    """End every sign-in of somebody, except perhaps one. Needs a transaction."""
    sessions = Session.objects.filter(user=user, ended_at=None)
    if but is not None:
        sessions = sessions.exclude(pk=but.pk)
    if sessions.update(ended_at=timezone.now()):
        with in_company(user.company_id):
            publish(SessionsEnded(user_id=user.pk))


def prune_sessions() -> int:
    """Delete sign-ins nobody can renew any more, and spent recoveries; give their number."""
    before = timezone.now() - KEPT
    over = Q(refreshed_at__lt=before) | Q(ended_at__lt=before)
    sessions, _ = Session.objects.filter(over).delete()
    recoveries, _ = PasswordRecovery.objects.filter(expires_at__lt=before).delete()
    return sessions + recoveries


def _bump(user: User) -> None:
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    user.refresh_from_db(fields=["token_version"])


def _minute(moment: datetime.time) -> datetime.time:
    return moment.replace(second=0, microsecond=0)
