"""The tables of worries desks."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import isopolis.web.modules.worries.models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Worry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(null=True)),
                ("outside", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True, verbose_name="worry")),
                ("public_text", models.TextField(blank=True, verbose_name="what everybody reads")),
                ("language", models.CharField(blank=True, max_length=12)),
                ("service", models.CharField(blank=True, max_length=200)),
                ("proposed", models.CharField(blank=True, max_length=80)),
                ("topic", models.CharField(blank=True, max_length=80, verbose_name="topic")),
                ("looked", models.BooleanField(default=False)),
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
                ("people", models.PositiveIntegerField(default=1)),
                ("zone", models.CharField(blank=True, max_length=120)),
                ("street", models.CharField(blank=True, max_length=200)),
                ("seen", models.CharField(blank=True, max_length=120)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("registered", models.BooleanField(default=False)),
                ("registered_at", models.DateTimeField(null=True)),
                ("resolved", models.BooleanField(default=False)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unread", "not read yet"),
                            ("shown", "published"),
                            ("hidden", "hidden"),
                            ("none", "without text"),
                        ],
                        default="unread",
                        max_length=6,
                    ),
                ),
                (
                    "joined_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="same",
                        to="worries.worry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FileImport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("suffix", models.CharField(max_length=10)),
                ("public_already", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("worries", models.PositiveIntegerField(null=True)),
                ("known_before", models.PositiveIntegerField(default=0)),
                ("told", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "worry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="worries.worry",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="how we can reach you")),
            ],
        ),
        migrations.AddField(
            model_name="worry",
            name="source",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="worries.fileimport"
            ),
        ),
        migrations.CreateModel(
            name="WorryDesk",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("languages", models.JSONField(default=isopolis.web.modules.worries.models._languages)),
                ("zones", models.JSONField(default=list)),
                (
                    "takes_requests",
                    models.BooleanField(default=False, verbose_name="takes requests from programs"),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("shown", models.JSONField(default=dict)),
                ("public", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="worry_desk",
                        to="modules.module",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="worry",
            name="desk",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="worries.worrydesk"),
        ),
        migrations.CreateModel(
            name="Pair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("score", models.FloatField()),
                ("metres", models.FloatField(null=True)),
                ("days", models.FloatField()),
                ("by", models.CharField(max_length=10)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "not answered yet"), ("one", "one worry"), ("two", "two worries")],
                        default="",
                        max_length=3,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pairs_first",
                        to="worries.worry",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pairs_second",
                        to="worries.worry",
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="worries.worrydesk"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HiddenNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("hidden", models.BooleanField()),
                ("topic", models.CharField(blank=True, max_length=80)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "desk",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="worries.worrydesk"),
                ),
            ],
        ),
        migrations.AddField(
            model_name="fileimport",
            name="desk",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="worries.worrydesk"),
        ),
        migrations.AddIndex(
            model_name="worry",
            index=models.Index(
                fields=["desk", "state", "received_at", "id"], name="worries_wor_desk_id_f12521_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="worry",
            index=models.Index(
                fields=["desk", "registered", "received_at", "id"], name="worries_wor_desk_id_aad964_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="worry",
            index=models.Index(fields=["desk", "received_at", "id"], name="worries_wor_desk_id_52576f_idx"),
        ),
        migrations.AddIndex(
            model_name="worry",
            index=models.Index(
                fields=["desk", "state", "registered", "resolved"], name="worries_wor_desk_id_d00762_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="worry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outside", ""), _negated=True),
                fields=("desk", "outside"),
                name="worry_read_in_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="worry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("desk", "number"),
                name="worry_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="worry",
            constraint=models.CheckConstraint(
                condition=models.Q(("resolved", False), ("registered", True), _connector="OR"),
                name="worry_registered_before_resolved",
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                fields=["desk", "answer", "-score", "id"], name="worries_pai_desk_id_ab6f35_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="worry_pair_once"),
        ),
    ]
