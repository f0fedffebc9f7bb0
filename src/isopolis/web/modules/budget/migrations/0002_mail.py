"""Which mail somebody wants about a budget, and what they were sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _of_somebody() -> list[tuple[str, models.Field]]:
    """Return the columns that both tables begin with."""
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        (
            "user",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [("budget", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="MailChoice",
            fields=[
                *_of_somebody(),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mail_choices",
                        to="budget.budget",
                    ),
                ),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("own", "mail about ideas of my own"),
                            ("all", "mail about ideas of my own, the result, and every funded project"),
                            ("none", "no mail"),
                        ],
                        default="own", max_length=5,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["user", "budget"], name="budget_mail_choice_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="MailTold",
            fields=[
                *_of_somebody(),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="budget.budget"
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["budget", "user"], name="budget_mail_budget__b964c5_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=["user", "budget", "key"], name="budget_mail_told_once")
                ],
            },
        ),
    ]  # fmt: skip
