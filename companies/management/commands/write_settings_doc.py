"""``manage.py write_settings_doc``: the table of docs/settings.md, out of the registry."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from companies.registry import KEYS, Key, Kind, Place

BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


class Command(BaseCommand):
    help = "Writes the table of settings into docs/settings.md."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "settings.md"
        text = path.read_text()
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        path.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")
        self.stdout.write(str(path))


def table() -> str:
    """Write every setting as a row of Markdown, in English."""
    head = "| Setting | Values | Default | Written by | Kept as | Public | Effect |\n"
    head += "| --- | --- | --- | --- | --- | --- | --- |\n"
    with translation.override("en"):
        return head + "\n".join(_row(key) for key in KEYS)


def _row(key: Key) -> str:
    values = ", ".join(f"`{one}`" for one in key.choices) if key.kind is Kind.CHOICE else key.kind
    default = key.text(key.default)
    place = f"`{key.field}`" if key.place is Place.COLUMN else key.place
    cells = [
        f"`{key.name}`",
        str(values),
        f"`{default}`" if default else "empty",
        "operators" if key.by_operator else "administrators",
        str(place),
        "yes" if key.is_public else "no",
        key.effect,
    ]
    return f"| {' | '.join(cells)} |"
