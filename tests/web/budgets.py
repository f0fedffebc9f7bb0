"""Budgets for tests: a process from the blueprint, its rules, and ideas. Example data, not a real place."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess, TakePart
from isopolis.web.modules.budget.ideas_actions import EnterIdea, HandIn
from isopolis.web.modules.budget.models import Idea
from isopolis.web.modules.budget.rules_actions import SaveRules
from isopolis.web.modules.models import Module, Phase

RULES: dict[str, Any] = {
    "money": Decimal(100_000), "currency": "EUR", "scale": 100, "most_each": Decimal(40_000), "ideas_each": 3,
    "ballot": "approval", "threshold": 0, "rule": "equal_shares", "lot_seed": "dice 3 1 6 6",
    "zones": "N; North\nS; South", "powers": "Streets and parks, no taxes.", "examples": "a bench; 1200",
}  # fmt: skip
SHADE: dict[str, Any] = {
    "title": "Trees for the market square",
    "text": "There is no shade on the market square in summer. Plant twelve trees.",
    "language": "en",
    "zone": "N",
    "topics": ["green", "climate"],
    "asked": Decimal("12500.50"),
}


def budget_module(owner: Any, city: Any, start: datetime | None = None, **rules: Any) -> Module:
    """Make, set up and publish a budget whose ideas phase is open now."""
    start = start or timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "Hero of Testville", "budget", start).run()
    EditProcess(owner, city, made, made.title, "What should the city build?").run()
    module = Module.objects.get(process=made)
    module.process = made
    SaveRules(owner, city, module, RULES | rules).run()
    PublishProcess(owner, city, made).run()
    return module


def resident(person: Any, module: Module, name: str) -> Any:
    """Make somebody who takes part under a name."""
    made = person(name)
    TakePart(made, module.process.workspace, module.process, f"{name} of Testville").run()
    return made


def propose(user: Any, module: Module, **fields: Any) -> Idea:
    """Hand an idea in on the web."""
    return HandIn(user, module.process.workspace, module, SHADE | fields).run()


def on_paper(officer: Any, module: Module, **fields: Any) -> Idea:
    """Enter an idea that came on paper."""
    return EnterIdea(officer, module.process.workspace, module, SHADE | fields).run()


def at_phase(module: Module, kind: str) -> None:
    """Move the phases so that the one of this kind runs now: it began yesterday."""
    now, phases = timezone.now(), module.phases()
    here = next(n for n, p in enumerate(phases) if p.kind == kind)
    for n, phase in enumerate(phases):
        start = now + timedelta(days=20 * (n - here) - 1)
        Phase.objects.filter(pk=phase.pk).update(starts_at=start, ends_at=start + timedelta(days=20))
    # what was fetched along with the module is of yesterday
    module._prefetched_objects_cache = {}
