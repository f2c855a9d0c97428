"""What the routes of messages take and answer (rest.md §1.1 and §8)."""

from whaticket.openapi import (
    FLAG,
    INT,
    OBJECT,
    TEXT,
    TIME,
    Shape,
    null,
    of,
    page,
    ref,
    rows,
    shape,
)

_FLAG_OR_WORD: Shape = {"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}
_FILE: Shape = {"type": "string", "format": "binary"}
_NAMED = null(ref("Named"))
_CORE: dict[str, Shape] = {
    "id": INT,
    "fromMe": FLAG,
    "mediaUrl": null(TEXT),
    "body": TEXT,
    "mediaType": TEXT,
    "companyId": INT,
}
MESSAGE = shape(
    "Message",
    **_CORE,
    ack={"type": "integer", "minimum": 0, "maximum": 4},
    createdAt=TIME,
    ticketId=INT,
    isDeleted=FLAG,
    queueId=null(INT),
    isForwarded=FLAG,
    isEdited=FLAG,
    isPrivate=FLAG,
    status=TEXT,
    failure=null(of(**{"class": TEXT, "code": TEXT, "reason": TEXT, "change": TEXT})),
    mediaName=null(TEXT),
    mediaSize=null(INT),
    mediaState=TEXT,
    thumbnailUrl=null(TEXT),
    userId=null(INT),
    contact=_NAMED,
    quotedMsg=null(of(**_CORE, contact=_NAMED)),
    ticket=of(id=INT, whatsappId=null(INT), queueId=null(INT), queue=null(ref("Queue3"))),
)
CONVERSATION = of(count=INT, messages=rows(MESSAGE), ticket=ref("TicketColumns"), hasMore=FLAG)
COUNT = of(count=rows(of(count=TEXT)))

# Requests are read by bodies.py, which takes each value in the forms that clients use.
_SEND: dict[str, Shape] = {
    "quotedMsg": {"anyOf": [OBJECT, TEXT, INT]},
    "isPrivate": _FLAG_OR_WORD,
    "vCard": {"anyOf": [OBJECT, TEXT]},
}
SEND = {
    "application/json": {
        "type": "object",
        "properties": {"body": {"anyOf": [TEXT, rows(TEXT)]}, **_SEND},
    },
    "multipart/form-data": {
        "type": "object",
        "properties": {"medias": rows(_FILE), "body": rows(TEXT), **_SEND},
    },
}
EDIT = {"application/json": of(body=TEXT)}
REACTION = {"application/json": of(emoji=TEXT)}
FORWARD = {
    "application/json": {
        "type": "object",
        "properties": {"messageId": INT, "messageIds": rows(INT), "contactId": INT},
        "required": ["contactId"],
    }
}

# What the team keeps (rest.md §18) ------------------------------------------------------------

_QUICK: dict[str, Shape] = {
    "id": INT,
    "shortcode": TEXT,
    "message": TEXT,
    "companyId": INT,
    "userId": INT,
    "mediaPath": null(TEXT),
    "mediaName": null(TEXT),
    "geral": FLAG,
    "visao": FLAG,
    "createdAt": TIME,
    "updatedAt": TIME,
}
QUICK_MESSAGE = shape("QuickMessage", **_QUICK)
QUICK_MESSAGE_ROW = shape("QuickMessageOfCompany", **_QUICK, company=_NAMED)
QUICK_MESSAGES = page("records", QUICK_MESSAGE)
SAVED = of(mensagem=TEXT)
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"typeArch": TEXT, "file": _FILE},
        "required": ["file"],
    }
}
_LIST: dict[str, Shape] = {"id": INT, "companyId": INT, "name": TEXT, "message": TEXT}
_OPTION = shape(
    "FileOption",
    id=INT,
    name=TEXT,
    path=TEXT,
    fileId=INT,
    mediaType=TEXT,
    createdAt=TIME,
    updatedAt=TIME,
)
FILE_LIST_NAME = shape("FileListName", **_LIST)
FILE_LISTS = page("files", shape("FileListRow", **_LIST, createdAt=TIME, updatedAt=TIME))
FILE_LIST = shape("FileList", **_LIST, createdAt=TIME, updatedAt=TIME, options=rows(_OPTION))
FILE_LIST_CHANGED = shape("FileListChanged", **_LIST, options=rows(_OPTION))
UPLOADS = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "typeArch": TEXT,
            "fileId": TEXT,
            "id": rows(TEXT),
            "name": rows(TEXT),
            "mediaType": rows(TEXT),
            "files": rows(_FILE),
        },
        "required": ["id", "files"],
    }
}

# Rooms of colleagues (rest.md §20) ------------------------------------------------------------

_CHAT: dict[str, Shape] = {
    "id": INT,
    "title": TEXT,
    "uuid": TEXT,
    "ownerId": INT,
    "lastMessage": TEXT,
    "companyId": INT,
    "createdAt": TIME,
    "updatedAt": TIME,
}
_MEMBER: dict[str, Shape] = {
    "id": INT,
    "chatId": INT,
    "userId": INT,
    "unreads": INT,
    "createdAt": TIME,
    "updatedAt": TIME,
}
_TEAM_MESSAGE: dict[str, Shape] = {
    "id": INT,
    "chatId": INT,
    "senderId": INT,
    "message": TEXT,
    "mediaPath": null(TEXT),
    "mediaName": null(TEXT),
    "createdAt": TIME,
    "updatedAt": TIME,
    "sender": ref("Named"),
}
_COLLEAGUE = shape("Colleague", id=INT, name=TEXT, email=TEXT, profileImage=null(TEXT), online=FLAG)
_MEMBER_SHAPE = shape("ChatUser", **_MEMBER)
CHAT = shape("Chat", **_CHAT)
WHOLE_CHAT = shape(
    "ChatWithPeople",
    **_CHAT,
    owner=_COLLEAGUE,
    users=rows(shape("ChatUserWithPerson", **_MEMBER, user=_COLLEAGUE)),
)
CHATS = page("records", WHOLE_CHAT)
TEAM_MESSAGES = page("records", shape("ChatMessage", **_TEAM_MESSAGE))
TEAM_MESSAGE = shape(
    "ChatMessageInChat",
    **_TEAM_MESSAGE,
    chat=shape("ChatWithMembers", **_CHAT, users=rows(_MEMBER_SHAPE)),
)
WRITE = {
    "application/json": {"type": "object", "properties": {"message": TEXT}},
    "multipart/form-data": {"type": "object", "properties": {"message": TEXT, "file": _FILE}},
}
READ = {"application/json": {"type": "object", "properties": {"userId": INT}}}

TODO_ROW = shape(
    "Todo",
    id=INT,
    text=TEXT,
    done=FLAG,
    position=INT,
    dueAt=null(TIME),
    createdAt=TIME,
    updatedAt=TIME,
)
TODOS = rows(TODO_ROW)
