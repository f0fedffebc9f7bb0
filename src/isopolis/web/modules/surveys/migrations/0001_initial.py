"""The tables of surveys."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RollEntry",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "has not answered"), ("answered", "has answered")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("cell", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="Code",
            fields=[
                ("id", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("salt", models.CharField(max_length=32)),
                ("secret", models.CharField(max_length=64)),
                (
                    "entry",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="surveys.rollentry"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("anonymous", "everybody, without an account and without a code"),
                            ("roll", "people on a roll, once each, with a code from a letter"),
                        ],
                        default="anonymous",
                        max_length=10,
                    ),
                ),
                ("epoch", models.PositiveIntegerField(default=0)),
                ("uploads", models.JSONField(default=list)),
                ("weights", models.JSONField(default=dict)),
                ("known", models.JSONField(default=dict)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("asked", models.JSONField(default=dict)),
                ("shown", models.JSONField(default=dict)),
                ("public", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="survey",
                        to="modules.module",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="rollentry",
            name="survey",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.survey"),
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("open", "open"), ("closed", "replaced by a newer one")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("sheets", models.JSONField()),
                ("caveats", models.JSONField(default=list)),
                ("purposes", models.JSONField(default=dict)),
                (
                    "survey",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.survey"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("sheet", models.CharField(max_length=40, verbose_name="number of the sheet")),
                (
                    "state",
                    models.CharField(
                        choices=[("once", "typed in once"), ("differs", "differs"), ("done", "counted")],
                        default="once",
                        max_length=10,
                    ),
                ),
                ("first", models.JSONField(default=dict)),
                ("second", models.JSONField(default=dict)),
                (
                    "first_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.version"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("until", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.version"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Apart",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("question", models.CharField(max_length=200)),
                ("value", models.TextField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.version"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=10)),
                ("given", models.JSONField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.version"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="surveys.version"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("survey", "number"), name="survey_version_number"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("survey",), name="one_open_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(fields=("version", "sheet"), name="survey_sheet_once"),
        ),
    ]
