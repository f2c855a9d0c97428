"""A tag on a contact becomes a model of its own and says since when; the table stays."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_counts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ContactTag",
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
                            "contact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="contacts.contact",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="contacts.tag",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "contacts_contact_tags",
                        "unique_together": {("contact", "tag")},
                    },
                ),
                migrations.AlterField(
                    "contact",
                    "tags",
                    models.ManyToManyField(
                        blank=True,
                        related_name="contacts",
                        through="contacts.ContactTag",
                        to="contacts.tag",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "contacttag",
            "created_at",
            models.DateTimeField(
                default=django.utils.timezone.now, db_default=Now(), editable=False
            ),
        ),
        migrations.AddField(
            "contacttag",
            "updated_at",
            models.DateTimeField(
                default=django.utils.timezone.now, db_default=Now(), editable=False
            ),
        ),
    ]
