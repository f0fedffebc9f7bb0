"""The tables of consultations."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shown", models.JSONField()),
                ("answers_published_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="modules.module"),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consultations",
                        to="plans.actionplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(blank=True, max_length=60)),
                ("text", models.CharField(max_length=500, verbose_name="question")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="consultation.consultation"
                    ),
                ),
            ],
            options={
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(blank=True, max_length=60)),
                ("summary", models.CharField(max_length=2000, verbose_name="the point, in the city's words")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not decided yet"),
                            ("taken_up", "taken up"),
                            ("in_part", "taken up in part"),
                            ("not_taken_up", "not taken up"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("why", models.TextField(blank=True, max_length=4000, verbose_name="why")),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="consultation.consultation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("action", models.CharField(blank=True, max_length=60)),
                (
                    "stance",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "I do not want to say"),
                            ("for", "I am for it"),
                            ("partly", "I am for it with changes"),
                            ("against", "I am against it"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=4000, verbose_name="what you want to say")),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("online", "on this page"),
                            ("paper", "on paper"),
                            ("phone", "by telephone"),
                            ("meeting", "at a meeting"),
                            ("mail", "by letter or e-mail"),
                        ],
                        default="online",
                        max_length=10,
                    ),
                ),
                ("day", models.DateField()),
                (
                    "set_aside",
                    models.CharField(blank=True, max_length=300, verbose_name="why it needs no answer"),
                ),
                ("withdrawn", models.BooleanField(default=False)),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="modules.participant"
                    ),
                ),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="consultation.consultation"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="consultation.question"
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="points",
                        to="consultation.topic",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["consultation", "day", "id"], name="consultatio_consult_8df7f4_idx")
                ],
            },
        ),
    ]
