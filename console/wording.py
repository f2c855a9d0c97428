"""What a refusal means, in words for the person in front of the screen."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whaticket.exceptions import DomainError

_WORDS: dict[str, Promise] = {
    "ERR_TICKET_TAKEN": gettext_lazy("A colleague was faster: this ticket is taken."),
    "ERR_NO_TICKET_FOUND": gettext_lazy("This ticket is not here, or not for you."),
    "ERR_OTHER_OPEN_TICKET": gettext_lazy("There is already an open ticket with this contact."),
    "ERR_NO_CONTACT_FOUND": gettext_lazy("This contact does not exist."),
    "ERR_DUPLICATED_CONTACT": gettext_lazy("Somebody in your contacts already has this number."),
    "ERR_INVALID_NUMBER": gettext_lazy("This is not a phone number."),
    "ERR_CHECK_NUMBER": gettext_lazy("This number is not on WhatsApp."),
    "ERR_MERGE_NOT_POSSIBLE": gettext_lazy("These two contacts cannot be one."),
    "ERR_MERGE_UNDONE": gettext_lazy("This merge cannot be taken apart any more."),
    "ERR_NO_USER_FOUND": gettext_lazy("This person is not in your company."),
    "ERR_QUEUE_NOT_FOUND": gettext_lazy("This queue does not exist."),
    "ERR_NO_PERMISSION": gettext_lazy("You may not do this."),
    "ERR_NO_MESSAGE_FOUND": gettext_lazy("This message does not exist any more."),
    "ERR_NO_WAPP_FOUND": gettext_lazy("This connection does not exist any more."),
    "ERR_NO_DEF_WAPP_FOUND": gettext_lazy("There is no connection to send with."),
    "ERR_WAPP_NOT_INITIALIZED": gettext_lazy("This connection is not running."),
    "ERR_EDITING_WAPP_MSG": gettext_lazy("This message can no longer be edited."),
    "ERR_DELETE_WAPP_MSG": gettext_lazy("This message can no longer be deleted."),
    "ERR_WINDOW_CLOSED": gettext_lazy(
        "More than 24 hours have passed since the customer's last message."
    ),
    "ERR_INVALID_CREDENTIALS": gettext_lazy("E-mail or password is wrong."),
    "ERR_OUT_OF_HOURS": gettext_lazy("You are outside your working hours."),
    "ERR_COMPANY_INACTIVE": gettext_lazy("Your company's account is switched off."),
    "ERR_TOO_MANY_REQUESTS": gettext_lazy("Too many attempts. Wait five minutes and try again."),
    "ERR_INVALID_RECOVERY_TOKEN": gettext_lazy("This link is used or too old. Ask for a new one."),
    "ERR_AGENT_NOT_IN_QUEUE": gettext_lazy("This person does not answer that queue."),
    "ERR_MEDIA_TOO_LARGE": gettext_lazy("The file is too large."),
    "ERR_MEDIA_TYPE": gettext_lazy("This kind of file cannot be sent."),
    "ERR_MEDIA_DAMAGED": gettext_lazy("The file is damaged."),
    "ERR_MESSAGE_TOO_OLD": gettext_lazy("WhatsApp allows this only shortly after sending."),
    "ERR_MESSAGE_TOO_LONG": gettext_lazy("The text is too long."),
    "ERR_NOT_SUPPORTED": gettext_lazy("This connection cannot do that."),
    "ERR_VALIDATION": gettext_lazy("Something in what you entered cannot be used."),
}


def words_for(error: DomainError) -> str:
    """Say what went wrong; a code nobody put into words yet is shown as it is."""
    words = _WORDS.get(error.code)
    if words is not None:
        return str(words)
    return _("That did not work (%(code)s).") % {"code": error.code}
