"""What everybody sees of a consultation is kept as it was when it was published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the place for it. Where it is empty nothing is shown until the answers are published again."""

    dependencies = [("consultation", "0001_initial")]

    operations = [
        migrations.AddField("consultation", "published", models.JSONField(null=True)),
    ]
