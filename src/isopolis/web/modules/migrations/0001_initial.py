"""The first tables of processes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("workspaces", "0002_archive_and_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Process",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                (
                    "description",
                    models.TextField(blank=True, max_length=8000, verbose_name="what it is about"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published"), ("archived", "archived")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Module",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "process",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="modules.process"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shown_as",
                    models.CharField(blank=True, max_length=60, verbose_name="name shown to others"),
                ),
                ("key", models.CharField(blank=True, editable=False, max_length=120)),
                ("since", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
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
                        condition=models.Q(("user__isnull", False)),
                        fields=("user", "workspace"),
                        name="one_participant_each",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("workspace", "key"),
                        name="one_participant_per_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="first day")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="end")),
                (
                    "module",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="modules.module"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("ends_at__gt", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="phase_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="process",
            constraint=models.UniqueConstraint(
                fields=("workspace", "number"), name="process_number_per_workspace"
            ),
        ),
    ]
