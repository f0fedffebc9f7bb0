"""A budget that residents decide: its rules, ideas and their checks, moderation, and milestones.

Money is a whole number of units everywhere, `Budget.scale` of them to one of the currency.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module, Participant, Process

__all__ = [
    "EDIT_MINUTES", "TEXT_MOST", "TOPICS_MOST", "Budget", "Check", "Decision", "HouseRule", "Idea",
    "IdeaVersion", "MailChoice", "MailTold", "Milestone", "Notice", "Result", "Topic", "packed", "unpacked",
]  # fmt: skip

EDIT_MINUTES = 60
"""How long an idea can be changed freely after it was handed in, as long as nobody has begun to check it."""
TEXT_MOST = 4000
TOPICS_MOST = 3


class Topic(models.TextChoices):
    """What an idea is about."""

    STREETS = "streets", _("Streets and ways")
    GREEN = "green", _("Parks and nature")
    PLAY = "play", _("Play and sport")
    CULTURE = "culture", _("Culture and meeting")
    LEARNING = "learning", _("Schools and learning")
    CARE = "care", _("Health and care")
    SAFETY = "safety", _("Safety")
    ACCESS = "access", _("Access for everybody")
    CLIMATE = "climate", _("Heat, cold and energy")
    OTHER = "other", _("Something else")


class HouseRule(models.TextChoices):
    """Why something is not shown."""

    INSULT = "insult", _("It insults or threatens people.")
    GROUP = "group", _("It stirs up hatred against a group of people.")
    PRIVATE = "private", _("It tells private things about somebody.")
    ADVERT = "advert", _("It is advertising.")
    OFF_TOPIC = "off_topic", _("It is no idea for the city.")
    UNLAWFUL = "unlawful", _("It calls for something that is forbidden.")


class Budget(models.Model):
    """The rules of one module: how much money, which kind of ballot, by which rule it is shared out."""

    class Ballot(models.TextChoices):
        """What people do with a ballot; as `isopolis.engage.budget.election.BALLOTS`."""

        APPROVAL = "approval", _("tick projects")
        CHOOSE_ONE = "choose-1", _("tick one project")
        CUMULATIVE = "cumulative", _("share out points")
        SCORING = "scoring", _("give points to each project")
        ORDINAL = "ordinal", _("put projects in order")
        KNAPSACK = "knapsack", _("tick projects that fit into the budget together")

    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="budget")
    money = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=12, default="EUR")
    scale = models.PositiveIntegerField(default=100)
    ballot = models.CharField(max_length=12, choices=Ballot.choices, default=Ballot.APPROVAL)
    # limits of a ballot by name, as `isopolis.engage.budget.election.Limits`
    limits = models.JSONField(default=dict)
    # the rule card as plain JSON; what is not in it has its default
    card = models.JSONField(default=dict)
    # smallest score with which a project may be funded; 0 for none
    threshold = models.PositiveIntegerField(default=0)
    # largest cost of one project; 0 for none
    most_each = models.PositiveBigIntegerField(default=0)
    ideas_each = models.PositiveSmallIntegerField(default=3)
    # [[code, name], ...]; codes are those of the census where the city has one
    zones = models.JSONField(default=list)
    # what is in the city's power, in plain words
    powers = models.TextField(blank=True, max_length=4000)
    # [[what, units], ...]: what things cost
    examples = models.JSONField(default=list)
    changed_at = models.DateTimeField(null=True)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.module.windows(feature)

    def on_offer(self) -> models.QuerySet[Idea]:
        """Return the ideas that can go on the ballot: accepted, with a cost, and not hidden."""
        ready = self.ideas.filter(state=Idea.State.ACCEPTED, hidden_at=None, cost__gt=0)
        return ready.order_by("number")

    def zone_name(self, code: str) -> str:
        """Return the name of a neighbourhood; empty for the whole city."""
        return next((str(name) for known, name in self.zones if known == code), code)


class Idea(models.Model):
    """What somebody would have the city do; on the ballot it is a project with its number as id."""

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("handed in")
        IN_CHECK = "in_check", _("being checked")
        REPAIR = "repair", _("needs repair")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        MERGED = "merged", _("merged")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ON_BALLOT = "on_ballot", _("on the ballot")

    class Channel(models.TextChoices):
        """How it came."""

        WEB = "web", _("on the web")
        PAPER = "paper", _("on paper")
        ASSISTED = "assisted", _("with somebody's help")
        MEETING = "meeting", _("at a meeting")

    PUBLIC = ("submitted", "in_check", "repair", "accepted", "refused", "merged", "on_ballot")
    WAITING = ("submitted", "in_check", "repair")

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="ideas")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("idea"), max_length=TEXT_MOST)
    language = models.CharField(max_length=12, blank=True)
    # who proposed it; none for paper and when the account is gone
    author = models.ForeignKey(Participant, on_delete=models.SET_NULL, null=True, related_name="ideas")
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    zone = models.CharField(max_length=80, blank=True)
    place = models.CharField(_("where"), max_length=200, blank=True)
    # "|streets|green|"
    topics = models.CharField(max_length=60, blank=True)
    # what the proposer thinks that it costs, and what the city found; in units of the budget
    asked = models.PositiveBigIntegerField(null=True)
    cost = models.PositiveBigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # the published reason of a refusal, a repair or a merger
    reason = models.TextField(blank=True, max_length=2000)
    repair_until = models.DateTimeField(null=True)
    repairs = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="merged")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_because = models.CharField(max_length=10, choices=HouseRule.choices, blank=True)
    # whether the vote gave it money; none as long as there is no result
    won = models.BooleanField(null=True)

    class Meta:
        """Counted from one in each budget; asked for by state."""

        constraints = [models.UniqueConstraint(fields=["budget", "number"], name="idea_number_per_budget")]
        indexes = [models.Index(fields=["budget", "state", "number"])]

    def __str__(self) -> str:
        return self.title

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.budget.module.process

    @property
    def project_id(self) -> str:
        """Its id on the ballot."""
        return str(self.number)

    @property
    def is_public(self) -> bool:
        """True when everybody may know that it is there."""
        return self.state in self.PUBLIC

    @property
    def is_shown(self) -> bool:
        """True when its text may be read by everybody."""
        return self.is_public and self.hidden_at is None

    @property
    def topic_names(self) -> list[Any]:
        """What it is about, in words."""
        known = dict(Topic.choices)
        return [known[t] for t in unpacked(self.topics) if t in known]

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.budget.module.windows(feature)

    def belongs_to(self, user: Any) -> bool:
        """Tell whether `user` proposed it."""
        mine = self.author.user_id if self.author is not None else None
        return mine is not None and mine == getattr(user, "pk", None)

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it may still be changed: a draft, in repair before its last day, or just handed in."""
        if self.state == self.State.REPAIR:
            return self.repair_until is not None and now < self.repair_until
        if self.state == self.State.SUBMITTED and self.submitted_at is not None:
            return now < self.submitted_at + timedelta(minutes=EDIT_MINUTES)
        return self.state == self.State.DRAFT

    def get_absolute_url(self) -> str:
        """Address of its page."""
        process = self.process
        return reverse(
            "budget_idea", args=[process.workspace.slug, process.number, self.budget.module_id, self.number]
        )


