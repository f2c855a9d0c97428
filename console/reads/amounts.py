"""How many there are, counted only as far as anybody wants to know."""

from django.db.models import IntegerField, Subquery


class CountUpTo(Subquery):
    """How many rows a subquery has; its slice says where counting ends."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def amount_text(amount: int, most: int) -> str:
    """Say how many there are, or that there are more than were counted."""
    return f"{most}+" if amount > most else str(amount)
