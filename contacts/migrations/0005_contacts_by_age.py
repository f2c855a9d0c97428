"""Reports take the contacts that came to be known in a period."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_contact_tags")]

    operations = [
        migrations.AddIndex("contact", models.Index(fields=["created_at"], name="contacts_by_age")),
    ]
