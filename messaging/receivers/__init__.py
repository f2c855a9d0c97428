"""What clients hear of messages, of the team's library and talk; what lanes and timers say."""

from messaging.receivers import lanes, library, messages, team, timers

__all__ = ["lanes", "library", "messages", "team", "timers"]
