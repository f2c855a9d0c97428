"""The ways messaging says no."""

from whaticket.exceptions import DomainError


class MessageNotFound(DomainError):
    """No such message here, or not for these eyes."""

    code = "ERR_NO_MESSAGE_FOUND"
    status = 404


class NothingToSend(DomainError):
    """A message needs a text, a file or a contact card."""

    code = "ERR_MESSAGE_EMPTY"


class TextTooLong(DomainError):
    """The connection cannot carry a text of this length."""

    code = "ERR_MESSAGE_TOO_LONG"


class TicketNotWritable(DomainError):
    """The conversation is closed; reopen it to write."""

    code = "ERR_TICKET_CLOSED"
    status = 409


class NoConnection(DomainError):
    """The ticket's connection was deleted, so there is no way to the customer."""

    code = "ERR_NO_DEF_WAPP_FOUND"


class NotSupportedHere(DomainError):
    """This kind of connection cannot do that."""

    code = "ERR_NOT_SUPPORTED"


class TooLate(DomainError):
    """The network allows this only for a while after sending; `minutes` says for how long."""

    code = "ERR_MESSAGE_TOO_OLD"


class NotEditable(DomainError):
    """Only texts of ours that the network has, or still gets, can be changed."""

    code = "ERR_EDITING_WAPP_MSG"


class NotRevocable(DomainError):
    """Only what we sent ourselves can be taken back."""

    code = "ERR_DELETE_WAPP_MSG"


class NotForwardable(DomainError):
    """Notes, reactions, calls and deleted messages cannot be passed on."""

    code = "ERR_MESSAGE_NOT_FORWARDABLE"


class NotReactable(DomainError):
    """The network does not know this message, so nobody can react to it."""

    code = "ERR_MESSAGE_NOT_REACTABLE"


class InvalidEmoji(DomainError):
    """A reaction is one emoji, or nothing."""

    code = "ERR_INVALID_EMOJI"


class NotResendable(DomainError):
    """Only what failed, or may have failed, is sent again; perhaps somebody just did."""

    code = "ERR_MESSAGE_NOT_FAILED"
    status = 409


class QuickMessageNotFound(DomainError):
    """No such quick message here, or somebody else's own; the code is the contract's (sic)."""

    code = "ERR_NO_TICKETNOTE_FOUND"
    status = 404


class QuickMessageGone(QuickMessageNotFound):
    """The same, where one was to be removed."""

    code = "ERR_NO_QUICKMESSAGE_FOUND"


class QuickMessageRequired(DomainError):
    """A quick message needs a short name and, unless it has a file, a text."""

    code = "ERR_QUICKMESSAGE_REQUIRED"


class QuickMessageInvalid(DomainError):
    """The short name is empty, or the text has less than three characters."""

    code = "ERR_QUICKMESSAGE_INVALID_NAME"


class FileListNotFound(DomainError):
    """No such list of files here, or no such place in it."""

    code = "ERR_NO_FILE_FOUND"
    status = 404


class FileListGone(FileListNotFound):
    """The same, where one was to be removed; the code is the contract's (sic)."""

    code = "ERR_NO_RATING_FOUND"


class FileListNameInvalid(DomainError):
    """A list of files needs a name of at least three characters."""

    code = "ERR_FILE_INVALID_NAME"


class FileListNameTaken(DomainError):
    """Another list of files has this name; the code is the contract's (sic)."""

    code = "ERR_RATING_NAME_ALREADY_EXISTS"


class TeamChatNotFound(DomainError):
    """No such room here, or not for this person."""

    code = "ERR_NO_CHAT_FOUND"
    status = 404


class NotInTeamChat(DomainError):
    """Only those who are in a room read it and write into it."""

    code = "UNAUTHORIZED"


class ColleagueNotFound(DomainError):
    """No such person in this company."""

    code = "ERR_NO_USER_FOUND"
    status = 404


class TodoNotFound(DomainError):
    """No such thing to do, or somebody else's."""

    code = "ERR_NO_TODO_FOUND"
    status = 404


class TooManyTodos(DomainError):
    """A person's list is full; `limit` says how much it holds."""

    code = "ERR_TODO_LIMIT_REACHED"
