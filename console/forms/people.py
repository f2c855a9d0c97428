"""Forms of people: what administrators decide, and what everybody says of themselves."""

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from console.forms import Id, Ids, NewPassword, Text

LONGEST_FAREWELL = 5_000
# The permissions of a person: what is called what, and what it does. All of them hold for agents;
# administrators and supervisors see every ticket anyway.
SEES: dict[str, tuple[Promise, Promise]] = {
    "sees_unqueued": (
        gettext_lazy("Tickets without a queue"),
        gettext_lazy("New customers who have not chosen a queue yet."),
    ),
    "sees_all_users": (
        gettext_lazy("What colleagues are answering"),
        gettext_lazy("Tickets of their queues that somebody else has accepted."),
    ),
    "sees_all_history": (
        gettext_lazy("Every queue"),
        gettext_lazy("Tickets and earlier conversations of queues they do not answer, too."),
    ),
    "sees_groups": (
        gettext_lazy("Groups"),
        gettext_lazy("Conversations in WhatsApp groups."),
    ),
}
MAY: dict[str, tuple[Promise, Promise]] = {
    "closes_pending": (
        gettext_lazy("Close waiting tickets"),
        gettext_lazy("Without accepting them first."),
    ),
    "sees_dashboard": (
        gettext_lazy("Figures of the whole team"),
        gettext_lazy("Off: reports and the dashboard show them only their own tickets."),
    ),
    "sees_realtime": (
        gettext_lazy("See who is doing what right now"),
        gettext_lazy("The live board of all agents and their tickets."),
    ),
    "manages_connections": (
        gettext_lazy("Manage connections"),
        gettext_lazy("Link numbers, restart and unlink them."),
    ),
}


class _Common(forms.Form):
    name = forms.CharField(min_length=2, max_length=255)
    email = forms.EmailField(max_length=255)
    password = NewPassword()
    farewell_message = Text(max_length=LONGEST_FAREWELL)
    default_theme = forms.ChoiceField(choices=User.Theme.choices)
    # Empty: as the browser wishes.
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)


class ProfileForm(_Common):
    """What everybody may change about themselves."""


class PersonForm(_Common):
    """What an administrator decides about a person."""

    profile = forms.ChoiceField(choices=User.Profile.choices)
    queue_ids = Ids(required=False)
    connection_id = Id(required=False)
    work_starts = forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"])
    work_ends = forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"])
    sees_unqueued = forms.BooleanField(required=False)
    sees_groups = forms.BooleanField(required=False)
    sees_all_history = forms.BooleanField(required=False)
    sees_all_users = forms.BooleanField(required=False)
    closes_pending = forms.BooleanField(required=False)
    sees_dashboard = forms.BooleanField(required=False)
    sees_realtime = forms.BooleanField(required=False)
    manages_connections = forms.BooleanField(required=False)


class NewPersonForm(PersonForm):
    """A person who is not there yet needs a password to come in with."""

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError(_("A password is needed to sign in for the first time."))
        return password
