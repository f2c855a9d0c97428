"""Every write to accounts."""

from accounts.services.presence import leave, note_presence, sweep_silent
from accounts.services.sessions import prune_sessions
from accounts.services.users import create_user

__all__ = ["create_user", "leave", "note_presence", "prune_sessions", "sweep_silent"]
