"""The tables of exchanges."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("frames", "0001_initial"),
        ("workspaces", "0002_archive_and_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("questions", models.JSONField(default=list)),
                ("stated", models.JSONField(default=dict)),
                ("started", models.DateField()),
                ("closed", models.DateField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="frames.sheet",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangePeer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(blank=True, max_length=2)),
                (
                    "degurba",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "1, city"), (2, "2, town or suburb"), (3, "3, rural area")], null=True
                    ),
                ),
                ("article11", models.BooleanField(null=True)),
                ("persons", models.PositiveSmallIntegerField(null=True)),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="peers",
                        to="exchanges.exchangeplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangeLesson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("learnt", models.DateField()),
                ("change", models.TextField(blank=True)),
                ("changed", models.DateField(null=True)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lessons",
                        to="exchanges.exchangeplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangeStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=60)),
                ("planned", models.DateField(null=True)),
                ("done", models.DateField(null=True)),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="exchanges.exchangeplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangeVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("place", models.CharField(max_length=120)),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="exchanges.exchangeplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SentReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("sent_at", models.DateTimeField()),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="exchanges.exchangeplan",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="exchangeplan",
            constraint=models.UniqueConstraint(fields=("workspace", "number"), name="exchange_number"),
        ),
        migrations.AddConstraint(
            model_name="exchangestep",
            constraint=models.UniqueConstraint(fields=("exchange", "step"), name="exchange_step_once"),
        ),
        migrations.AddConstraint(
            model_name="sentreminder",
            constraint=models.UniqueConstraint(fields=("exchange", "key"), name="exchange_reminder_once"),
        ),
    ]
