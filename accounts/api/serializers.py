"""What the routes of accounts take."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from whaticket.params import LARGEST_ID
from whaticket.serializers import (
    Anything,
    Lenient,
    MenuField,
    OptionalId,
    PaneWidth,
    Password,
    WordFlag,
    id_list,
)


class LoginInput(Lenient):
    """`POST /auth/login`. What is missing is wrong, not malformed."""

    email = serializers.CharField(required=False, default="", allow_blank=True, max_length=255)
    password = Password(required=False, default="", allow_blank=True)
    disconnectOtherSessions = Anything(required=False, default=False)


class RefreshInput(Lenient):
    """`POST /auth/refresh_token`."""

    allowMultipleSessions = Anything(required=False, default=False)


class RecoveryInput(serializers.Serializer[Any]):
    """`POST /auth/password-recovery`."""

    email = serializers.EmailField(max_length=255)


class ResetInput(serializers.Serializer[Any]):
    """`POST /auth/reset-password`."""

    token = serializers.CharField(max_length=255)
    password = Password(min_length=6)


class UserFields(Lenient):
    """Everything that `PUT /users/:userId` takes; keys of the contract, fields of the model."""

    name = serializers.CharField(min_length=2, max_length=255, required=False)
    email = serializers.EmailField(max_length=255, required=False)
    # An empty text is what a form sends for "unchanged".
    password = Password(min_length=5, required=False, write_only=True)
    profile = serializers.ChoiceField(choices=User.Profile.choices, required=False)
    companyId = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, source="company_id"
    )
    queueIds = id_list(required=False, source="queue_ids")
    startWork = serializers.TimeField(
        input_formats=["%H:%M", "%H:%M:%S"], required=False, source="work_starts"
    )
    endWork = serializers.TimeField(
        input_formats=["%H:%M", "%H:%M:%S"], required=False, source="work_ends"
    )
    whatsappId = OptionalId(required=False, source="connection_id")
    allTicket = WordFlag(required=False, source="sees_unqueued")
    allowGroup = serializers.BooleanField(required=False, source="sees_groups")
    allHistoric = WordFlag(required=False, source="sees_all_history")
    allUserChat = WordFlag(required=False, source="sees_all_users")
    userClosePendingTicket = WordFlag(required=False, source="closes_pending")
    showDashboard = WordFlag(required=False, source="sees_dashboard")
    allowRealTime = WordFlag(required=False, source="sees_realtime")
    allowConnections = WordFlag(required=False, source="manages_connections")
    defaultTheme = serializers.ChoiceField(
        choices=User.Theme.choices, required=False, source="default_theme"
    )
    defaultMenu = MenuField(required=False, source="menu_open")
    defaultTicketsManagerWidth = PaneWidth(required=False, source="pane_width")
    farewellMessage = serializers.CharField(
        max_length=5000,
        required=False,
        allow_blank=True,
        allow_null=True,
        source="farewell_message",
    )
    profileImage = serializers.CharField(
        max_length=255, required=False, allow_blank=True, allow_null=True, source="profile_image"
    )
    color = serializers.CharField(max_length=32, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=["pt-br", "en", "es"], required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and data.get("password") == "":
            data = {key: value for key, value in data.items() if key != "password"}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for key in ("farewell_message", "profile_image"):
            if key in attrs:
                attrs[key] = attrs[key] or ""
        return attrs


class NewUser(UserFields):
    """`POST /users`."""

    name = serializers.CharField(min_length=2, max_length=255)
    email = serializers.EmailField(max_length=255)
    password = Password(min_length=5, write_only=True)
    profile = serializers.ChoiceField(choices=User.Profile.choices, default=User.Profile.ADMIN)


class SignupInput(UserFields):
    """`POST /auth/signup`. A `companyId` in the body means nothing: the company is new."""

    companyName = serializers.CharField(min_length=2, max_length=255)
    name = serializers.CharField(min_length=2, max_length=255)
    email = serializers.EmailField(max_length=255)
    password = Password(min_length=5, write_only=True)
    phone = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
    planId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class WidthInput(serializers.Serializer[Any]):
    """`PUT /users/toggleChangeWidht/:userId`."""

    defaultTicketsManagerWidth = PaneWidth()


class PictureInput(serializers.Serializer[Any]):
    """`POST /users/:userId/media-upload`."""

    profileImage = serializers.FileField()
