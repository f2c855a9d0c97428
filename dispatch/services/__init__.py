"""How apps leave work for later, find who an address belongs to, and begin a new epoch."""

from dispatch.services.agenda import (
    Due,
    claim_due,
    hasten,
    on_due,
    plan,
    plan_at_latest,
    plan_each,
    put_off,
    run_due,
    settle,
    unplan,
)
from dispatch.services.epoch import (
    Held,
    approve_agenda,
    begin_epoch,
    current_epoch,
    discard_agenda,
    held_work,
)
from dispatch.services.routes import (
    RouteTaken,
    add_route,
    drop_routes,
    drop_token_route,
    find_route,
    find_token_route,
    hash_token,
)

__all__ = [
    "Due",
    "Held",
    "RouteTaken",
    "add_route",
    "approve_agenda",
    "begin_epoch",
    "claim_due",
    "current_epoch",
    "discard_agenda",
    "drop_routes",
    "drop_token_route",
    "find_route",
    "find_token_route",
    "hash_token",
    "hasten",
    "held_work",
    "on_due",
    "plan",
    "plan_at_latest",
    "plan_each",
    "put_off",
    "run_due",
    "settle",
    "unplan",
]
