from django.db import migrations

BODY = "lower(public.unaccent('public.unaccent'::regdictionary, $1))"
HEAD = "CREATE OR REPLACE FUNCTION public.folded(text) RETURNS text"
KIND = "IMMUTABLE PARALLEL SAFE STRICT AS"


class Migration(migrations.Migration):
    """The same result in half the time: PostgreSQL cannot inline this as SQL, for unaccent is not
    immutable by its own account, and starts an executor for every call."""

    dependencies = [("companies", "0005_look_is_narrow")]

    operations = [
        migrations.RunSQL(
            f"{HEAD} LANGUAGE plpgsql {KIND} $$ BEGIN RETURN {BODY}; END $$",
            f"{HEAD} LANGUAGE sql {KIND} $$ SELECT {BODY} $$",
        )
    ]
