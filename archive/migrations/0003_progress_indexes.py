from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0002_masters_and_events_immutable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="photograph",
            index=models.Index(
                fields=["title", "collection"], name="photograph_by_title"
            ),
        ),
        migrations.AddIndex(
            model_name="photograph",
            index=models.Index(
                fields=["collection", "tagged_at", "colorized_at"],
                name="photograph_progress",
            ),
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["term", "state"], name="suggestion_by_term"),
        ),
    ]
