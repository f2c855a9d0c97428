"""What clients hear of messages, of what the team keeps, and of what it says to itself."""

from messaging.receivers import library, messages, team, timers

__all__ = ["library", "messages", "team", "timers"]
