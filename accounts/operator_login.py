"""The operators' sign-in: password, and a code where a device was set up or one is demanded."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django_otp import match_token, user_has_device
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES


class OperatorLogin(AuthenticationForm):
    """E-mail, password, and the six digits (or a backup code) of a second factor."""

    otp_token = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=16,
        help_text=_("From your authenticator; leave it empty if you have none."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": " ".join(BASE_INPUT_CLASSES),
            }
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        user = self.get_user()
        if isinstance(user, get_user_model()) and (settings.OTP_REQUIRED or user_has_device(user)):
            device = match_token(user, (cleaned or {}).get("otp_token") or "")
            if device is None:
                raise forms.ValidationError(_("The code is missing or wrong."), code="otp")
            # django-otp remembers it in the session when the person is signed in.
            user.otp_device = device  # type: ignore[attr-defined]
        return cleaned or {}
