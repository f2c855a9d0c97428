"""After a restore: hold what was due before, so that nothing is sent a second time."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.services import begin_epoch, held_work


class Command(BaseCommand):
    help = "Run after a restored backup, before any process starts: holds what was due before."

    def handle(self, *args: Any, **options: Any) -> None:
        sends, plans = begin_epoch()
        self.stdout.write(f"A new epoch: {sends} sends and {plans} plans are held.")
        for held in held_work():
            self.stdout.write(
                f"company {held.company_id}: {held.messages} sends, {held.plans} plans, "
                f"the oldest of {held.oldest:%Y-%m-%d %H:%M} UTC"
            )
        self.stdout.write("Let them happen, or give them up: manage.py release_held --help")
