"""The steps that tickets and queues need; importing this package registers them."""

from chatbots.services.steps import audio, calls, consent, hours, menu, ratings, vacation

__all__ = ["audio", "calls", "consent", "hours", "menu", "ratings", "vacation"]
