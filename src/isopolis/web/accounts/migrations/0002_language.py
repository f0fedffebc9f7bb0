"""The language that somebody prefers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, max_length=12, verbose_name="language"),
        ),
    ]
