"""Database functions that several rooms use."""

from django.db.models import CharField, Func


class Folded(Func):
    """Text without accents and case: what accent-insensitive search and order compare."""

    function = "public.folded"
    output_field = CharField()
