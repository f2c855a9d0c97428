"""How waiting tickets find an agent by themselves, and what was decided about each."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# Queues that clients had switched on drew an agent at random (behaviour 105).
AS_BEFORE = """
UPDATE tickets_queue SET distribution = 'random' WHERE router_is_on AND router_minutes > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_tags_and_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="agent_capacity",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Tickets an agent may hold and still get one from here; 0: no limit",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="distribution",
            field=models.CharField(
                choices=[
                    ("off", "Off"),
                    ("random", "Random"),
                    ("next", "Next"),
                    ("least_busy", "Least Busy"),
                    ("last_agent", "Last Agent"),
                ],
                default="off",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="opens_assigned",
            field=models.BooleanField(
                default=False, help_text="The agent need not accept what is assigned"
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="capacity",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Instead of the queue's; empty: the queue's, 0: no limit",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="last_assigned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="queue",
            name="router_minutes",
            field=models.PositiveIntegerField(
                default=0,
                help_text="A ticket not picked up for so long goes to another agent; 0: never",
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("random", "Random"),
                            ("next", "Next"),
                            ("least_busy", "Least Busy"),
                            ("last_agent", "Last Agent"),
                            ("wallet", "Wallet"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("entered", "Entered"),
                            ("not_picked_up", "Not Picked Up"),
                            ("menu", "Chosen In Menu"),
                            ("opened", "Opened"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("assigned", "Assigned"), ("kept", "Kept"), ("nobody", "Nobody")],
                        max_length=8,
                    ),
                ),
                ("candidates", models.JSONField(default=list)),
                ("attempts", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "agent",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assignments",
                        to="tickets.queue",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["ticket", "-id"], name="tickets_assignments")],
            },
        ),
        migrations.RunSQL(AS_BEFORE, migrations.RunSQL.noop),
    ]
