"""Tables of cities, and what a workspace has settled about its peers."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    initial = True

    dependencies = [
        ("workspaces", "0002_archive_and_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PeerTable",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("title", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=120)),
                ("shared", models.BooleanField(default=False)),
                ("content", models.BinaryField()),
                ("roles", models.TextField(blank=True)),
                ("roles_name", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "being read"),
                            ("ready", "ready"),
                            ("refused", "something has to be mended"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("table", models.JSONField(null=True)),
                ("problems", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="workspaces.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeerChoice",
            fields=[
                (
                    "workspace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="workspaces.workspace",
                    ),
                ),
                ("city", models.CharField(max_length=200)),
                ("weights", models.JSONField(default=dict)),
                ("chosen", models.JSONField(default=list)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "table",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="peers.peertable"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="peertable",
            index=models.Index(fields=["shared", "state"], name="peer_tables_shared"),
        ),
    ]
