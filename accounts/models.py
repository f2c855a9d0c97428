"""People who sign in (public schema): one account belongs to one company."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from companies.models import Company


@dataclass(frozen=True, slots=True)
class Answers:
    """What held of a person in a company when a request began."""

    company_id: int
    queue_ids: frozenset[int]
    hides_numbers: bool


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> "UserQuerySet":
        """Leave out people who were removed; their rows stay for history."""
        return self.filter(removed_at=None)

    def with_email(self, email: str) -> "UserQuerySet":
        """Find who signs in with an address, in any letter case (uses accounts_email_once)."""
        address = Lower(models.Value(email))
        return self.present().alias(address=Lower("email")).filter(address=address)

    def of_company(self, company_id: int) -> "UserQuerySet":
        return self.present().filter(company_id=company_id)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.with_email(username or "").get()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("company_id", Company.OWNER_ID)
        return self.create_user(
            email, password, is_super=True, profile=User.Profile.ADMIN, **fields
        )


class User(AbstractBaseUser):
    """An agent, a manager, or an operator of the platform."""

    # Read together with the sign-in of a request; None where a person came another way.
    answers: Answers | None = None

    class Profile(models.TextChoices):
        ADMIN = "admin"
        SUPERVISOR = "supervisor"
        USER = "user"

    class Theme(models.TextChoices):
        LIGHT = "light"
        DARK = "dark"

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    company = models.ForeignKey(Company, models.CASCADE, related_name="users")
    name = models.CharField(max_length=255)
    email = models.EmailField(max_length=255)
    profile = models.CharField(max_length=10, choices=Profile, default=Profile.USER)
    is_super = models.BooleanField(default=False, help_text="Operates the platform")
    is_active = models.BooleanField(default=True)
    # A removed person's name must stay readable in old tickets, so rows are never deleted. It also
    # keeps thousands of company schemas free of foreign keys that a delete would have to visit.
    removed_at = models.DateTimeField(null=True, blank=True)
    token_version = models.PositiveIntegerField(default=0)

    is_online = models.BooleanField(default=False)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    work_starts = models.TimeField(default=datetime.time(0, 0))
    work_ends = models.TimeField(default=datetime.time(23, 59))
    # The connection lives in the company's schema, so this is its id and not a foreign key.
    connection_id = models.BigIntegerField(null=True, blank=True)
    color = models.CharField(max_length=32, blank=True, default="")
    profile_image = models.CharField(max_length=255, blank=True, default="")
    farewell_message = models.TextField(blank=True, default="")

    sees_unqueued = models.BooleanField(default=False)
    sees_groups = models.BooleanField(default=False)
    sees_all_history = models.BooleanField(default=False)
    sees_all_users = models.BooleanField(default=False)
    sees_dashboard = models.BooleanField(default=False)
    sees_realtime = models.BooleanField(default=False)
    closes_pending = models.BooleanField(default=True)
    manages_connections = models.BooleanField(default=False)

    default_theme = models.CharField(max_length=5, choices=Theme, default=Theme.LIGHT)
    menu_open = models.BooleanField(default=False)
    pane_width = models.PositiveIntegerField(default=550)
    language = models.CharField(max_length=8, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UserManager()
    # The sign-in by which a wire request or a socket came; set by whoever read its token.
    session: "Session"

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # One sign-in name over all companies; a removed person frees it.
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(removed_at=None),
                name="accounts_email_once",
            )
        ]
        indexes = [
            # The presence sweep looks for people online but silent.
            models.Index(
                fields=["last_seen_at"],
                condition=models.Q(is_online=True),
                name="accounts_online",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_admin(self) -> bool:
        return self.profile == self.Profile.ADMIN or self.is_super

    @property
    def is_staff(self) -> bool:
        """Operators, and only they, enter the Django admin."""
        return self.is_super

    @property
    def is_superuser(self) -> bool:
        return self.is_super

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_super

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return self.is_active and self.is_super

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_super

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Browsers' sessions end as tokens do: with the password, and when others are disconnected.
        signed = f"{self.password}:{self.token_version}"
        salt = "accounts.models.User.session"
        return salted_hmac(salt, signed, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_shut_out(self) -> bool:
        """Tell whether the person's company is switched off, which binds no operator."""
        return not (self.company.is_active or self.is_super)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @cached_property
    def picture_url(self) -> str:
        """Where pages find this person's picture; empty without one."""
        if not self.profile_image:
            return ""
        return f"/public/company{self.company_id}/user/{self.profile_image}"


class SessionQuerySet(models.QuerySet["Session"]):
    def in_force(self) -> "SessionQuerySet":
        """Leave out what has ended, and sign-ins of people who are gone or switched off."""
        return self.filter(ended_at=None, user__removed_at=None, user__is_active=True)


class Session(models.Model):
    """One sign-in of a wire client. Ending it ends its access tokens at once, not in 15 minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    token_version = models.PositiveIntegerField()
    user_agent = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    refreshed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            # The nightly prune removes sessions nobody refreshed for a week.
            models.Index(fields=["refreshed_at"], name="accounts_session_age"),
        ]

    def __str__(self) -> str:
        return f"session of user {self.user_id}"


class PasswordRecovery(models.Model):
    """A request to set a new password, and once mailed, a promise good once within the hour.

    Requests for unknown addresses make a row too, without a person: asking costs the same work
    either way, so that time tells nobody who has an account.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    # SHA-256 of what was mailed; null until then.
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    expires_at = models.DateTimeField()
    # A mailer that dies between the two leaves the row for the sweep.
    claimed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            # The sweep looks for requests whose wake-up was lost.
            models.Index(
                fields=["created_at"],
                condition=models.Q(mailed_at=None),
                name="accounts_recovery_unmailed",
            ),
            # How many mails a person was sent within the hour.
            models.Index(fields=["user", "created_at"], name="accounts_recovery_of_user"),
        ]

    def __str__(self) -> str:
        return f"recovery for user {self.user_id}"


class Visit(models.Model):
    """One stay of an operator inside a company: who, why, and for how long. Rows are kept."""

    # The record outlives both: names stay when a company is dropped, with its people.
    operator = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    operator_email = models.CharField(max_length=255)
    company = models.ForeignKey("companies.Company", models.SET_NULL, null=True, related_name="+")
    company_name = models.CharField(max_length=255)
    reason = models.CharField(max_length=255)
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nobody stays by forgetting to leave.
    expires_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.operator_email} in {self.company_name}"
