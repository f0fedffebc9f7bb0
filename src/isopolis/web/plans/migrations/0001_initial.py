"""The table of plans."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table."""

    initial = True

    dependencies = [
        ("partnerships", "0002_hub"),
        ("workspaces", "0002_archive_and_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActionPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("content", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField()),
                ("public", models.JSONField(null=True)),
                ("paper", models.BinaryField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "partnership",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="partnerships.partnership"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("workspace", None), ("partnership", None), _connector="XOR"),
                        name="plan_has_one_home",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("partnership", None)),
                        fields=("workspace", "number"),
                        name="plan_number_per_workspace",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("workspace", None)),
                        fields=("partnership", "number"),
                        name="plan_number_per_partnership",
                    ),
                ],
            },
        ),
    ]
