"""The tables of assemblies."""

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
            name="Assembly",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("size", models.PositiveSmallIntegerField(verbose_name="people on the panel")),
                (
                    "objective",
                    models.CharField(
                        choices=[
                            (
                                "leximin",
                                "the lowest chance as large as possible, then the next lowest, and so on",
                            ),
                            ("maximin", "the lowest chance as large as possible"),
                            ("nash", "the product of all chances as large as possible"),
                        ],
                        default="leximin",
                        max_length=10,
                    ),
                ),
                (
                    "households",
                    models.BooleanField(default=False, verbose_name="at most one person of a household"),
                ),
                ("quotas", models.JSONField()),
                ("pool_digest", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField(default=1)),
                ("solved", models.JSONField(null=True)),
                ("trouble", models.TextField(blank=True)),
                ("seed", models.CharField(blank=True, max_length=200)),
                ("listed_at", models.DateTimeField(null=True)),
                ("list_text", models.TextField(blank=True)),
                ("list_digest", models.CharField(blank=True, max_length=64)),
                ("number", models.PositiveIntegerField(null=True)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("changes", models.JSONField(default=list)),
                (
                    "module",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="modules.module"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Volunteer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=40)),
                ("traits", models.JSONField()),
                ("household", models.CharField(blank=True, max_length=64)),
                ("tickets", models.PositiveSmallIntegerField(null=True)),
                ("chance", models.FloatField(null=True)),
                (
                    "seat",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not drawn"),
                            ("drawn", "drawn"),
                            ("left", "drawn, but left"),
                            ("came", "came in for somebody who left"),
                        ],
                        default="",
                        max_length=5,
                    ),
                ),
                (
                    "assembly",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="assembly.assembly"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("assembly", "code"), name="code_once_per_assembly")
                ],
            },
        ),
    ]
