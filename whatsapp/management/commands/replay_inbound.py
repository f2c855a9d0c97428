"""Understand stored raw events again, after a mistake in reading them was mended."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from companies.models import Company
from whaticket.tenancy import in_company
from whatsapp.services.upkeep import replay


class Command(BaseCommand):
    help = "Project stored raw events again. Nothing doubles; what was missed appears."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=float, default=7, help="how far back (7)")
        parser.add_argument("--company", type=int, help="only this company")
        parser.add_argument("--connection", type=int, help="only this connection of that company")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["connection"] is not None and options["company"] is None:
            raise CommandError("--connection needs --company: ids are the companies' own.")
        if not 0 < options["days"] <= 36_500:
            raise CommandError("--days must be between 0 and 36500.")
        companies = Company.objects.order_by("pk")
        if options["company"] is not None:
            companies = companies.filter(pk=options["company"])
            if not companies.exists():
                raise CommandError(f"There is no company {options['company']}.")
        since = timezone.now() - timedelta(days=options["days"])
        for company_id in list(companies.values_list("pk", flat=True)):
            done = 0
            with in_company(company_id):
                for done, total in replay(since, options["connection"]):
                    self.stdout.write(f"company {company_id}: {done} of {total} events")
            if not done:
                self.stdout.write(f"company {company_id}: no events")
