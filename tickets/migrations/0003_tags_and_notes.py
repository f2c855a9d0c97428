"""A tag on a ticket becomes a model of its own and says since when; notes on contacts."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_contact_tags"),
        ("tickets", "0002_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="TicketTag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "ticket",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="placements",
                                to="tickets.ticket",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="placements",
                                to="contacts.tag",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "tickets_ticket_tags",
                        "unique_together": {("ticket", "tag")},
                    },
                ),
                migrations.AlterField(
                    "ticket",
                    "tags",
                    models.ManyToManyField(
                        blank=True,
                        related_name="tickets",
                        through="tickets.TicketTag",
                        to="contacts.tag",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "tickettag",
            "created_at",
            models.DateTimeField(
                default=django.utils.timezone.now, db_default=Now(), editable=False
            ),
        ),
        migrations.AddField(
            "tickettag",
            "updated_at",
            models.DateTimeField(
                default=django.utils.timezone.now, db_default=Now(), editable=False
            ),
        ),
        migrations.CreateModel(
            name="TicketNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(max_length=255)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "author",
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
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="contacts.contact",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notes",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
    ]
