"""What the routes of messages take and answer (rest.md §1.1 and §8)."""

from whaticket.openapi import FLAG, INT, OBJECT, TEXT, TIME, Shape, null, of, ref, rows, shape

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
    failure=null(of(**{"class": TEXT, "code": TEXT, "reason": TEXT})),
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
