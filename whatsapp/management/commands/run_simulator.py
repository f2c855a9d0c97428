"""`manage.py run_simulator`: the stand-in WhatsApp network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from whatsapp.simulator.server import default_data, default_port, serve


class Command(BaseCommand):
    """Serve the simulator until interrupted."""

    help = "Run the stand-in WhatsApp network for demos, training and tests."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=default_port(), help="SIMULATOR_PORT")
        parser.add_argument("--data", type=Path, help="SQLite file of the ledger")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        folder = getattr(settings, "VAR_DIR", None)
        default = Path(folder) / "simulator.sqlite3" if folder else default_data()
        serve(options["host"], options["port"], options["data"] or default)
