"""What the routes of plans answer (rest.md §1.1 and §5)."""

from billing.wire import FEATURES
from whaticket.openapi import FLAG, INT, TEXT, TIME, page, shape

PLAN13 = shape("Plan13", id=INT, name=TEXT, amount=TEXT, **dict.fromkeys(FEATURES, FLAG))
PLAN16 = shape("Plan16", PLAN13, users=INT, connections=INT, queues=INT)
PLAN = shape(
    "Plan",
    PLAN16,
    isPublic=FLAG,
    recurrence=TEXT,
    trial=FLAG,
    trialDays=INT,
    createdAt=TIME,
    updatedAt=TIME,
)
PLANS = page("plans", PLAN)
