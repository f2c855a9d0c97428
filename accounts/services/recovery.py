"""A new password for whoever can read the mail of an account."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.exceptions import RecoveryDisabled, RecoveryInvalid, UserNotFound
from accounts.models import PasswordRecovery, User
from accounts.services.sessions import end_sessions
from companies.services import login_config
from whaticket.tasks import wake_named

LIFETIME = timedelta(hours=1)
# Mails to one person within the hour; more requests are taken and answered alike.
MAILS_PER_HOUR = 3
# A mailer silent for this long is dead.
CLAIM_LASTS = timedelta(minutes=2)


def request_recovery(email: str) -> PasswordRecovery:
    """Note that somebody wants a new password; whether the address is known changes nothing.

    The mail is on its way when this returns, unless the broker is away; then a sweep sends it.
    Raises RecoveryDisabled where the platform's sign-in page offers none.
    """
    if not login_config().enables_recovery:
        raise RecoveryDisabled
    user = User.objects.with_email(email).filter(is_active=True).first()
    recovery = PasswordRecovery.objects.create(user=user, expires_at=timezone.now() + LIFETIME)
    # No event tells of this: whoever asks is in no company, whose log could keep it.
    wake_named("accounts.tasks.mail_recovery", recovery.pk)
    return recovery


def claim_recovery(recovery_id: int) -> tuple[PasswordRecovery, str] | None:
    """Take a request in order to mail it: give it with the secret, of which only a hash is kept.

    None where there is nothing to mail, or another mailer has it.
    """
    now = timezone.now()
    secret = secrets.token_hex(32)
    claimed = (
        PasswordRecovery.objects.filter(pk=recovery_id, mailed_at=None, expires_at__gt=now)
        .filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))
        .update(claimed_at=now, token_hash=_hash(secret))
    )
    if not claimed:
        return None
    recovery = PasswordRecovery.objects.select_related("user").get(pk=recovery_id)
    if recovery.user is None or _mailed_lately(recovery.user) >= MAILS_PER_HOUR:
        record_mailed(recovery)
        return None
    return recovery, secret


def record_mailed(recovery: PasswordRecovery) -> None:
    """Note that a request needs no more work."""
    PasswordRecovery.objects.filter(pk=recovery.pk).update(mailed_at=timezone.now())


def unmailed_recoveries() -> list[int]:
    """Give the requests whose wake-up was lost or whose mailer died."""
    now = timezone.now()
    waiting = PasswordRecovery.objects.filter(mailed_at=None, expires_at__gt=now)
    waiting = waiting.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:500])


@transaction.atomic
def reset_password(secret: str, password: str) -> User:
    """Set a new password with a mailed secret, once; every sign-in of the person ends.

    Raises RecoveryInvalid for a secret that is unknown, used or too old, and UserNotFound when the
    person has left.
    """
    now = timezone.now()
    # One conditional UPDATE decides between two who use the same link at once.
    won = PasswordRecovery.objects.filter(
        token_hash=_hash(secret), used_at=None, expires_at__gt=now, user__isnull=False
    ).update(used_at=now)
    if not won:
        raise RecoveryInvalid
    recovery = PasswordRecovery.objects.get(token_hash=_hash(secret))
    user = User.objects.present().filter(pk=recovery.user_id, is_active=True).first()
    if user is None:
        raise UserNotFound
    user.set_password(password)
    user.token_version = F("token_version") + 1
    user.save(update_fields=["password", "token_version", "updated_at"])
    user.refresh_from_db(fields=["token_version"])
    # Other links of the same person, perhaps in the wrong hands, are worth nothing now.
    PasswordRecovery.objects.filter(user=user, used_at=None).update(used_at=now)
    end_sessions(user)
    return user


def _mailed_lately(user: User) -> int:
    since = timezone.now() - timedelta(hours=1)
    return PasswordRecovery.objects.filter(
        user=user, created_at__gt=since, mailed_at__isnull=False
    ).count()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
