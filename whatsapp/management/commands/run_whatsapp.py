"""Run the process that owns WhatsApp sessions."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from whatsapp.worker import Worker


class Command(BaseCommand):
    help = "Run the WhatsApp session worker (any number of them, on any number of hosts)."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(Worker().run())
