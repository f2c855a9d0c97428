"""``manage.py add_two_factor``: an operator's first authenticator, from the command line."""

from argparse import ArgumentParser
from typing import Any

import qrcode
from django.core.management.base import BaseCommand, CommandError
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User


class Command(BaseCommand):
    help = "Adds an authenticator to an operator's account and shows its QR code, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.with_email(options["email"]).filter(is_super=True).first()
        if user is None:
            raise CommandError("No operator has that address.")
        device = TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)
        code = qrcode.QRCode(border=1)
        code.add_data(device.config_url)
        code.print_ascii(out=self.stdout)
        self.stdout.write(device.config_url)
