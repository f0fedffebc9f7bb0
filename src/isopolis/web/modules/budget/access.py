"""Finding the budget of a module and an idea in it, as far as a reader may know of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from isopolis.web.modules.models import Module
from isopolis.web.permissions import may

from .models import Budget, Idea

__all__ = ["address", "budget_of", "context_of", "found", "idea_of", "settled"]


def budget_of(module: Module) -> Budget | None:
    """Return the budget of a module; None as long as the officer has not said what it is about."""
    held = Budget.objects.filter(module=module).first()
    if held is not None:
        held.module = module
    return held


def found(module: Module) -> Budget:
    """Return the budget of a module, or 404."""
    held = budget_of(module)
    if held is None:
        raise Http404
    return held


def settled(budget: Budget) -> bool:
    """Tell whether a vote was opened: then neither the rules nor the list of projects change any more."""
    from isopolis.web.ballots import vote_of

    return vote_of(budget.module) is not None


def idea_of(module: Module, number: int, user: Any) -> Idea:
    """Return an idea that everybody may know of, or that `user` proposed or may check; otherwise 404."""
    budget = found(module)
    held = Idea.objects.filter(budget=budget, number=number).select_related("author", "merged_into").first()
    if held is None:
        raise Http404
    held.budget = budget
    if held.is_public or held.belongs_to(user):
        return held
    raise Http404


def address(module: Module, name: str, *more: Any) -> str:
    """Return the address of a page of this module."""
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk, *more])


def context_of(request: Any, module: Module, budget: Budget | None) -> dict[str, Any]:
    """Return what every page of a budget needs."""
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "budget": budget,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "manages": may(request.user, "budget.manage", city, module),
        "checks": may(request.user, "idea.check", city, module),
        "moderates": may(request.user, "idea.moderate", city, module),
        "sends": bool(settings.OPTIONS["email_url"]),
    }
