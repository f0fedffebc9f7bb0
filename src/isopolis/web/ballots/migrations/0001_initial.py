"""The first tables of votes."""

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
            name="Vote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("closed", "closed"), ("tallied", "counted")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("asked", models.JSONField()),
                ("card", models.JSONField()),
                ("least", models.PositiveIntegerField(default=50)),
                ("epoch", models.PositiveIntegerField(default=0)),
                ("tallied_on", models.DateField(null=True)),
                ("result", models.JSONField(null=True)),
                ("bundle", models.BinaryField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="vote", to="modules.module"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Papers",
            fields=[
                (
                    "vote",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="ballots.vote",
                    ),
                ),
                ("marked", models.PositiveIntegerField(default=0)),
                ("entered", models.PositiveIntegerField(default=0)),
                ("invalid", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RollEntry",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "has not voted"),
                            ("voted", "has voted"),
                            ("revoked", "may not vote"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("channel", models.CharField(blank=True, max_length=10)),
                ("cell", models.CharField(blank=True, max_length=300)),
                ("package", models.BooleanField(default=False)),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
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
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="ballots.rollentry"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
            ],
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("day", models.CharField(max_length=10)),
                ("content", models.JSONField(default=dict)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("seal", models.CharField(max_length=64)),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
            ],
            options={
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(fields=("vote", "number"), name="one_log_entry_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Boxed",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("batch", models.PositiveIntegerField()),
                ("commitment", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["vote", "batch", "id"], name="ballots_box_vote_id_0be39f_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=20)),
                ("count", models.PositiveIntegerField(default=0)),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vote", "day", "reason"), name="one_refusal_count")
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("vote", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ballots.vote")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("vote", "kind"), name="one_step_of_a_kind")],
            },
        ),
    ]
