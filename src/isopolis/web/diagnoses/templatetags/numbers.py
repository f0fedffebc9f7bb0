"""Numbers as the language of the page writes them.

Only where a filter says so: a number in an address or in a form must stay as computers write it.
"""

from __future__ import annotations

from django import template

from isopolis.model.text import count
from isopolis.web.languages import said

register = template.Library()


@register.filter
def counted(number: object) -> str:
    """Write a whole number with its thousands apart; anything else as it is."""
    return said(count(number)) if isinstance(number, int) and not isinstance(number, bool) else str(number)
