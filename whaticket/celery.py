"""The Celery application, and tasks that run inside a company."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")

app = Celery("whaticket")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
