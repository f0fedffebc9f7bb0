"""Putting the plan at a glance into a page."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def plan_drawing(svg: str) -> SafeString:
    """Return the drawing; it is ours, and its words were escaped when it was drawn."""
    return mark_safe(svg)
