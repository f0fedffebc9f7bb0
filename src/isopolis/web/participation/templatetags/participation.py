"""A link to a published board, for the page of a process."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from isopolis.web.participation.models import Board

register = template.Library()


@register.simple_tag
def published_board(module: Any) -> str:
    """Return the address of the module's published board; empty when there is none."""
    found = Board.objects.filter(module=module).exclude(public={}).exists()
    place = [module.process.workspace.slug, module.process.number, module.pk]
    return reverse("who_took_part", args=place) if found else ""
