"""The Celery application, and tasks that run inside a company."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")

app = Celery("whaticket")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def _be_seen(**kwargs: Any) -> None:
    # Only a worker needs it, and it must not be imported before the settings are read.
    from whaticket import workers  # noqa: F401 (registers its signals)
