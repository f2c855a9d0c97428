"""The Celery application, and tasks that run inside a company."""

import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")

# What the clock gets to finish its tick when it is asked to end.
LAST_TICK_SECONDS = 6

app = Celery("whaticket")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def _be_seen(**kwargs: Any) -> None:
    # Only a worker needs them, and they must not be imported before the settings are read.
    from whaticket import workers  # noqa: F401 (registers its signals)
    from whaticket.monitor import failures  # noqa: F401 (registers its signal)


@beat_init.connect
def _end_between_ticks(sender: Any, **kwargs: Any) -> None:
    """Let the clock finish its tick when asked to end, and end it when it cannot.

    Celery's own handler writes to the database from within the signal, whatever the clock was
    doing with it at that instant, and may wait there for ever. A tick that is cut off is caught up
    by the next clock.
    """
    # Django imports it with the first connection. Imported by the clock and by the thread that
    # ends it at one instant, it would be there by half for one of them.
    import psycopg_pool  # noqa: F401

    def finish() -> None:
        sender.stop()
        time.sleep(LAST_TICK_SECONDS)
        os._exit(0)

    def end(number: int, frame: FrameType | None) -> None:
        # In a thread: it logs, and the log may be just what the signal interrupted.
        threading.Thread(target=finish, daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
