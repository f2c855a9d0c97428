"""WSGI entry point, for REST workers behind the same proxy as daphne."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")

application = get_wsgi_application()
