"""The store of equality attributes."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Published",
            fields=[
                ("place", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("ledger", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=64)),
                ("attribute", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("month", models.CharField(max_length=7)),
            ],
            options={
                "indexes": [models.Index(fields=["place", "attribute"], name="equality_an_place_c92fd4_idx")],
                "constraints": [models.UniqueConstraint(fields=("key", "attribute"), name="one_answer_each")],
            },
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("workspace", models.UUIDField(db_index=True)),
                ("module", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField()),
                ("purpose", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("attributes", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "module", "version"), name="one_text_per_version"
                    )
                ],
            },
        ),
    ]
