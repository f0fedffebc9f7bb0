"""What was withdrawn in this installation is known apart from what its origin withdrew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the mark."""

    dependencies = [("library", "0002_search")]

    operations = [
        migrations.AddField(
            model_name="entry", name="withdrawn_here", field=models.BooleanField(default=False)
        ),
    ]
