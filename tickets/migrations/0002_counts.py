"""Totals of ticket lists, kept by triggers.

The function lives in `public`, once; the triggers are cloned with a company's tables and tell it
by TG_TABLE_SCHEMA where to write.
"""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION public.count_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written bigint := 0;
    newest bigint;
    columns constant text := 'status, queue_id, agent_id, is_group, connection_id, is_newest_closed';
    place constant text := 'status, queue_id, agent_id, is_group, '
        'CASE WHEN is_group THEN connection_id END, is_newest_closed';
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        EXECUTE format(
            'INSERT INTO %1$I.tickets_ticketcount (%2$s, amount)'
            ' SELECT %3$s, %4$s count(*) FROM changed GROUP BY %3$s',
            TG_TABLE_SCHEMA, columns, place, CASE TG_OP WHEN 'DELETE' THEN '-' ELSE '' END);
        GET DIAGNOSTICS written = ROW_COUNT;
    ELSE
        EXECUTE format(
            'INSERT INTO %1$I.tickets_ticketcount (%2$s, amount)'
            ' VALUES ($1, $2, $3, $4, CASE WHEN $4 THEN $5 END, $6, -1),'
            ' ($7, $8, $9, $10, CASE WHEN $10 THEN $11 END, $12, 1)', TG_TABLE_SCHEMA, columns)
        USING OLD.status, OLD.queue_id, OLD.agent_id, OLD.is_group, OLD.connection_id,
            OLD.is_newest_closed, NEW.status, NEW.queue_id, NEW.agent_id, NEW.is_group,
            NEW.connection_id, NEW.is_newest_closed;
        written := 2;
    END IF;
    IF written = 0 THEN
        RETURN NULL;
    END IF;
    -- Every 512 rows somebody folds them; rows that another transaction is folding are left to it.
    EXECUTE format(
        'SELECT currval(pg_get_serial_sequence(%L, ''id''))',
        format('%I.tickets_ticketcount', TG_TABLE_SCHEMA)) INTO newest;
    IF newest % 512 < written THEN
        EXECUTE format(
            'WITH taken AS (DELETE FROM %1$I.tickets_ticketcount WHERE id IN'
            ' (SELECT id FROM %1$I.tickets_ticketcount FOR UPDATE SKIP LOCKED) RETURNING *)'
            ' INSERT INTO %1$I.tickets_ticketcount (%2$s, amount)'
            ' SELECT %2$s, sum(amount) FROM taken GROUP BY %2$s HAVING sum(amount) <> 0',
            TG_TABLE_SCHEMA, columns);
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER tickets_count_new AFTER INSERT ON tickets_ticket
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_tickets();
CREATE TRIGGER tickets_count_gone AFTER DELETE ON tickets_ticket
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_tickets();
-- By row, because only so can it have a condition: most updates are messages and move nothing.
CREATE TRIGGER tickets_count_moved AFTER UPDATE ON tickets_ticket FOR EACH ROW
    WHEN ((OLD.status, OLD.queue_id, OLD.agent_id, OLD.is_group, OLD.connection_id,
           OLD.is_newest_closed) IS DISTINCT FROM
          (NEW.status, NEW.queue_id, NEW.agent_id, NEW.is_group, NEW.connection_id,
           NEW.is_newest_closed))
    EXECUTE FUNCTION public.count_tickets();
INSERT INTO tickets_ticketcount
    (status, queue_id, agent_id, is_group, connection_id, is_newest_closed, amount)
SELECT status, queue_id, agent_id, is_group, CASE WHEN is_group THEN connection_id END,
    is_newest_closed, count(*)
FROM tickets_ticket GROUP BY 1, 2, 3, 4, 5, 6;
"""

NO_TRIGGERS = """
DROP TRIGGER tickets_count_new ON tickets_ticket;
DROP TRIGGER tickets_count_gone ON tickets_ticket;
DROP TRIGGER tickets_count_moved ON tickets_ticket;
"""


class Migration(migrations.Migration):

    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TicketCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(max_length=7)),
                ("queue_id", models.BigIntegerField(null=True)),
                ("agent_id", models.BigIntegerField(null=True)),
                ("is_group", models.BooleanField()),
                ("connection_id", models.BigIntegerField(null=True)),
                ("is_newest_closed", models.BooleanField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["queue", "status", "-updated_at", "-id"], name="tickets_of_queue"),
        ),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
