"""The archive, and invitations by e-mail."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [
        ("workspaces", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="archived_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner: everything, and who is a member"),
                            ("analyst", "Analyst: uploads data and runs diagnoses"),
                            (
                                "participation_officer",
                                "Participation officer: reads findings, runs participation",
                            ),
                            ("policy_officer", "Policy officer: reads and downloads findings"),
                            ("moderator", "Moderator: looks after contributions of residents"),
                            ("viewer", "Viewer: reads findings"),
                            ("resident", "Resident: takes part"),
                        ],
                        max_length=30,
                        verbose_name="role",
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "email"), name="invited_once")],
            },
        ),
    ]
