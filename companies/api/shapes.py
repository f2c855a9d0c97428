"""What the routes of companies answer (models.md; rest.md §1.1 and §4)."""

from companies.registry import COLUMNS, Kind
from companies.wire import WHITELABEL_FIELDS
from whaticket.openapi import (
    FLAG,
    INT,
    NUMBER,
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
_KINDS = {Kind.SWITCH: SWITCH, Kind.TRUTH: FLAG}
SETTINGS = shape(
    "CompanySettings",
    id=INT,
    companyId=INT,
    **{key.name: _KINDS.get(key.kind, TEXT) for key in COLUMNS},
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

ANNOUNCEMENT = shape(
    "Announcement",
    id=INT,
    priority=null(INT),
    title=TEXT,
    text=TEXT,
    mediaPath=null(TEXT),
    mediaName=null(TEXT),
    companyId=INT,
    status=FLAG,
    createdAt=TIME,
    updatedAt=TIME,
)
ANNOUNCEMENT_LISTED = shape("AnnouncementListed", ANNOUNCEMENT, company=of(id=INT, name=TEXT))
HELP = shape(
    "Help",
    id=INT,
    title=TEXT,
    description=TEXT,
    video=TEXT,
    link=TEXT,
    createdAt=TIME,
    updatedAt=TIME,
)
PARTNER = shape(
    "Partner",
    id=INT,
    name=TEXT,
    phone=TEXT,
    email=TEXT,
    document=TEXT,
    commission=NUMBER,
    typeCommission=TEXT,
    walletId=TEXT,
    createdAt=TIME,
    updatedAt=TIME,
)
LOGIN_CONFIG = shape(
    "LoginConfig",
    id=INT,
    theme=TEXT,
    logoUrl=TEXT,
    backgroundImageUrl=TEXT,
    title=TEXT,
    subtitle=TEXT,
    typingTexts=rows(TEXT),
    primaryColor=TEXT,
    secondaryColor=TEXT,
    enableTypingEffect=FLAG,
    enableAnimations=FLAG,
    enablePasswordRecovery=FLAG,
    customCss=TEXT,
    welcomeMessage=TEXT,
    teamImages=rows(TEXT),
    mailHost=null(TEXT),
    mailPort=null(INT),
    mailUser=null(TEXT),
    mailFrom=null(TEXT),
    mailSecure=null(FLAG),
    mailPass=null(TEXT),
    createdAt=TIME,
    updatedAt=TIME,
)
_NUMBERS = ("fontSizeBase", "fontWeightNormal", "fontWeightBold")
WHITELABEL_CONFIG = shape(
    "WhitelabelConfig",
    id=INT,
    **{key: INT if key in _NUMBERS else TEXT for key in WHITELABEL_FIELDS},
    createdAt=TIME,
    updatedAt=TIME,
)
THEME = shape(
    "LoginTheme",
    name=TEXT,
    description=TEXT,
    primaryColor=TEXT,
    secondaryColor=TEXT,
    backgroundGradient=TEXT,
    backgroundImageUrl=TEXT,
    layout=TEXT,
    typingTexts=rows(TEXT),
    icon=TEXT,
    decorations=rows(TEXT),
)
optional(THEME, "decorations")
