"""Tells a computation that ends itself from one whose server was stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the count of ends without a word."""

    dependencies = [("work", "0001_initial")]

    operations = [
        migrations.AddField("job", "fell", models.PositiveIntegerField(default=0)),
    ]
