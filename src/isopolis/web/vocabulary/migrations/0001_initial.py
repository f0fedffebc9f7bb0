"""The table of the words of cities."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table."""

    initial = True

    dependencies = [
        ("workspaces", "0002_archive_and_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LocalTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="word")),
                ("lang", models.CharField(max_length=8, verbose_name="language")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unmapped", "nothing alike was found"),
                            ("proposed", "proposed, not yet looked at"),
                            ("confirmed", "confirmed"),
                            ("declined", "a word of its own"),
                        ],
                        default="unmapped",
                        max_length=10,
                    ),
                ),
                ("concept", models.CharField(blank=True, max_length=120)),
                ("score", models.FloatField(default=0.0)),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "judged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "kind", "lang", "label"), name="local_term_once_per_workspace"
                    )
                ],
            },
        ),
    ]
