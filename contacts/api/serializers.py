"""Bodies of contact requests."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from whaticket.params import LARGEST_ID


@extend_schema_field({"anyOf": [{"type": "integer"}, {"type": "object"}]})
class WalletField(serializers.Field):
    """An agent's id, plain or as `{id}`."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, dict):
            data = data.get("id")
        if isinstance(data, bool):
            self.fail("required")
        return serializers.IntegerField(min_value=1, max_value=LARGEST_ID).run_validation(data)


class FieldSerializer(serializers.Serializer):
    """One free field of a contact."""

    name = serializers.CharField(max_length=255)
    value = serializers.CharField(max_length=255, allow_blank=True)


class ContactBody(serializers.Serializer):
    """What a client says about a contact; absent means unchanged."""

    name = serializers.CharField(max_length=255, required=False)
    number = serializers.CharField(max_length=64, required=False)
    email = serializers.CharField(max_length=255, required=False, allow_blank=True)
    extraInfo = serializers.ListField(child=FieldSerializer(), required=False, max_length=200)
    wallets = serializers.ListField(child=WalletField(), required=False, max_length=1000)
    acceptAudioMessage = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)
    disableBot = serializers.BooleanField(required=False)


class NewContactBody(ContactBody):
    """A contact to add."""

    name = serializers.CharField(max_length=255)
    number = serializers.CharField(max_length=64)


class BlockBody(serializers.Serializer):
    active = serializers.BooleanField()


class WalletsBody(serializers.Serializer):
    wallets = serializers.ListField(child=WalletField(), max_length=1000)


class MergeBody(serializers.Serializer):
    contactId = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


def columns_of(body: dict[str, Any]) -> dict[str, Any]:
    """Name a body's plain values as the model does."""
    names = {
        "name": "name",
        "email": "email",
        "acceptAudioMessage": "accepts_audio",
        "active": "is_active",
        "disableBot": "bot_disabled",
    }
    return {ours: body[wire] for wire, ours in names.items() if wire in body}
