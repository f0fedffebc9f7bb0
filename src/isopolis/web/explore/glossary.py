"""The page that explains every term and every measure; open to everyone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from isopolis.flows.measure_one import measures
from isopolis.web.languages import sorted_by_name

from . import words
from .terms import TERMS

__all__ = ["glossary", "measure_anchor"]


def measure_anchor(name: str) -> str:
    """Return where the explanation of a measure stands on the page."""
    return f"measure-{name.replace('_', '-')}"


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """List terms and measures."""
    terms = sorted_by_name(TERMS, lambda t: str(t.name))
    listed = sorted_by_name((_one(m) for m in measures()), lambda m: m["title"])
    return render(request, "explore/glossary.html", {"terms": terms, "measures": listed})


def _one(measure: Any) -> dict[str, str]:
    return {
        "anchor": measure_anchor(measure.name),
        "title": words.measure(measure.name),
        "text": words.explained(measure.explain),
    }
