"""People come, change and go."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import ports
from accounts.events import SessionsEnded, UserCreated, UserRemoved, UserUpdated
from accounts.exceptions import EmailTaken, LastAdmin, UserLimitReached, UserNotFound
from accounts.models import User
from accounts.services.presence import leave
from accounts.services.sessions import end_sessions
from companies.exceptions import CompanyNotFound
from companies.models import Company
from events.bus import publish
from whaticket.exceptions import NoPermission
from whaticket.tenancy import in_company

# What everybody may change about themselves; the rest is an administrator's decision.
OWN_FIELDS = frozenset(
    {
        "name",
        "email",
        "password",
        "profile_image",
        "color",
        "farewell_message",
        "default_theme",
        "menu_open",
        "pane_width",
        "language",
    }
)
# A change of these changes which tickets somebody sees.
SIGHT_FIELDS = frozenset(
    {
        "profile",
        "connection_id",
        "sees_unqueued",
        "sees_groups",
        "sees_all_history",
        "sees_all_users",
    }
)
CHANGEABLE = (
    OWN_FIELDS
    | SIGHT_FIELDS
    | {
        "work_starts",
        "work_ends",
        "sees_dashboard",
        "sees_realtime",
        "closes_pending",
        "manages_connections",
    }
)


@transaction.atomic
def create_user(
    *,
    company_id: int,
    email: str,
    password: str | None,
    name: str,
    queue_ids: Sequence[int] = (),
    by_id: int | None = None,
    **fields: Any,
) -> User:
    """Create a person in a company; without a password they come in by recovery.

    Raises EmailTaken when the address signs in somebody already, UserLimitReached when the plan
    allows no more people, and CompanyNotFound.
    """
    # Whoever adds people to one company queues here, so that two cannot take the last seat.
    if not Company.objects.select_for_update().filter(pk=company_id).exists():
        raise CompanyNotFound
    limit = ports.seat_limit(company_id)
    if limit is not None and User.objects.of_company(company_id).count() >= limit:
        raise UserLimitReached
    if fields.get("connection_id") is not None:
        with in_company(company_id):
            ports.require_connection(fields["connection_id"])
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email=email, password=password, name=name, company_id=company_id, **fields
            )
    except IntegrityError as error:
        raise EmailTaken from error
    with in_company(company_id):
        if queue_ids:
            ports.set_queues(user.pk, queue_ids)
        publish(UserCreated(user_id=user.pk, by_id=by_id))
    return user


@transaction.atomic
def update_user(
    user: User, *, by: User | None, queue_ids: Sequence[int] | None = None, **changes: Any
) -> User:
    """Change a person; a new password ends their sign-ins, but not the one that asked.

    `by` may be None for the system. Raises NoPermission, UserNotFound, EmailTaken, LastAdmin, and
    what the queues and the connection refuse. `queue_ids` None leaves the queues alone.
    """
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    user = _locked(user)
    require_reach(user, by=by)
    password = changes.pop("password", None)
    changes = {key: value for key, value in changes.items() if getattr(user, key) != value}
    if "email" in changes:
        changes["email"] = changes["email"].lower()
    if by is not None and not by.is_admin and changes.keys() - OWN_FIELDS:
        raise NoPermission
    if changes.get("profile", User.Profile.ADMIN) != User.Profile.ADMIN:
        _keep_an_admin(user)
    with in_company(user.company_id):
        if changes.get("connection_id") is not None:
            ports.require_connection(changes["connection_id"])
        moved = queue_ids is not None and ports.set_queues(user.pk, queue_ids)
        if moved and by is not None and not by.is_admin:
            raise NoPermission
        _write(user, changes, password)
        fields = [*changes, *(["password"] if password else []), *(["queues"] if moved else [])]
        if fields:
            publish(
                UserUpdated(
                    user_id=user.pk,
                    fields=tuple(sorted(fields)),
                    sight_changed=moved or bool(changes.keys() & SIGHT_FIELDS),
                    by_id=by.pk if by else None,
                )
            )
        if password:
            asking = by.pk if by else None
            keep = getattr(by, "session", None) if asking == user.pk else None
            end_sessions(user, but=keep)
    return user


@transaction.atomic
def remove_user(user: User, *, by: User | None) -> None:
    """Take somebody out of the company; their name stays in its history.

    Raises NoPermission, UserNotFound, or LastAdmin.
    """
    user = _locked(user)
    require_reach(user, by=by)
    if by is not None and not by.is_admin:
        raise NoPermission
    _keep_an_admin(user)
    user.removed_at = timezone.now()
    user.is_online = False
    user.save(update_fields=["removed_at", "is_online", "updated_at"])
    with in_company(user.company_id):
        ports.set_queues(user.pk, [])
        publish(UserRemoved(user_id=user.pk, by_id=by.pk if by else None))
        end_sessions(user)


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User | None) -> User:
    """End every sign-in of a person, those of browsers too; raise NoPermission or UserNotFound."""
    user = _locked(user)
    require_reach(user, by=by)
    user.token_version += 1
    user.save(update_fields=["token_version"])
    end_sessions(user)
    with in_company(user.company_id):
        # The sockets of browsers have no row that ended.
        publish(SessionsEnded(user_id=user.pk))
    if by is None or by.pk != user.pk:
        leave(user)
    return user


def require_reach(user: User, *, by: User | None) -> None:
    """Raise UserNotFound or NoPermission where `by` may not change this person at all."""
    if by is None:
        return
    if settings.DEMO:
        raise NoPermission
    if by.company_id != user.company_id and not by.is_super:
        raise UserNotFound
    if by.pk == user.pk:
        return
    # An administrator who could set an operator's password would be one.
    if not by.is_admin or (user.is_super and not by.is_super):
        raise NoPermission


def find_user(user_id: int, *, company_id: int | None = None) -> User:
    """Give a person who is present, of one company or of any; raise UserNotFound."""
    people = User.objects.present().select_related("company__subscription__plan")
    if company_id is not None:
        people = people.filter(company_id=company_id)
    user = people.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def _locked(user: User) -> User:
    row = User.objects.present().select_for_update(of=("self",)).select_related("company")
    found = row.filter(pk=user.pk).first()
    if found is None:
        raise UserNotFound
    return found


def _keep_an_admin(user: User) -> None:
    if user.profile != User.Profile.ADMIN:
        return
    # Two administrators who remove each other at once queue here.
    Company.objects.select_for_update().get(pk=user.company_id)
    others = User.objects.of_company(user.company_id).filter(profile=User.Profile.ADMIN)
    if not others.exclude(pk=user.pk).exists():
        raise LastAdmin


def _write(user: User, changes: dict[str, Any], password: str | None) -> None:
    old_email = user.email
    for key, value in changes.items():
        setattr(user, key, value)
    if password:
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save(update_fields=[*changes, *(["password"] if password else []), "updated_at"])
    except IntegrityError as error:
        raise EmailTaken from error
    if "email" in changes:
        # The company's address is its main user's (models.md, Company).
        Company.objects.filter(pk=user.company_id, email__iexact=old_email).update(email=user.email)
