"""Tables of what a partnership shows and works with; until when experts have access."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [
        ("partnerships", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="public",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="partnership",
            name="texts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="partnershipmembership",
            name="until",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AlterField(
            model_name="partnershipinvitation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("city", "A city: its owner decides with which workspace"),
                    ("coordinator", "Coordinator: invites cities and people"),
                    ("reader", "Reader: reads what the cities share"),
                    (
                        "expert",
                        "Expert from outside: reads meetings, documents and the orientation paper for a time",
                    ),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="partnershipmembership",
            name="role",
            field=models.CharField(
                choices=[
                    ("coordinator", "Coordinator: invites cities and people"),
                    ("reader", "Reader: reads what the cities share"),
                    (
                        "expert",
                        "Expert from outside: reads meetings, documents and the orientation paper for a time",
                    ),
                ],
                max_length=20,
                verbose_name="role",
            ),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paper", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=20)),
                ("section", models.CharField(blank=True, max_length=60)),
                ("text", models.TextField(max_length=4000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("answer", models.TextField(blank=True, max_length=4000)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="partnerships.partnership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HubItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("member", "member"),
                            ("meeting", "meeting"),
                            ("news", "news"),
                            ("document", "document"),
                            ("call", "call"),
                            ("strategy", "strategy"),
                            ("milestone", "milestone"),
                            ("survey", "survey"),
                            ("paper", "paper"),
                            ("plan", "plan"),
                            ("commitment", "commitment"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("public", "public"),
                            ("members", "members"),
                            ("coordinators", "coordinators"),
                        ],
                        max_length=12,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("data", models.JSONField()),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="partnerships.partnership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("member", models.CharField(max_length=120)),
                ("answers", models.JSONField()),
                ("answered_at", models.DateTimeField(auto_now=True)),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="partnerships.hubitem"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FeedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="partnerships.partnership"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("partnership", "user"), name="one_feed_each")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="hubitem",
            constraint=models.UniqueConstraint(fields=("partnership", "kind", "key"), name="hub_key_once"),
        ),
        migrations.AddConstraint(
            model_name="surveyanswer",
            constraint=models.UniqueConstraint(fields=("item", "user"), name="survey_answered_once"),
        ),
    ]
