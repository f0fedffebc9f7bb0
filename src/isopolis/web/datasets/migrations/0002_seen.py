"""Headings and first values of every table, for correcting them by form."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column."""

    dependencies = [
        ("datasets", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataset",
            name="seen",
            field=models.JSONField(default=list),
        ),
    ]
