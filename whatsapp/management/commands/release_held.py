"""Decide about what is held since a restore, company by company."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dispatch.services import held_work
from whatsapp.services.upkeep import discard_held, release_held


class Command(BaseCommand):
    help = "Send what is held since `begin_epoch` after all, or give it up, for one company."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", type=int, required=True)
        parser.add_argument(
            "--discard", action="store_true", help="give it up: messages fail, plans are forgotten"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company_id = options["company"]
        if not held_work(company_id):
            raise CommandError(f"Nothing is held for company {company_id}.")
        settle = discard_held if options["discard"] else release_held
        sends, plans = settle(company_id)
        word = "given up" if options["discard"] else "released"
        self.stdout.write(f"{sends} sends and {plans} plans {word}.")
