"""Pages on which people say what the columns of their tables mean."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import tomlkit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .actions import CorrectConfig
from .column_edit import TableState, edit_city, edit_table, states
from .column_forms import CityForm, ColumnForm, TableForm, check_columns
from .models import Dataset

__all__ = ["city", "table"]


def _dataset(workspace: Workspace, pk: UUID) -> Dataset:
    """Return a dataset whose text can be edited by forms."""
    found = get_object_or_404(Dataset, pk=pk, workspace=workspace)
    try:
        tomlkit.parse(found.config)
    except (tomlkit.exceptions.TOMLKitError, RecursionError):
        # the page of the dataset says in which line the text is wrong
        raise Http404 from None
    return found


def _keep(request: HttpRequest, workspace: Workspace, found: Dataset, text: str) -> HttpResponse:
    if text == found.config:
        messages.info(request, _("Nothing was changed."))
    else:
        CorrectConfig(request.user, workspace, found, text).run()
        messages.success(request, _("The correction was kept. The files are read again."))
    return redirect(found)


@inside("data.correct")
@require_http_methods(["GET", "POST"])
def city(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Name the city, its outlines and what a zone is."""
    found = _dataset(workspace, pk)
    said = tomlkit.parse(found.config).unwrap()
    form = CityForm(found.seen, said, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            text = edit_city(found.config, form.city_values, form.zone_values)
            return _keep(request, workspace, found, text)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"workspace": workspace, "dataset": found, "form": form}
    return render(request, "datasets/city.html", context, status=422 if form.errors else 200)


@inside("data.correct")
@require_http_methods(["GET", "POST"])
def table(request: HttpRequest, workspace: Workspace, pk: UUID, number: int) -> HttpResponse:
    """Say what each column of one table means."""
    found = _dataset(workspace, pk)
    tables = states(found.config, found.seen)
    if number >= len(tables):
        raise Http404
    state = tables[number]
    data = request.POST if request.method == "POST" else None
    form = TableForm(data, initial={"date": state.date, "universe": state.universe})
    rows = [ColumnForm(c, i, data) for i, c in enumerate(state.columns)]
    problems: list[str] = []
    if request.method == "POST" and all([form.is_valid(), *(r.is_valid() for r in rows)]):
        asked = replace(state, columns=tuple(r.answer for r in rows), **form.cleaned_data)
        problems = check_columns(asked.columns)
        if not problems:
            try:
                return _keep(request, workspace, found, edit_table(_named(found), asked))
            except ValidationError as error:
                problems = error.messages
    bad = bool(problems or form.errors or any(r.errors for r in rows))
    context = {
        "workspace": workspace,
        "dataset": found,
        "state": state,
        "form": form,
        "rows": rows,
        "problems": problems,
        "dimensions": sorted({c.dimension for t in tables for c in t.columns if c.dimension}),
        "title": title_of(state),
    }
    return render(request, "datasets/table.html", context, status=422 if bad else 200)


def _named(found: Dataset) -> str:
    """Return the text; when nothing could be guessed, one that has at least a name."""
    if found.config.strip():
        return found.config
    return edit_city("", {"name": found.workspace.name}, {"id": "id"})


def title_of(state: TableState) -> str:
    """Name a table as readers know it."""
    return f"{state.file} · {state.sheet}" if state.sheet else state.file
