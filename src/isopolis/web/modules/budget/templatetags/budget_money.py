"""Money on pages: ``{{ idea.cost|money:budget }}``."""

from __future__ import annotations

from typing import Any

from django import template

from isopolis.web.modules.budget.money import shown

register = template.Library()


@register.filter
def money(units: int | None, budget: Any) -> str:
    """Write units of a budget with their currency; `budget` has ``scale`` and ``currency``."""
    return shown(units, budget.scale, budget.currency)
