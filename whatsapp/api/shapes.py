"""What the routes of connections answer (models.md Whatsapp; rest.md §1.1, §9 and §26)."""

from whaticket.openapi import (
    ANY,
    FLAG,
    INT,
    OBJECT,
    SWITCH,
    TEXT,
    TIME,
    null,
    of,
    optional,
    page,
    ref,
    rows,
    shape,
)

_CLOUD = of(
    phoneNumberId=TEXT,
    wabaId=TEXT,
    version=TEXT,
    webhookUrl=TEXT,
    hasAccessToken=FLAG,
    hasAppSecret=FLAG,
    hasVerifyToken=FLAG,
)
SESSION = optional(
    shape(
        "Session",
        id=INT,
        name=TEXT,
        status=TEXT,
        statusReason=TEXT,
        qrcode=TEXT,
        retries=INT,
        number=TEXT,
        channel=TEXT,
        driver=TEXT,
        isDefault=FLAG,
        companyId=INT,
        token=TEXT,
        greetingMessage=TEXT,
        complationMessage=TEXT,
        outOfHoursMessage=TEXT,
        ratingMessage=TEXT,
        farewellMessage=TEXT,
        greetingMediaAttachment=null(TEXT),
        maxUseBotQueues=INT,
        timeUseBotQueues=TEXT,
        expiresTicket=INT,
        whenExpiresTicket=TEXT,
        expiresInactiveMessage=TEXT,
        timeInactiveMessage=TEXT,
        inactiveMessage=TEXT,
        expiresTicketNPS=TEXT,
        maxUseBotQueuesNPS=INT,
        timeSendQueue=INT,
        sendIdQueue=null(INT),
        timeCreateNewTicket=INT,
        allowGroup=FLAG,
        groupAsTicket=SWITCH,
        schedules=rows(OBJECT),
        collectiveVacationMessage=TEXT,
        collectiveVacationStart=TEXT,
        collectiveVacationEnd=TEXT,
        importOldMessages=null(TEXT),
        importRecentMessages=null(TEXT),
        importOldMessagesGroups=FLAG,
        closedTicketsPostImported=FLAG,
        queueIdImportMessages=null(INT),
        lastSeenAt=null(TIME),
        createdAt=TIME,
        updatedAt=TIME,
        battery=ANY,
        plugged=ANY,
        provider=TEXT,
        facebookUserToken=ANY,
        tokenMeta=ANY,
        facebookPageUserId=ANY,
        facebookUserId=ANY,
        statusImportMessages=ANY,
        integrationId=null(INT),
        flowIdNotPhrase=null(INT),
        flowIdWelcome=null(INT),
        promptId=null(INT),
        connectionCode=TEXT,
        driverSettings=_CLOUD,
    ),
    # Only for those who manage connections, where there is a pairing code or a Cloud connection.
    "connectionCode",
    "driverSettings",
)
_QUEUE = of(id=INT, name=TEXT, color=TEXT, greetingMessage=TEXT)
ROW = shape("WhatsappRow", SESSION, queues=rows(_QUEUE), prompt=null(OBJECT))
PLATFORM_ROW = shape("WhatsappOfPlatform", SESSION, queues=rows(_QUEUE))
SHOW = shape(
    "WhatsappShow",
    SESSION,
    queues=rows(
        of(
            id=INT,
            name=TEXT,
            color=TEXT,
            greetingMessage=TEXT,
            integrationId=null(INT),
            fileListId=null(INT),
            closeTicket=FLAG,
            chatbots=rows(OBJECT),
        )
    ),
    prompt=null(OBJECT),
    flowBuilder=null(OBJECT),
)
FILE = {
    "multipart/form-data": of(file={"type": "string", "format": "binary"}),
}
STORED = of(mensagem=TEXT)
PAIRING = of(connectionCode=TEXT)

# ------------------------------------------------------------------------- the external API

TOKEN = shape(
    "ApiToken",
    id=INT,
    whatsappId=INT,
    name=TEXT,
    hint=TEXT,
    scopes=rows(TEXT),
    isMain=FLAG,
    ratePerMinute=null(INT),
    userId=null(INT),
    createdAt=TIME,
    lastUsedAt=null(TIME),
)
NEW_TOKEN = shape("NewApiToken", TOKEN, token=TEXT)
TOKENS = of(tokens=rows(TOKEN))
USAGES = page(
    "usages",
    shape(
        "ApiUsage",
        id=INT,
        companyId=INT,
        dateUsed=TEXT,
        UsedOnDay=INT,
        usedText=INT,
        usedPDF=INT,
        usedImage=INT,
        usedVideo=INT,
        usedOther=INT,
        usedCheckNumber=INT,
        createdAt=TIME,
        updatedAt=TIME,
    ),
)
DONE = of(status=TEXT)
KNOWN_NUMBER = of(existsInWhatsapp=FLAG, number=TEXT, numberFormatted=TEXT)
COUNT = of(count=INT)
PROGRAM_CONTACTS = of(
    count=INT,
    contacts=rows(
        shape(
            "ProgramContact",
            ref("ContactColumns"),
            tags=rows(of(id=INT, name=TEXT, color=TEXT, updatedAt=TIME)),
            extraInfo=rows(of(id=INT, name=TEXT, value=TEXT)),
        )
    ),
)
# Every column, as rows of a table; which ones there are is told in models.md.
RAW_MESSAGE = OBJECT
_SENT = {
    "number": TEXT,
    "body": TEXT,
    "userId": null(INT),
    "queueId": null(INT),
    "whatsappId": null(INT),
    "sendSignature": FLAG,
    "closeTicket": FLAG,
    "noRegister": FLAG,
    "quotedMsg": ANY,
    "msdelay": INT,
}
_FILES = {"medias": rows({"type": "string", "format": "binary"})}
EXTERNAL_SEND = {
    "application/json": {"type": "object", "properties": _SENT, "required": ["number"]},
    "multipart/form-data": {
        "type": "object",
        "properties": _SENT | _FILES,
        "required": ["number"],
    },
}
