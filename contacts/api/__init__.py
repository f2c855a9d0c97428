"""Contacts on the wire (rest.md §10)."""
