"""What the routes of reports and dashboards answer (rest.md §7, §22; docs/reports.md)."""

from tickets.api import shapes
from whaticket.openapi import FLAG, INT, NUMBER, TEXT, null, of, ref, rows, shape

REPORT = of(
    tickets=rows(
        shape(
            "ReportedTicket",
            id=INT,
            whatsappName=null(TEXT),
            contactName=TEXT,
            userName=null(TEXT),
            queueName=null(TEXT),
            lastMessage=TEXT,
            uuid=TEXT,
            status=TEXT,
            createdAt=TEXT,
            closedAt=null(TEXT),
            supportTime=TEXT,
            NPS=INT,
        )
    ),
    totalTickets=of(total=TEXT),
)
DASHBOARD = of(
    counters=shape(
        "DashboardCounters",
        avgSupportTime=NUMBER,
        avgWaitTime=NUMBER,
        tickets=INT,
        supportFinished=INT,
        supportHappening=INT,
        supportPending=INT,
        supportGroups=INT,
        leads=INT,
        activeTickets=INT,
        passiveTickets=INT,
        waitRating=INT,
        withoutRating=INT,
        withRating=INT,
        percRating=NUMBER,
        npsPromotersPerc=NUMBER,
        npsPassivePerc=NUMBER,
        npsDetractorsPerc=NUMBER,
        npsScore=NUMBER,
    ),
    attendants=rows(
        shape(
            "DashboardAttendant",
            id=INT,
            name=TEXT,
            online=FLAG,
            avgWaitTime=NUMBER,
            avgSupportTime=NUMBER,
            tickets=INT,
            rating=TEXT,
            countRating=INT,
        )
    ),
)
PER_AGENT = of(data=rows(of(quantidade=INT, nome=TEXT)))
PER_TIME = of(
    count=INT,
    data=rows({"anyOf": [of(total=INT, horario=INT), of(total=INT, data=TEXT)]}),
)
_CONTACT = shape(
    "ContactOfMoment",
    id=INT,
    name=TEXT,
    number=TEXT,
    profilePicUrl=null(TEXT),
    companyId=INT,
    urlPicture=null(TEXT),
)
MOMENTS = rows(
    shape(
        "Moment",
        shapes.COLUMNS,
        contact=_CONTACT,
        user=null(of(id=INT, name=TEXT, profile=TEXT)),
        queue=null(shapes.QUEUE),
    )
)
MOMENTS_OF_USERS = rows(
    shape(
        "MomentOfUser",
        shapes.COLUMNS,
        contact=_CONTACT,
        user=null(of(id=INT, name=TEXT, profile=TEXT, online=FLAG, profileImage=null(TEXT))),
        queue=null(ref("Queue3")),
        whatsapp=null(of(id=INT, name=TEXT)),
    )
)

_DURATIONS = shape(
    "Durations", count=INT, average=null(NUMBER), median=null(NUMBER), longest=null(NUMBER)
)
RATINGS = shape(
    "Ratings",
    count=INT,
    average=null(NUMBER),
    promoters=INT,
    passives=INT,
    detractors=INT,
    score=NUMBER,
)
NUMBERS = shape(
    "ReportNumbers",
    opened=INT,
    closed=INT,
    firstResponse=_DURATIONS,
    waiting=_DURATIONS,
    handling=_DURATIONS,
    ratings=RATINGS,
)
SUMMARY = of(
    groupBy=TEXT,
    dateFrom=null(TEXT),
    dateTo=null(TEXT),
    total=NUMBERS,
    rows=rows(
        shape("ReportGroup", NUMBERS, key={"type": ["integer", "string", "null"]}, name=null(TEXT))
    ),
)
NPS = of(
    dateFrom=null(TEXT),
    dateTo=null(TEXT),
    count=INT,
    average=null(NUMBER),
    promoters=INT,
    passives=INT,
    detractors=INT,
    promotersPercent=NUMBER,
    passivesPercent=NUMBER,
    detractorsPercent=NUMBER,
    score=NUMBER,
    rates=rows(of(rate=INT, count=INT)),
)
