"""What the routes of contacts answer (rest.md §1.1, models.md Contact)."""

from whaticket.openapi import FLAG, INT, SWITCH, TEXT, TIME, null, of, page, rows, shape

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
MINI = shape(
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
