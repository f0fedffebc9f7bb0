"""Putting a drawing of the report into a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def drawing(figure: Mapping[str, Any]) -> SafeString:
    """Return the SVG with its accessible name; it is ours, and its text was escaped when drawn."""
    attributes = format_html(
        '<svg role="img" aria-label="{}" aria-describedby="{}-summary" ', figure["title"], figure["key"]
    )
    return mark_safe(str(figure["svg"]).replace("<svg ", attributes, 1))
