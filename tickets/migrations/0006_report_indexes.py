"""What reports look for: the moments at which their numbers came to be."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_ratings")]

    operations = [
        migrations.AddIndex(
            "ticket", models.Index(fields=["-created_at", "-id"], name="tickets_by_opening")
        ),
        migrations.AddIndex(
            "episode", models.Index(fields=["created_at"], name="tickets_episodes_begun")
        ),
        migrations.AddIndex(
            "episode",
            models.Index(
                fields=["started_at"],
                condition=models.Q(started_at__isnull=False),
                name="tickets_episodes_taken_up",
            ),
        ),
        migrations.AddIndex(
            "episode",
            models.Index(
                fields=["closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="tickets_episodes_closed",
            ),
        ),
        migrations.AddIndex(
            "rating", models.Index(fields=["created_at"], name="tickets_ratings_by_time")
        ),
    ]
