"""The tables of budgets that residents decide."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("modules", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("money", models.PositiveBigIntegerField(default=0)),
                ("currency", models.CharField(default="EUR", max_length=12)),
                ("scale", models.PositiveIntegerField(default=100)),
                (
                    "ballot",
                    models.CharField(
                        choices=[
                            ("approval", "tick projects"),
                            ("choose-1", "tick one project"),
                            ("cumulative", "share out points"),
                            ("scoring", "give points to each project"),
                            ("ordinal", "put projects in order"),
                            ("knapsack", "tick projects that fit into the budget together"),
                        ],
                        default="approval",
                        max_length=12,
                    ),
                ),
                ("limits", models.JSONField(default=dict)),
                ("card", models.JSONField(default=dict)),
                ("threshold", models.PositiveIntegerField(default=0)),
                ("most_each", models.PositiveBigIntegerField(default=0)),
                ("ideas_each", models.PositiveSmallIntegerField(default=3)),
                ("zones", models.JSONField(default=list)),
                ("powers", models.TextField(blank=True, max_length=4000)),
                ("examples", models.JSONField(default=list)),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "module",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget",
                        to="modules.module",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Idea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("text", models.TextField(max_length=4000, verbose_name="idea")),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "on the web"),
                            ("paper", "on paper"),
                            ("assisted", "with somebody's help"),
                            ("meeting", "at a meeting"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("zone", models.CharField(blank=True, max_length=80)),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="where")),
                ("topics", models.CharField(blank=True, max_length=60)),
                ("asked", models.PositiveBigIntegerField(null=True)),
                ("cost", models.PositiveBigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "handed in"),
                            ("in_check", "being checked"),
                            ("repair", "needs repair"),
                            ("accepted", "accepted"),
                            ("refused", "refused"),
                            ("merged", "merged"),
                            ("withdrawn", "withdrawn"),
                            ("on_ballot", "on the ballot"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=2000)),
                ("repair_until", models.DateTimeField(null=True)),
                ("repairs", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("hidden_at", models.DateTimeField(null=True)),
                (
                    "hidden_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("insult", "It insults or threatens people."),
                            ("group", "It stirs up hatred against a group of people."),
                            ("private", "It tells private things about somebody."),
                            ("advert", "It is advertising."),
                            ("off_topic", "It is no idea for the city."),
                            ("unlawful", "It calls for something that is forbidden."),
                        ],
                        max_length=10,
                    ),
                ),
                ("won", models.BooleanField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ideas",
                        to="modules.participant",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ideas", to="budget.budget"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="budget.idea",
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
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("hidden", "hidden"),
                            ("restored", "shown again"),
                            ("kept", "left as it was"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("insult", "It insults or threatens people."),
                            ("group", "It stirs up hatred against a group of people."),
                            ("private", "It tells private things about somebody."),
                            ("advert", "It is advertising."),
                            ("off_topic", "It is no idea for the city."),
                            ("unlawful", "It calls for something that is forbidden."),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("reports", models.PositiveIntegerField(default=0)),
                ("appeal", models.BooleanField(default=False)),
                ("day", models.DateField()),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="budget.idea",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Check",
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
                            ("legality", "Is it lawful, and the city's task?"),
                            ("feasible", "Can it be done?"),
                            ("cost", "What does it cost?"),
                            ("equality", "Does it treat people equally?"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("passed", "passed"),
                            ("repair", "passes if it is repaired"),
                            ("failed", "did not pass"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "reasons",
                    models.TextField(blank=True, max_length=2000, verbose_name="reasons, in plain words"),
                ),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="budget.idea"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdeaVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("language", models.CharField(blank=True, max_length=12)),
                ("asked", models.PositiveBigIntegerField(null=True)),
                ("until", models.DateTimeField()),
                ("repair", models.BooleanField(default=False)),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="budget.idea"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("what", models.CharField(max_length=200, verbose_name="step")),
                ("planned_on", models.DateField(null=True, verbose_name="planned for")),
                ("reached_on", models.DateField(null=True, verbose_name="reached on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("running", "under way"),
                            ("reached", "reached"),
                            ("late", "late"),
                            ("stopped", "stopped"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("spent", models.PositiveBigIntegerField(default=0)),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="budget.idea",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Notice",
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
                        choices=[("report", "report"), ("appeal", "appeal")], default="report", max_length=10
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("insult", "It insults or threatens people."),
                            ("group", "It stirs up hatred against a group of people."),
                            ("private", "It tells private things about somebody."),
                            ("advert", "It is advertising."),
                            ("off_topic", "It is no idea for the city."),
                            ("unlawful", "It calls for something that is forbidden."),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="what is wrong")),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="budget.idea"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told", models.JSONField(default=dict)),
                ("trouble", models.TextField(blank=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField(null=True)),
                (
                    "budget",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="result", to="budget.budget"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["budget", "state", "number"], name="budget_idea_budget__02f4c8_idx"),
        ),
        migrations.AddConstraint(
            model_name="idea",
            constraint=models.UniqueConstraint(fields=("budget", "number"), name="idea_number_per_budget"),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["idea", "kind", "at"], name="budget_chec_idea_id_510f02_idx"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("by__isnull", False), ("settled_at__isnull", True)),
                fields=("idea", "kind", "by"),
                name="one_open_notice_per_person",
            ),
        ),
    ]