class IdeaVersion(models.Model):
    """An idea before it was changed."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=120)
    text = models.TextField()
    language = models.CharField(max_length=12, blank=True)
    asked = models.PositiveBigIntegerField(null=True)
    until = models.DateTimeField()
    # whether it was changed because the city asked for it
    repair = models.BooleanField(default=False)


class Check(models.Model):
    """What the city found about an idea; the last one of each kind counts, earlier ones stay."""

    class Kind(models.TextChoices):
        """What is checked."""

        LEGALITY = "legality", _("Is it lawful, and the city's task?")
        FEASIBILITY = "feasible", _("Can it be done?")
        COST = "cost", _("What does it cost?")
        EQUALITY = "equality", _("Does it treat people equally?")

    class Verdict(models.TextChoices):
        """What came of it."""

        PASSED = "passed", _("passed")
        REPAIR = "repair", _("passes if it is repaired")
        FAILED = "failed", _("did not pass")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reasons = models.TextField(_("reasons, in plain words"), max_length=2000, blank=True)
    # how often the idea had been repaired when it was checked
    round = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        """In the order in which they were made."""

        indexes = [models.Index(fields=["idea", "kind", "at"])]


class Notice(models.Model):
    """What somebody told the moderators: that an idea should not be shown, or that it should be again."""

    class Kind(models.TextChoices):
        """What it asks for."""

        REPORT = "report", _("report")
        APPEAL = "appeal", _("appeal")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REPORT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    rule = models.CharField(max_length=10, choices=HouseRule.choices, blank=True)
    text = models.CharField(_("what is wrong"), max_length=500, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """One report by each person and idea that waits for an answer."""

        constraints = [
            models.UniqueConstraint(
                fields=["idea", "kind", "by"],
                condition=Q(by__isnull=False, settled_at__isnull=True),
                name="one_open_notice_per_person",
            )
        ]


class Decision(models.Model):
    """A line of the public log of moderation: what was decided about an idea and why; nobody's name."""

    class What(models.TextChoices):
        """What was decided."""

        HIDDEN = "hidden", _("hidden")
        RESTORED = "restored", _("shown again")
        KEPT = "kept", _("left as it was")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="decisions")
    what = models.CharField(max_length=10, choices=What.choices)
    rule = models.CharField(max_length=10, choices=HouseRule.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    # after how many reports, and whether its author had asked
    reports = models.PositiveIntegerField(default=0)
    appeal = models.BooleanField(default=False)
    day = models.DateField()


class Milestone(models.Model):
    """A step until a project is built: planned, reached, what it cost so far."""

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", _("planned")
        RUNNING = "running", _("under way")
        REACHED = "reached", _("reached")
        LATE = "late", _("late")
        STOPPED = "stopped", _("stopped")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField(default=0)
    what = models.CharField(_("step"), max_length=200)
    planned_on = models.DateField(_("planned for"), null=True)
    reached_on = models.DateField(_("reached on"), null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    spent = models.PositiveBigIntegerField(default=0)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        """In the order of the work."""

        ordering = ("position", "pk")


class Result(models.Model):
    """What the result page says, computed once from the public bundle after the count."""

    budget = models.OneToOneField(Budget, on_delete=models.CASCADE, related_name="result")
    # sections, projects and turnout in the JSON form of `isopolis.model.text.to_tree`
    told = models.JSONField(default=dict)
    # why it could not be made; empty when it could
    trouble = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(null=True)


class MailChoice(models.Model):
    """Which mail somebody wants about a budget; without a row it is mail about ideas of their own."""

    class Wish(models.TextChoices):
        """What is sent."""

        OWN = "own", _("mail about ideas of my own")
        ALL = "all", _("mail about ideas of my own, the result, and every funded project")
        NONE = "none", _("no mail")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="mail_choices")
    wish = models.CharField(max_length=5, choices=Wish.choices, default=Wish.OWN)
    changed_at = models.DateTimeField()

    class Meta:
        """One each."""

        constraints = [models.UniqueConstraint(fields=["user", "budget"], name="budget_mail_choice_once")]


class MailTold(models.Model):
    """A piece of news that was sent to somebody by mail, so that it is sent once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="+")
    # number of the idea, what it was, and a digest of how it was
    key = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        """Each piece once for each person, whoever sends it; asked for by budget."""

        constraints = [
            models.UniqueConstraint(fields=["user", "budget", "key"], name="budget_mail_told_once")
        ]
        indexes = [models.Index(fields=["budget", "user"])]


def packed(topics: Any) -> str:
    """Write topics so that one of them can be looked for: ``|green|play|``."""
    kept = [t for t in Topic.values if t in set(topics)]
    return "|" + "|".join(kept) + "|" if kept else ""


def unpacked(topics: str) -> list[str]:
    """Read what `packed` wrote."""
    return [t for t in topics.split("|") if t]
