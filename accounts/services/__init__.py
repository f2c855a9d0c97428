"""Every write to accounts."""

from accounts.services.pictures import folder_of, remove_profile_image, set_profile_image
from accounts.services.presence import leave, note_presence, sweep_silent
from accounts.services.recovery import (
    claim_recovery,
    record_mailed,
    request_recovery,
    reset_password,
    unmailed_recoveries,
)
from accounts.services.sessions import (
    disconnect_others,
    end_sessions,
    prune_sessions,
    renew,
    require_hours,
    sign_in,
    sign_out,
)
from accounts.services.users import (
    create_user,
    find_user,
    remove_user,
    sign_out_everywhere,
    update_user,
)
from accounts.services.visits import end_visit, enter_company, visit_in_force

__all__ = [
    "claim_recovery",
    "create_user",
    "disconnect_others",
    "end_sessions",
    "end_visit",
    "enter_company",
    "find_user",
    "folder_of",
    "leave",
    "note_presence",
    "prune_sessions",
    "record_mailed",
    "remove_profile_image",
    "remove_user",
    "renew",
    "request_recovery",
    "require_hours",
    "reset_password",
    "set_profile_image",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "sweep_silent",
    "unmailed_recoveries",
    "update_user",
    "visit_in_force",
]
