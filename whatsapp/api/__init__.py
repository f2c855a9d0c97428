"""Connections over HTTP (rest.md §9, §26) and Meta's webhook."""
