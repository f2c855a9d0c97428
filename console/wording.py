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
    "ERR_NO_TAG_FOUND": gettext_lazy("This tag does not exist any more."),
    "ERR_NO_TICKETNOTE_FOUND": gettext_lazy("This note does not exist any more."),
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
    "ERR_MESSAGE_EMPTY": gettext_lazy("Write something first."),
    "ERR_TICKET_CLOSED": gettext_lazy("This ticket is closed. Reopen it to write."),
    "ERR_MESSAGE_NOT_FORWARDABLE": gettext_lazy("This message cannot be forwarded."),
    "ERR_MESSAGE_NOT_REACTABLE": gettext_lazy("Nobody can react to this message."),
    "ERR_INVALID_EMOJI": gettext_lazy("A reaction is one emoji."),
    "ERR_MESSAGE_NOT_FAILED": gettext_lazy("This message does not need to be sent again."),
    "ERR_WAPP_NAME_ALREADY_EXISTS": gettext_lazy("Another connection has this name."),
    "ERR_WAPP_INVALID_NAME": gettext_lazy("The name needs at least two letters."),
    "ERR_WAPP_TOKEN_ALREADY_EXISTS": gettext_lazy("Another connection has this token."),
    "ERR_WAPP_GREETING_REQUIRED": gettext_lazy(
        "A connection with several queues needs a greeting to ask which one."
    ),
    "ERR_CONNECTION_LIMIT_REACHED": gettext_lazy("Your plan allows no more connections."),
    "ERR_PLAN_FORBIDS_CHANNEL": gettext_lazy("Your plan has no connections of this kind."),
    "ERR_FEATURE_NOT_IN_PLAN": gettext_lazy("Your plan does not include this."),
    "ERR_UNKNOWN_DRIVER": gettext_lazy("This kind of connection is not available here."),
    "ERR_WAPP_NUMBER_ALREADY_EXISTS": gettext_lazy("This number belongs to a connection already."),
    "ERR_WAPP_PAIRING_REFUSED": gettext_lazy("This connection cannot be linked with a code."),
    "ERR_WAPP_PAIRING_CODE": gettext_lazy("That is not the code the phone should show."),
    "ERR_NO_FILE_FOUND": gettext_lazy("This list of files, or a place in it, does not exist."),
    "ERR_NO_RATING_FOUND": gettext_lazy("This list of files does not exist any more."),
    "ERR_FILE_INVALID_NAME": gettext_lazy("A list of files needs a name of three letters."),
    "ERR_RATING_NAME_ALREADY_EXISTS": gettext_lazy("Another list of files has this name."),
    "ERR_NO_CHAT_FOUND": gettext_lazy("This room does not exist, or you are not in it."),
    "ERR_NO_INVOICE_FOUND": gettext_lazy("This invoice does not exist any more."),
    "ERR_INVOICE_PAID": gettext_lazy("This invoice is paid already. Thank you!"),
    "ERR_INVOICE_CANCELLED": gettext_lazy("This invoice was cancelled."),
    "ERR_INVOICE_WITHOUT_AMOUNT": gettext_lazy("There is nothing to pay on this invoice."),
    "ERR_PIX_NOT_CONFIGURED": gettext_lazy(
        "PIX is not set up on this platform yet. Ask its operator how to pay."
    ),
    "ERR_PAYMENT_PROVIDER": gettext_lazy(
        "The payment provider does not answer as it should. Try again in a moment."
    ),
    "ERR_COMPANY_INVALID_DOCUMENT": gettext_lazy(
        "Your company's CPF or CNPJ is missing or wrong. Ask the operator to correct it."
    ),
    "ERR_NO_PLAN_FOUND": gettext_lazy("Your company is on no plan."),
    "ERR_ANNOUNCEMENT_REQUIRED": gettext_lazy("An announcement has a title and a text."),
    "ERR_NO_ANNOUNCEMENT_FOUND": gettext_lazy("This announcement does not exist any more."),
    "ERR_HELP_REQUIRED": gettext_lazy("A help page has a title."),
    "ERR_HELP_INVALID_NAME": gettext_lazy(
        "Title and description need at least three letters each."
    ),
    "ERR_NO_HELP_FOUND": gettext_lazy("This help page does not exist any more."),
    "UNAUTHORIZED": gettext_lazy("You are not in this room."),
    "ERR_NO_TODO_FOUND": gettext_lazy("This is not on your list any more."),
    "ERR_TODO_LIMIT_REACHED": gettext_lazy("Your list of things to do is full."),
    "ERR_NO_QUICKMESSAGE_FOUND": gettext_lazy("This quick message does not exist, or not for you."),
    "ERR_QUICKMESSAGE_REQUIRED": gettext_lazy("A quick message needs a name, and a text or file."),
    "ERR_QUICKMESSAGE_INVALID_NAME": gettext_lazy(
        "A quick message needs a name, and a text of at least three letters or a file."
    ),
    "ERR_QUEUE_INVALID_NAME": gettext_lazy("A queue needs a name of at least two letters."),
    "ERR_QUEUE_NAME_ALREADY_EXISTS": gettext_lazy("Another queue has this name."),
    "ERR_QUEUE_INVALID_COLOR": gettext_lazy("This is not a colour."),
    "ERR_QUEUE_COLOR_ALREADY_EXISTS": gettext_lazy("Another queue has this colour."),
    "ERR_QUEUE_LIMIT_REACHED": gettext_lazy("Your plan allows no more queues."),
    "ERR_SESSION_EXPIRED": gettext_lazy("Please sign in again."),
    "ERR_SESSION_CONFLICT": gettext_lazy("You signed in on another device."),
    "ERR_EMAIL_ALREADY_EXISTS": gettext_lazy("Somebody already signs in with this e-mail."),
    "ERR_USER_LIMIT_REACHED": gettext_lazy("Your plan allows no more people."),
    "ERR_LAST_ADMIN": gettext_lazy("A company keeps at least one administrator."),
    "ERR_NO_MERGE_FOUND": gettext_lazy("This merge does not exist."),
    "ERR_NOT_FOUND": gettext_lazy("This does not exist, or not for you."),
    "ERR_INTERNAL": gettext_lazy("Something went wrong on our side. Try again in a moment."),
    "ERR_PASSWORD_RECOVERY_DISABLED": gettext_lazy("Ask your administrator for a new password."),
    "ERR_NO_API_TOKEN_FOUND": gettext_lazy("This access token does not exist any more."),
    "ERR_API_TOKEN_LIMIT_REACHED": gettext_lazy("This connection has as many tokens as it may."),
    "ERR_COMPANY_UNPAID": gettext_lazy("Your company is switched off until its invoice is paid."),
    "ERR_IMPORT_FILE": gettext_lazy("This file is no table of contacts (CSV or XLSX)."),
    "ERR_IMPORT_TOO_LARGE": gettext_lazy("This file is too large."),
    "ERR_IMPORT_TOO_MANY_ROWS": gettext_lazy("This file has too many rows."),
    "ERR_IMPORT_COLUMNS": gettext_lazy("The first row names no column with numbers."),
    "ERR_IMPORT_FORMULA": gettext_lazy("A cell of this file holds a formula."),
    "ERR_NO_IMPORT_FOUND": gettext_lazy("This import does not exist."),
    "NUMBER_NOT_ON_WHATSAPP": gettext_lazy("This number is not on WhatsApp."),
    "ERR_NO_BAILEYS_DATA_FOUND": gettext_lazy(
        "No connection can tell who is in the phone's address book."
    ),
    "ERR_API_TOKEN_SCOPE": gettext_lazy("This token may not do that."),
    "ERR_IDEMPOTENCY_KEY_REUSED": gettext_lazy("This key came with another request before."),
    "ERR_TICKET_IN_ANOTHER_SERVICE": gettext_lazy("Somebody else is talking to this customer."),
    "ERR_NO_DIALOG_FOUND": gettext_lazy("This integration does not exist."),
    "ERR_LINK_REFUSED": gettext_lazy("That address cannot be fetched."),
    "ERR_TICKETNOTE_INVALID_NAME": gettext_lazy("A note has at least three characters."),
    "ERR_VALIDATION": gettext_lazy("Something in what you entered cannot be used."),
}

