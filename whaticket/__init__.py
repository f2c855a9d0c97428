"""Whaticket: a multi-tenant WhatsApp helpdesk."""

from whaticket.celery import app as celery_app

__all__ = ["celery_app"]
