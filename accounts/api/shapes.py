"""What the routes of people answer (rest.md §1.1, §2 and §3)."""

from accounts import wire
from whaticket.openapi import FLAG, INT, SWITCH, TEXT, TIME, Shape, null, of, page, ref, rows, shape

_FIELDS: dict[str, Shape] = {
    "name": TEXT,
    "email": TEXT,
    "profile": {"type": "string", "enum": ["admin", "supervisor", "user"]},
    "profileImage": null(TEXT),
    "super": FLAG,
    "whatsappId": null(INT),
    "online": FLAG,
    "startWork": TEXT,
    "endWork": TEXT,
    "color": TEXT,
    "farewellMessage": TEXT,
    "allTicket": {"type": "string", "enum": ["enable", "disable"]},
    "allowGroup": FLAG,
    "defaultTheme": {"type": "string", "enum": ["light", "dark"]},
    "defaultMenu": {"type": "string", "enum": ["open", "closed"]},
    "allHistoric": SWITCH,
    "allUserChat": SWITCH,
    "userClosePendingTicket": SWITCH,
    "showDashboard": SWITCH,
    "defaultTicketsManagerWidth": INT,
    "allowRealTime": SWITCH,
    "allowConnections": SWITCH,
}


def _person(keys: tuple[str, ...]) -> dict[str, Shape]:
    return {"id": INT, **{key: _FIELDS[key] for key in keys}, "companyId": INT}


QUEUE3 = shape("Queue3", id=INT, name=TEXT, color=TEXT)
_COMPANY = of(id=INT, name=TEXT, dueDate=null(TIME), document=TEXT, plan=null(ref("Plan13")))

ROW = shape(
    "UserRow",
    **_person(wire.ROW),
    queues=rows(QUEUE3),
    company=of(id=INT, name=TEXT, dueDate=null(TIME), document=TEXT),
)
PEOPLE = page("users", ROW)
NAME = shape("UserName", id=INT, name=TEXT, email=TEXT, queues=rows(ref("Queue")))
SHOW = shape("UserShow", **_person(wire.SHOW), queues=rows(QUEUE3), company=_COMPANY)
AUTH = shape(
    "UserAuth",
    **_person(wire.AUTH),
    company=shape("CompanyOfUser", ref("Company"), companieSettings=rows(ref("CompanySettings"))),
    queues=rows(ref("Queue")),
)
UPDATED = shape(
    "UserUpdated",
    **_person(wire.UPDATED),
    company=ref("Company"),
    queues=rows(ref("Queue")),
    greetingMessage=TEXT,
)
ALL = shape(
    "User",
    **_person(tuple(wire.FIELDS)),
    createdAt=TIME,
    updatedAt=TIME,
    queues=rows(QUEUE3),
    company=_COMPANY,
)
SIGNED_IN = of(token=TEXT, user=AUTH)
RENEWED = of(token=TEXT, user=SHOW)
ME = of(id=INT, profile=TEXT, super=FLAG)
PICTURE = of(user=SHOW, message=TEXT)