# Which field of a form a refusal is about.
_FIELDS = {
    "ERR_EMAIL_ALREADY_EXISTS": "email",
    "ERR_LAST_ADMIN": "profile",
    "ERR_QUEUE_INVALID_NAME": "name",
    "ERR_QUEUE_NAME_ALREADY_EXISTS": "name",
    "ERR_QUEUE_INVALID_COLOR": "color",
    "ERR_QUEUE_COLOR_ALREADY_EXISTS": "color",
}

# What a driver is to somebody who chooses one.
_DRIVERS: dict[str, Promise] = {
    "cloud": gettext_lazy("Official WhatsApp API (Meta)"),
    "web": gettext_lazy("WhatsApp Web, linked to a phone"),
    "bridge": gettext_lazy("Bridge (WAHA or Evolution API)"),
    "yowsup": gettext_lazy("Yowsup (legacy)"),
    "sandbox": gettext_lazy("Simulator, for demos and training"),
}


def driver_name(name: str) -> str:
    """Say what kind of connection a driver makes; an unknown one is shown as it is."""
    return str(_DRIVERS.get(name, name))


def field_of(error: DomainError) -> str:
    """Name the field of a form that a refusal is about; empty where it is about none."""
    return _FIELDS.get(error.code, "")


def words_for(error: DomainError) -> str:
    """Say what went wrong; a code nobody put into words yet is shown as it is."""
    return words_of(error.code)


def words_of(code: str) -> str:
    """Say what a code means; one nobody put into words yet is shown as it is."""
    words = _WORDS.get(code)
    if words is not None:
        return str(words)
    return _("That did not work (%(code)s).") % {"code": code}
