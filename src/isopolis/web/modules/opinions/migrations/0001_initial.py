"""The tables of conversations."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import isopolis.web.modules.opinions.models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Voter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("brought", models.BooleanField(default=False)),
                ("cell", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "seed",
                    models.CharField(default=isopolis.web.modules.opinions.models.seed_of, max_length=64),
                ),
                (
                    "longest",
                    models.PositiveSmallIntegerField(
                        default=280, verbose_name="longest statement, in characters"
                    ),
                ),
                (
                    "residents",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="residents who could take part"
                    ),
                ),
                ("census", models.JSONField(default=list)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("shown", models.JSONField(default=dict)),
                ("public", models.JSONField(default=dict)),
                ("public_voters", models.PositiveIntegerField(default=0)),
                ("computed_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversation",
                        to="modules.module",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="About",
            fields=[
                (
                    "voter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="opinions.voter",
                    ),
                ),
                ("traits", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Archive",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="opinions.conversation",
                    ),
                ),
                ("content", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="voter",
            name="conversation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="opinions.conversation"),
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField(blank=True, verbose_name="statement")),
                ("language", models.CharField(blank=True, max_length=12)),
                ("by_city", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting to be looked at"),
                            ("accepted", "accepted"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("day", models.DateField()),
                ("votes", models.PositiveIntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="opinions.voter"
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="opinions.conversation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("accepted", models.BooleanField()),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "it keeps the rules"),
                            ("topic", "it is not about the question"),
                            (
                                "several",
                                "it holds several statements: nobody could agree with one and not the other",
                            ),
                            ("twice", "the same statement is there already"),
                            ("person", "it is about a private person, or gives away who somebody is"),
                            ("insult", "it insults people, or incites hatred against a group"),
                            ("unlawful", "it is against the law"),
                            ("nonsense", "it is advertising, or cannot be understood"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="more about the reason")),
                ("day", models.DateField()),
                (
                    "statement",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="opinions.statement"),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "value",
                    models.SmallIntegerField(choices=[(1, "I agree"), (-1, "I disagree"), (0, "Pass")]),
                ),
                (
                    "statement",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="opinions.statement"),
                ),
                (
                    "voter",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="opinions.voter"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="voter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("conversation", "user"),
                name="one_voter_per_account",
            ),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(
                fields=["conversation", "state", "number"], name="opinions_st_convers_fc1174_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                fields=("conversation", "number"), name="statement_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("voter", "statement"), name="one_opinion_each"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__in", (-1, 0, 1))), name="opinion_is_one_of_three"
            ),
        ),
    ]
