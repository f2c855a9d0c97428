"""``manage.py create_company``: a company with its administrator, from the command line."""

import datetime
import getpass
import json
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services import Registration, register_company
from whaticket.exceptions import DomainError


class Command(BaseCommand):
    help = (
        "Creates a company with its administrator. The password is asked for, or taken from the "
        "variable PASSWORD; it never stands in the command line, which others can see."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("email", help="of the administrator, who signs in with it")
        parser.add_argument("--admin-name", default="Admin")
        parser.add_argument("--phone", default="")
        parser.add_argument("--document", default="")
        parser.add_argument("--plan", type=int, default=None, help="id of a plan")
        parser.add_argument("--due", type=datetime.date.fromisoformat, help="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("PASSWORD") or getpass.getpass("Password: ")
        if len(password) < 5:
            raise CommandError("A password has at least five characters.")
        order = Registration(
            name=options["name"],
            email=options["email"].lower(),
            password=password,
            admin_name=options["admin_name"],
            phone=options["phone"],
            document=options["document"],
            plan_id=options["plan"],
            due_on=options["due"],
        )
        try:
            company, admin = register_company(order, by_id=None)
        except DomainError as error:
            raise CommandError(error.code) from error
        self.stdout.write(json.dumps({"company_id": company.pk, "email": admin.email}))
