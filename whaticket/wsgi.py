"""WSGI entry point, for REST workers behind the same proxy as daphne."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")

application = get_wsgi_application()

# What the start made lives as long as the process: no use in looking through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
