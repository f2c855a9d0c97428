"""What the console's forms take: the shape of what was entered. The rules are the services'."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from console.access import whole_number
from whaticket.exceptions import Invalid
from whaticket.serializers import LONGEST_PASSWORD

SHORTEST_PASSWORD = 8
# More than any company has queues or any queue has people.
MOST_CHOSEN = 500


def check_password(password: str) -> None:
    """Refuse a new password that is too short or well known; raise ValidationError."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValidationError(_("Use at least 8 characters."))
    validate_password(password)


def entered(form_class: type[forms.Form], request: HttpRequest) -> dict[str, Any]:
    """Read what was sent through a form; raise Invalid with words for each field."""
    form = form_class(request.POST)
    if not form.is_valid():
        raise Invalid(
            details={name: [str(words) for words in found] for name, found in form.errors.items()}
        )
    return form.cleaned_data


class Text(forms.CharField):
    """Words of several lines, as the network writes them."""

    def __init__(self, **kwargs: Any):
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class NewPassword(forms.CharField):
    """A password to be set, blanks counting; empty: the old one stays."""

    def __init__(self) -> None:
        super().__init__(strip=False, max_length=LONGEST_PASSWORD, required=False)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            check_password(value)


class Id(forms.Field):
    """The id of something, or nothing."""

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        number = whole_number(value)
        if number is None:
            raise ValidationError(_("Choose from the list."))
        return number


class Ids(forms.Field):
    """Ids of what was chosen of a list, each once and in the order they came."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        found = [whole_number(text) for text in value or []]
        if None in found or len(found) > MOST_CHOSEN:
            raise ValidationError(_("Choose from the list."))
        return list(dict.fromkeys(number for number in found if number is not None))
