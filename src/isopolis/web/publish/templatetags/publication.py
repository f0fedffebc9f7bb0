"""Writing one released count."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from isopolis.report.counts import HIDDEN, MISSING

register = template.Library()


@register.filter
def counted(cell: float | str) -> str:
    """Return the count as the language writes it; a hidden one in words, never as zero or nothing."""
    if cell == HIDDEN:
        return _("not shown")
    if cell == MISSING:
        return _("not collected")
    return str(number_format(cell, use_l10n=True, force_grouping=True))
