"""What the routes of tickets and queues answer (rest.md §1.1, models.md Ticket and Queue)."""

from whaticket.openapi import (
    ANY,
    FLAG,
    INT,
    OBJECT,
    SWITCH,
    TEXT,
    TIME,
    Shape,
    null,
    of,
    optional,
    page,
    ref,
    rows,
    shape,
)

STATUS: Shape = {"type": "string", "enum": ["pending", "open", "closed", "group", "nps", "lgpd"]}
_NAMED = ref("Named")
_QUEUE = null(ref("Queue3"))
_TAGS = rows(shape("Tag3", id=INT, name=TEXT, color=TEXT))

COLUMNS = shape(
    "TicketColumns",
    id=INT,
    status=STATUS,
    lastMessage=TEXT,
    contactId=INT,
    userId=null(INT),
    whatsappId=null(INT),
    isGroup=FLAG,
    unreadMessages=INT,
    queueId=null(INT),
    companyId=INT,
    uuid=TEXT,
    chatbot=FLAG,
    queueOptionId=null(INT),
    isBot=FLAG,
    channel=TEXT,
    amountUsedBotQueues=INT,
    fromMe=FLAG,
    sendInactiveMessage=FLAG,
    amountUsedBotQueuesNPS=INT,
    lgpdAcceptedAt=null(TIME),
    lgpdSendMessageAt=null(TIME),
    imported=null(TIME),
    flowWebhook=FLAG,
    lastFlowId=ANY,
    dataWebhook=ANY,
    hashFlowId=ANY,
    useIntegration=FLAG,
    integrationId=null(INT),
    isOutOfHour=FLAG,
    flowStopped=ANY,
    isActiveDemand=FLAG,
    typebotSessionId=ANY,
    typebotStatus=FLAG,
    typebotSessionTime=ANY,
    createdAt=TIME,
    updatedAt=TIME,
)
ROW = optional(
    shape(
        "TicketRow",
        id=INT,
        uuid=TEXT,
        userId=null(INT),
        queueId=null(INT),
        isGroup=FLAG,
        channel=TEXT,
        status=STATUS,
        contactId=INT,
        useIntegration=FLAG,
        lastMessage=TEXT,
        updatedAt=TIME,
        unreadMessages=INT,
        contact=ref("ContactMini"),
        queue=_QUEUE,
        user=null(_NAMED),
        tags=_TAGS,
        whatsapp=null(of(id=INT, name=TEXT, expiresTicket=INT, groupAsTicket=SWITCH)),
        messages=rows(of(id=INT, body=TEXT)),
    ),
    # Only where messages were searched.
    "messages",
)
TICKETS = optional(
    shape("TicketPage", tickets=rows(ROW), count=INT, hasMore=FLAG, cursor=null(TEXT)),
    # Where the next page begins; not told where the pages are numbered.
    "cursor",
)
BOARD = page(
    "tickets",
    shape(
        "TicketOfBoard",
        COLUMNS,
        contact=of(
            id=INT, name=TEXT, number=TEXT, email=TEXT, companyId=INT, urlPicture=null(TEXT)
        ),
        queue=_QUEUE,
        user=null(_NAMED),
        tags=_TAGS,
        whatsapp=null(of(name=TEXT)),
    ),
)
_CONTACT: dict[str, Shape] = {
    "id": INT,
    "companyId": INT,
    "name": TEXT,
    "number": TEXT,
    "email": TEXT,
    "profilePicUrl": null(TEXT),
    "acceptAudioMessage": FLAG,
    "active": FLAG,
    "disableBot": FLAG,
    "urlPicture": null(TEXT),
    "extraInfo": rows(ref("ContactField")),
    "tags": rows(ref("Tag")),
    "wallets": rows(_NAMED),
}
_SHARED = {
    "id": INT,
    "uuid": TEXT,
    "queueId": null(INT),
    "isGroup": FLAG,
    "channel": TEXT,
    "status": STATUS,
    "contactId": INT,
    "useIntegration": FLAG,
    "lastMessage": TEXT,
    "updatedAt": TIME,
    "unreadMessages": INT,
    "companyId": INT,
    "whatsappId": null(INT),
    "imported": null(TIME),
    "lgpdAcceptedAt": null(TIME),
    "amountUsedBotQueues": INT,
    "integrationId": null(INT),
    "userId": null(INT),
    "amountUsedBotQueuesNPS": INT,
    "lgpdSendMessageAt": null(TIME),
    "isBot": FLAG,
    "queue": null(of(id=INT, name=TEXT, color=TEXT, chatbots=rows(OBJECT))),
    "user": null(_NAMED),
    "tags": _TAGS,
    "whatsapp": null(
        of(
            id=INT,
            name=TEXT,
            groupAsTicket=SWITCH,
            greetingMediaAttachment=null(TEXT),
            facebookUserToken=ANY,
            facebookUserId=ANY,
            status=TEXT,
        )
    ),
    "queueIntegration": ANY,
}
SHOW = shape(
    "TicketShow",
    **_SHARED,
    lastFlowId=ANY,
    flowStopped=ANY,
    dataWebhook=ANY,
    flowWebhook=FLAG,
    typebotSessionId=ANY,
    typebotStatus=FLAG,
    typebotSessionTime=ANY,
    sendInactiveMessage=FLAG,
    fromMe=FLAG,
    isOutOfHour=FLAG,
    isActiveDemand=FLAG,
    contact=of(**_CONTACT, remoteJid=null(TEXT), lgpdAcceptedAt=null(TIME)),
    company=of(id=INT, name=TEXT, plan=null(of(id=INT, name=TEXT, useKanban=FLAG))),
    ticketTags=rows(of(tagId=INT)),
)
BY_UUID = shape("TicketUuid", **_SHARED, contact=of(**_CONTACT), company=of(id=INT, name=TEXT))
LOG = rows(
    shape(
        "TicketLog",
        id=INT,
        ticketId=INT,
        userId=null(INT),
        queueId=null(INT),
        type=TEXT,
        createdAt=TIME,
        updatedAt=TIME,
        user=null(_NAMED),
        queue=null(_NAMED),
    )
)
QUEUE = shape(
    "Queue",
    id=INT,
    name=TEXT,
    color=TEXT,
    greetingMessage=TEXT,
    companyId=INT,
    schedules=rows(OBJECT),
    outOfHoursMessage=TEXT,
    orderQueue=null(INT),
    tempoRoteador=INT,
    ativarRoteador=FLAG,
    integrationId=null(INT),
    fileListId=null(INT),
    closeTicket=FLAG,
    createdAt=TIME,
    updatedAt=TIME,
)
QUEUE_WITH_BOTS = shape("QueueWithBots", QUEUE, chatbots=rows(OBJECT))
_CANDIDATES = rows(of(userId=INT, name=TEXT, load=INT, capacity=INT, skipped=null(TEXT)))
ASSIGNMENTS = rows(
    shape(
        "Assignment",
        id=INT,
        ticketId=INT,
        queueId=null(INT),
        userId=null(INT),
        mode=TEXT,
        trigger=TEXT,
        outcome=TEXT,
        attempts=INT,
        createdAt=TIME,
        decidedAt=TIME,
        user=null(_NAMED),
        queue=null(_NAMED),
        candidates=_CANDIDATES,
    )
)
DISTRIBUTION = shape(
    "QueueDistribution",
    queueId=INT,
    mode=TEXT,
    opens=FLAG,
    capacity=INT,
    waitMinutes=INT,
    members=rows(of(userId=INT, name=TEXT, load=INT, capacity=null(INT), skipped=null(TEXT))),
)
TICKET_TAG = shape("TicketTag", ticketId=INT, tagId=INT, createdAt=TIME, updatedAt=TIME)
NOTE = shape(
    "TicketNote",
    id=INT,
    note=TEXT,
    userId=null(INT),
    contactId=INT,
    ticketId=null(INT),
    createdAt=TIME,
    updatedAt=TIME,
)
NOTE_ROW = shape(
    "TicketNoteRow",
    NOTE,
    user=null(of(id=INT, name=TEXT, email=TEXT)),
    contact=_NAMED,
    ticket=null(of(id=INT, status=STATUS, createdAt=TIME)),
)
NOTES = page("ticketNotes", NOTE_ROW)
