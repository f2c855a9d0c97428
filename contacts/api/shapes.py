"""What the routes of contacts answer (rest.md §1.1, models.md Contact)."""

from whaticket.openapi import FLAG, INT, SWITCH, TEXT, TIME, null, of, optional, page, rows, shape

FIELD = shape(
    "ContactField", id=INT, name=TEXT, value=TEXT, contactId=INT, createdAt=TIME, updatedAt=TIME
)
TAG = shape(
    "Tag",
    id=INT,
    name=TEXT,
    color=TEXT,
    companyId=INT,
    kanban=INT,
    timeLane=INT,
    nextLaneId=null(INT),
    greetingMessageLane=null(TEXT),
    rollbackLaneId=INT,
    createdAt=TIME,
    updatedAt=TIME,
)
_CARRIER = shape("TagCarrier", id=INT, name=TEXT, number=TEXT)
TAG_WITH_CONTACTS = shape("TagWithContacts", TAG, contacts=rows(_CARRIER))
LISTED_TAG = shape(
    "ListedTag",
    id=INT,
    name=TEXT,
    color=TEXT,
    companyId=INT,
    kanban=INT,
    timeLane=INT,
    nextLaneId=null(INT),
    greetingMessageLane=null(TEXT),
    rollbackLaneId=INT,
    contacts=rows(_CARRIER),
    contactsCount=INT,
)
TAGS = page(
    "tags",
    optional(
        shape(
            "TagRow",
            id=INT,
            name=TEXT,
            color=TEXT,
            contacts=rows(_CARRIER),
            ticketTags=rows(of(ticketId=INT, tagId=INT)),
        ),
        # Labels have the one, lanes the other.
        "contacts",
        "ticketTags",
    ),
)
LANES = of(lista=rows(TAG))
AGENT = shape("Named", id=INT, name=TEXT)
COLUMNS = shape(
    "ContactColumns",
    id=INT,
    name=TEXT,
    number=TEXT,
    profilePicUrl=null(TEXT),
    email=TEXT,
    isGroup=FLAG,
    companyId=INT,
    acceptAudioMessage=FLAG,
    channel=TEXT,
    active=FLAG,
    disableBot=FLAG,
    remoteJid=null(TEXT),
    lgpdAcceptedAt=null(TIME),
    urlPicture=null(TEXT),
    pictureUpdated=FLAG,
    whatsappId=null(INT),
    lid=null(TEXT),
    createdAt=TIME,
    updatedAt=TIME,
)
FULL = shape(
    "ContactFull",
    COLUMNS,
    extraInfo=rows(FIELD),
    tags=rows(TAG),
    wallets=rows(AGENT),
    whatsapp=null(of(id=INT, name=TEXT, expiresTicket=INT, groupAsTicket=SWITCH)),
)
_TYPES = {
    "id": INT,
    "name": TEXT,
    "number": TEXT,
    "channel": TEXT,
    "email": TEXT,
    "companyId": INT,
    "acceptAudioMessage": FLAG,
    "active": FLAG,
    "disableBot": FLAG,
    "profilePicUrl": null(TEXT),
    "remoteJid": null(TEXT),
    "urlPicture": null(TEXT),
    "extraInfo": rows(FIELD),
    "tags": rows(TAG),
    "wallets": rows(AGENT),
}
# What each change answers with (rest.md §10): these keys and no others.
AFTER_CHANGE = (
    "id", "name", "number", "channel", "email", "companyId", "acceptAudioMessage", "active",
    "profilePicUrl", "remoteJid", "urlPicture", "extraInfo", "tags", "wallets",
)  # fmt: skip
AFTER_AUDIO = (
    "id", "name", "number", "email", "profilePicUrl", "companyId", "acceptAudioMessage",
    "urlPicture", "extraInfo", "wallets",
)  # fmt: skip
AFTER_BOT = (
    "id", "name", "number", "email", "profilePicUrl", "companyId", "acceptAudioMessage",
    "disableBot", "urlPicture", "extraInfo",
)  # fmt: skip
AFTER_WALLETS = (
    "id", "name", "number", "email", "profilePicUrl", "urlPicture", "companyId", "extraInfo",
    "tags", "wallets",
)  # fmt: skip
CHANGED, AUDIO_TURNED, BOT_TURNED, WALLETS_SET = (
    of(**{key: _TYPES[key] for key in keys})
    for keys in (AFTER_CHANGE, AFTER_AUDIO, AFTER_BOT, AFTER_WALLETS)
)
TAGGED = shape("TaggedContact", COLUMNS, tags=rows(TAG))
CREATED = shape("CreatedContact", COLUMNS, extraInfo=rows(FIELD), wallets=rows(AGENT))
# Tickets answer with it, and refer to it by its name.
shape(
    "ContactMini",
    id=INT,
    name=TEXT,
    number=TEXT,
    email=TEXT,
    profilePicUrl=null(TEXT),
    acceptAudioMessage=FLAG,
    active=FLAG,
    urlPicture=null(TEXT),
    companyId=INT,
    extraInfo=rows(FIELD),
    tags=rows(TAG),
)
ROW = shape(
    "ContactRow",
    id=INT,
    name=TEXT,
    number=TEXT,
    email=TEXT,
    isGroup=FLAG,
    urlPicture=null(TEXT),
    active=FLAG,
    companyId=INT,
    channel=TEXT,
    tags=rows(AGENT),
)
CONTACTS = page("contacts", ROW)
MERGE = shape(
    "ContactMerge",
    id=INT,
    contactId=INT,
    merged=of(id=INT, name=TEXT, number=TEXT),
    user=null(AGENT),
    createdAt=TIME,
    undoneAt=null(TIME),
)
SHEET = {"multipart/form-data": of(file={"type": "string", "format": "binary"})}
IMPORT = shape(
    "ContactImport",
    id=INT,
    fileName=TEXT,
    status={"type": "string", "enum": ["running", "done"]},
    total=INT,
    done=INT,
    created=INT,
    known=INT,
    failed=INT,
    errors=rows(of(row=INT, error=TEXT)),
    userId=null(INT),
    createdAt=TIME,
    finishedAt=null(TIME),
)
