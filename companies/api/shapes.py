"""What the routes of companies answer (models.md; rest.md §1.1 and §4)."""

from companies import wire
from whaticket.openapi import (
    FLAG,
    INT,
    OBJECT,
    SWITCH,
    TEXT,
    TIME,
    null,
    of,
    page,
    ref,
    rows,
    shape,
)

COMPANY = shape(
    "Company",
    id=INT,
    name=TEXT,
    phone=TEXT,
    email=TEXT,
    planId=null(INT),
    status=FLAG,
    schedules=rows(OBJECT),
    dueDate=null(TIME),
    recurrence=TEXT,
    document=TEXT,
    paymentMethod=TEXT,
    lastLogin=null(TIME),
    folderSize=null(TEXT),
    numberFileFolder=null(TEXT),
    updatedAtFolder=null(TIME),
    createdAt=TIME,
    updatedAt=TIME,
)
_KINDS = {"flag": SWITCH, "bool": FLAG, "text": TEXT}
SETTINGS = shape(
    "CompanySettings",
    id=INT,
    companyId=INT,
    **{key: _KINDS[kind] for key, (_, kind) in wire.SETTING_FIELDS.items()},
    createdAt=TIME,
    updatedAt=TIME,
)
NAMED_SETTING = shape(
    "NamedSetting",
    id=INT,
    key=TEXT,
    value=TEXT,
    companyId=null(INT),
    createdAt=TIME,
    updatedAt=TIME,
)
LISTED = shape(
    "CompanyListed",
    COMPANY,
    plan=null(of(id=INT, name=TEXT, amount=TEXT)),
    settings=rows(NAMED_SETTING),
)
COMPANIES = page("companies", shape("CompanyOfPage", COMPANY, plan=null(of(name=TEXT))))
WITH_PLAN = shape("CompanyWithPlan", COMPANY, plan=null(ref("Plan16")))
WITH_MENU = shape(
    "CompanyWithMenu",
    id=INT,
    name=TEXT,
    email=TEXT,
    status=FLAG,
    dueDate=null(TIME),
    createdAt=TIME,
    phone=TEXT,
    document=TEXT,
    lastLogin=null(TIME),
    plan=null(ref("Plan16")),
)
WITH_DISK = shape(
    "CompanyWithDisk",
    WITH_MENU,
    folderSize=TEXT,
    numberFileFolder=TEXT,
    updatedAtFolder=null(TIME),
    metrics=of(folderSize=INT, numberOfFiles=INT, lastUpdated=null(TIME)),
)
