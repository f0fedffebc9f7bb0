"""Writing the end of a phase as people say it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template

register = template.Library()


@register.filter
def last_day(end: datetime) -> datetime:
    """Return a moment on the last day: a phase that ends at midnight ends with the day before."""
    return end - timedelta(microseconds=1)
