"""Values as the contract's clients write them."""

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from whaticket.params import LARGEST_ID
from whaticket.texts import FLAG_WORDS

# Hashing something longer would only be work for an attacker to order.
LONGEST_PASSWORD = 128


class WordFlag(serializers.ChoiceField):
    """`enabled` or `disabled`; older clients also write `enable`, `disable` or a real boolean."""

    def __init__(self, **kwargs: Any):
        super().__init__(choices=["enabled", "disabled"], **kwargs)

    # A choice of two words on the wire, a truth within; the stubs expect a choice to stay a text.
    def to_internal_value(self, data: Any) -> bool:  # type: ignore[override]
        if isinstance(data, bool):
            return data
        value = FLAG_WORDS.get(data) if isinstance(data, str) else None
        if value is None:
            self.fail("invalid_choice", input=str(data)[:50])
        return bool(value)


class MenuField(serializers.ChoiceField):
    """`open` or `closed`."""

    def __init__(self, **kwargs: Any):
        super().__init__(choices=["open", "closed"], **kwargs)

    # A choice of two words on the wire, a truth within; the stubs expect a choice to stay a text.
    def to_internal_value(self, data: Any) -> bool:  # type: ignore[override]
        return super().to_internal_value(data) == "open"


class OptionalId(serializers.IntegerField):
    """The id of something, or nothing: null and an empty text say so."""

    def __init__(self, **kwargs: Any):
        super().__init__(min_value=1, max_value=LARGEST_ID, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)


class PaneWidth(serializers.FloatField):
    """Pixels; a mouse gives fractions of them."""

    def __init__(self, **kwargs: Any):
        super().__init__(min_value=0, max_value=10_000, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        value = super().to_internal_value(data)
        # NaN compares with nothing, so the limits let it pass.
        if value != value or value in (float("inf"), float("-inf")):
            self.fail("invalid")
        return round(value)


class Anything(serializers.JSONField):
    """Whatever JSON a client sends; the view decides what it means."""

    def __init__(self, *, default: Any = serializers.empty, **kwargs: Any):
        super().__init__(default=default, **kwargs)


def id_list(**kwargs: Any) -> serializers.ListField:
    """Make a field for a list of ids."""
    child = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    return serializers.ListField(child=child, max_length=500, **kwargs)


class Lenient(serializers.Serializer[Any]):
    """Null means "not given", except where a field says that it may be null.

    Forms are read as plain data: DRF takes a box that a form lacks for an unticked one.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, QueryDict):
            data = {key: self._from_form(data, key) for key in data}
        if isinstance(data, dict):
            data = {
                key: value
                for key, value in data.items()
                if value is not None or (key in self.fields and self.fields[key].allow_null)
            }
        return super().to_internal_value(data)

    def _from_form(self, data: QueryDict, key: str) -> Any:
        if isinstance(self.fields.get(key), serializers.ListField):
            return data.getlist(key)
        return data[key]


class Password(serializers.CharField):
    """A password: blanks count."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=LONGEST_PASSWORD, trim_whitespace=False, **kwargs)
