"""The public page of a plan: what was published, nothing of what was changed since, and nobody's name."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from isopolis.act.plan import COLUMNS, heading, read_plan, state_name
from isopolis.act.plan import monitoring as monitoring_rows
from isopolis.web.languages import said

from .models import ActionPlan
from .showing import FILES, as_file, file_answer, glance_of
from .standing import label, words_of

__all__ = ["download", "every", "partnership_download", "partnership_plan", "plan"]

PER_PAGE = 20
ACTIONS_SHOWN = 10
APART = ("id", "title", "status")


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List the public plans of every city and partnership on this server."""
    rows = ActionPlan.objects.exclude(published_at=None).select_related("workspace", "partnership")
    page = Paginator(rows.order_by("-published_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "plans/public_list.html", {"page": page})


@require_GET
def plan(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a published plan of a city."""
    return _page(request, _published(workspace__slug=slug, number=number))


@require_GET
def partnership_plan(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a published plan of a partnership."""
    return _page(request, _published(partnership__slug=slug, number=number))


@require_GET
def download(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """Give a file of a published plan of a city."""
    return _file(_published(workspace__slug=slug, number=number), name)


@require_GET
def partnership_download(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """Give a file of a published plan of a partnership."""
    return _file(_published(partnership__slug=slug, number=number), name)


def _published(**where: Any) -> ActionPlan:
    if where["number"] > 2**31:
        raise Http404
    found = ActionPlan.objects.filter(**where).exclude(published_at=None)
    row = found.select_related("workspace", "partnership").first()
    if row is None:
        raise Http404
    return row


def _file(row: ActionPlan, name: str) -> HttpResponse:
    if name == "plan.pdf" and row.paper is not None:
        return as_file(bytes(row.paper), name)
    if name == "plan.pdf":
        raise Http404
    return file_answer(read_plan(row.public), name, timezone.localdate(), label(words_of(row.workspace)))


def _page(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    shown = read_plan(row.public)
    names = label(words_of(row.workspace))
    cells = monitoring_rows(shown, timezone.localdate(), names)
    columns = [c for c in COLUMNS if c not in APART]
    rows = [
        (a, said(state_name(a.status)), [(said(heading(c)), said(line[c])) for c in columns])
        for a, line in zip(shown.actions, cells, strict=True)
    ]
    page = Paginator(rows, ACTIONS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "home": row.home,
        "plan": shown,
        "glance": glance_of(shown, names) if page.number == 1 else None,
        "page": page,
        "files": [(name, row.address("public_plan_file", name)) for name in FILES],
        "version": shown.versions[-1] if shown.versions else None,
    }
    return render(request, "plans/public.html", context)
