"""What a module tells of the projects on its ballot, for the templates of votes."""

from __future__ import annotations

from typing import Any

from django import template

from isopolis.web.ballots.about import ABOUT, About, Sheet

register = template.Library()


@register.simple_tag
def about_projects(module: Any) -> Sheet | None:
    """Return what stands beside the projects; None where the kind of module tells nothing."""
    tell = ABOUT.get(getattr(module, "kind", ""))
    return tell(module) if tell else None


@register.simple_tag
def about_one(sheet: Sheet | None, project: str) -> About | None:
    """Return what stands beside one project."""
    return sheet.projects.get(project) if sheet else None
