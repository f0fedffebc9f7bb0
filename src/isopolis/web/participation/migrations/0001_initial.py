"""The first tables of the participation record."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Participation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "on the web"),
                            ("paper", "on paper"),
                            ("kiosk", "at a public device"),
                            ("sms", "by text message"),
                            ("phone", "by telephone"),
                            ("meeting", "at a meeting"),
                            ("assisted", "with somebody's help"),
                            ("import", "from another system"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cell", models.CharField(blank=True, max_length=300)),
                ("lane", models.PositiveSmallIntegerField(default=0)),
                ("people", models.PositiveBigIntegerField(default=0)),
                (
                    "module",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="modules.module"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("module", "channel", "cell", "lane"), name="participation_counted_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Board",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("asked", models.JSONField(default=dict)),
                ("known", models.JSONField(default=dict)),
                ("shown", models.JSONField(default=dict)),
                ("public", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="board",
                        to="modules.module",
                    ),
                ),
            ],
        ),
    ]
