"""Tickets and queues on the wire (rest.md §7, §15)."""
