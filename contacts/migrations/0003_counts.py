"""The number of contacts, kept by triggers as that of tickets is (tickets 0002)."""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION public.count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written bigint := 0;
    newest bigint;
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        EXECUTE format(
            'INSERT INTO %1$I.contacts_contactcount (is_group, amount)'
            ' SELECT is_group, %2$s count(*) FROM changed WHERE merged_into_id IS NULL'
            ' GROUP BY is_group',
            TG_TABLE_SCHEMA, CASE TG_OP WHEN 'DELETE' THEN '-' ELSE '' END);
    ELSE
        EXECUTE format(
            'INSERT INTO %1$I.contacts_contactcount (is_group, amount)'
            ' SELECT is_group, amount FROM (VALUES ($1, -1, $2), ($3, 1, $4))'
            ' moved (is_group, amount, merged_into_id) WHERE merged_into_id IS NULL',
            TG_TABLE_SCHEMA)
        USING OLD.is_group, OLD.merged_into_id, NEW.is_group, NEW.merged_into_id;
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written = 0 THEN
        RETURN NULL;
    END IF;
    -- Every 512 rows somebody folds them; rows that another transaction is folding are left to it.
    EXECUTE format(
        'SELECT currval(pg_get_serial_sequence(%L, ''id''))',
        format('%I.contacts_contactcount', TG_TABLE_SCHEMA)) INTO newest;
    IF newest % 512 < written THEN
        EXECUTE format(
            'WITH taken AS (DELETE FROM %1$I.contacts_contactcount WHERE id IN'
            ' (SELECT id FROM %1$I.contacts_contactcount FOR UPDATE SKIP LOCKED) RETURNING *)'
            ' INSERT INTO %1$I.contacts_contactcount (is_group, amount)'
            ' SELECT is_group, sum(amount) FROM taken GROUP BY is_group HAVING sum(amount) <> 0',
            TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER contacts_count_new AFTER INSERT ON contacts_contact
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_contacts();
CREATE TRIGGER contacts_count_gone AFTER DELETE ON contacts_contact
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_contacts();
-- By row, because only so can it have a condition: most updates move nothing.
CREATE TRIGGER contacts_count_moved AFTER UPDATE ON contacts_contact FOR EACH ROW
    WHEN ((OLD.is_group, OLD.merged_into_id) IS DISTINCT FROM (NEW.is_group, NEW.merged_into_id))
    EXECUTE FUNCTION public.count_contacts();
INSERT INTO contacts_contactcount (is_group, amount)
SELECT is_group, count(*) FROM contacts_contact WHERE merged_into_id IS NULL GROUP BY is_group;
"""

NO_TRIGGERS = """
DROP TRIGGER contacts_count_new ON contacts_contact;
DROP TRIGGER contacts_count_gone ON contacts_contact;
DROP TRIGGER contacts_count_moved ON contacts_contact;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_folded_names")]

    operations = [
        migrations.CreateModel(
            name="ContactCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_group", models.BooleanField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
