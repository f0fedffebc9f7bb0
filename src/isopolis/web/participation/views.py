"""Pages of a board: for the officer while it runs, and for everybody at the end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.model import CallError
from isopolis.web import jobs
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said_drawing, spoken
from isopolis.web.modules.access import in_process
from isopolis.web.modules.models import Module, Process
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .actions import KIND, CountBoard, EnterPeople, PublishBoard, over
from .forms import BoardForm, LettersForm, PeopleForm
from .models import Board, Participation

PER_PAGE = 50


# -- for the officer ---------------------------------------------------------------------------------------
@inside("process.manage")
@require_http_methods(["GET", "POST"])
def board(request: HttpRequest, workspace: Workspace, number: int, module: int) -> HttpResponse:
    """Show the board of a module; count it anew."""
    found = _module(workspace, number, module)
    kept = Board.objects.filter(module=found).first()
    known = kept.known if kept else {}
    counting = request.method == "POST"
    form = BoardForm(known, request.POST if counting else None, initial=kept.asked if kept else {})
    if counting and form.is_valid():
        said = form.cleaned_data
        try:
            CountBoard(
                request.user, workspace, found, said.get("by", []), said["level"], said["leave_out"]
            ).run()
            return redirect(request.path)
        except ValidationError as error:
            form.add_error(None, error)
    return _board_page(request, found, kept, form)


def _board_page(
    request: HttpRequest, module: Module, kept: Board | None, form: BoardForm, **more: Any
) -> HttpResponse:
    workspace, now = module.process.workspace, timezone.now()
    job = Job.objects.filter(subject=kept.pk, kind=KIND).order_by("-created_at").first() if kept else None
    known = kept.known if kept else {}
    context = {
        "workspace": workspace, "process": module.process, "module": module, "board": kept, "form": form,
        "job": job, "place": jobs.queue_place(job) if job else 0,
        "failed": job.error if job is not None and job.state == Job.State.FAILED else "",
        "told": _told(kept.shown) if kept and kept.shown else None, "can": {"diagnosis_cancel": False},
        "people": more.get("people") or PeopleForm(known), "over": over(module, now),
        "letters": LettersForm(), "deeper": True,
    }  # fmt: skip
    return render(request, "participation/board.html", context | more)


@inside("process.manage")
@require_POST
def enter(request: HttpRequest, workspace: Workspace, number: int, module: int) -> HttpResponse:
    """Count people whom no page has counted."""
    found = _module(workspace, number, module)
    kept = Board.objects.filter(module=found).first()
    form = PeopleForm(kept.known if kept else {}, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            EnterPeople(request.user, workspace, found, said["channel"], said["people"], said["zone"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("They are counted. Count the board anew to see them on it."))
            return redirect("board", workspace.slug, number, module)
    again = BoardForm(kept.known if kept else {}, initial=kept.asked if kept else {})
    return _board_page(request, found, kept, again, people=form)


@inside("process.manage")
@require_POST
def publish(request: HttpRequest, workspace: Workspace, number: int, module: int) -> HttpResponse:
    """Publish the board, or withdraw it."""
    found = _module(workspace, number, module)
    withdraw = "withdraw" in request.POST
    try:
        PublishBoard(request.user, workspace, found, withdraw=withdraw).run()
        messages.success(request, _("It is withdrawn.") if withdraw else _("Everybody can see it now."))
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect("board", workspace.slug, number, module)


@inside("process.manage")
@require_GET
def letters(request: HttpRequest, workspace: Workspace, number: int, module: int) -> HttpResponse:
    """Plan the next letters."""
    found = _module(workspace, number, module)
    kept = get_object_or_404(Board, module=found)
    form = LettersForm(request.GET or None)
    plan = None
    if not kept.shown:
        raise Http404
    if form.is_valid():
        from isopolis.flows.took_part_answers import plan_of

        said = form.cleaned_data
        try:
            sentence, rows = plan_of(
                kept.shown["numbers"], kept.shown["names"], int(said["budget"] * 100),
                int(said["letter"] * 100), float(said["brings"]) / 100,
            )  # fmt: skip
            plan = {"said": spoken(sentence), "table": spoken(rows)}
        except CallError as error:
            form.add_error(None, str(error))
    context = {
        "workspace": workspace, "process": found.process, "module": found, "form": form, "plan": plan,
        "below": True,
    }  # fmt: skip
    return render(request, "participation/letters.html", context)


@inside("process.manage")
@require_GET
def table(request: HttpRequest, workspace: Workspace, number: int, module: int, key: str) -> HttpResponse:
    """Show one table of the board, page by page."""
    found = _module(workspace, number, module)
    kept = get_object_or_404(Board, module=found)
    return _table_page(request, found, kept.shown, key, public=False)


# -- for everybody -----------------------------------------------------------------------------------------
@in_process()
@require_GET
def who_took_part(request: HttpRequest, process: Process, module: int) -> HttpResponse:
    """Show a published board."""
    kept = _published(process, module)
    context = {
        "process": process, "module": kept.module, "board": kept, "told": _told(kept.public), "below": True,
    }  # fmt: skip
    return render(request, "participation/public.html", context)


@in_process()
@require_GET
def who_took_part_table(request: HttpRequest, process: Process, module: int, key: str) -> HttpResponse:
    """Show one table of a published board, page by page."""
    kept = _published(process, module)
    return _table_page(request, kept.module, kept.public, key, public=True)


def _published(process: Process, module: int) -> Board:
    kept = Board.objects.select_related("module").filter(module=module, module__process=process).first()
    if kept is None or not kept.public:
        raise Http404
    kept.module.process = process
    return kept


# -- shared ------------------------------------------------------------------------------------------------
def _module(workspace: Workspace, number: int, module: int) -> Module:
    process = get_object_or_404(Process, workspace=workspace, number=number)
    process.workspace = workspace
    found = get_object_or_404(Module, pk=module, process=process)
    found.process = process
    return found


def _told(shown: dict[str, Any]) -> dict[str, Any]:
    """Say a board in the language of the page; long tables are only named."""
    names = dict(Participation.Channel.choices)
    tables = [_said_table(t) for t in shown["tables"] if t["key"] not in ("zones", "cells")]
    return {
        "lead": spoken(shown["lead"]), "uneven": spoken(shown["uneven"]), "notes": spoken(shown["notes"]),
        "tables": tables,
        "long": [(t["key"], spoken(t["caption"]), len(t["rows"])) for t in shown["tables"]
                 if t["key"] in ("zones", "cells")],
        "channels": [(names.get(c, c), n) for c, n in shown["channels"]],
    }  # fmt: skip


def _said_table(kept: dict[str, Any]) -> dict[str, Any]:
    drawn = kept.get("figure")
    out = {"key": kept["key"], "text_columns": kept["text_columns"]}
    out |= {k: spoken(kept[k]) for k in ("caption", "head", "rows")}
    if drawn:
        figure = {"key": drawn["key"], "title": spoken(drawn["title"]), "summary": spoken(drawn["summary"])}
        out["figure"] = figure | {"svg": said_drawing(drawn["svg"], drawn["words"]), "table": out}
    return out


def _table_page(
    request: HttpRequest, module: Module, shown: dict[str, Any], key: str, *, public: bool
) -> HttpResponse:
    kept = next((t for t in shown.get("tables", []) if t["key"] == key), None)
    if kept is None:
        raise Http404
    page = Paginator(kept["rows"], PER_PAGE).get_page(request.GET.get("page"))
    rows = spoken(list(page.object_list))
    listed = {"caption": spoken(kept["caption"]), "head": spoken(kept["head"]), "rows": rows,
              "text_columns": kept["text_columns"]}  # fmt: skip
    context = {
        "workspace": module.process.workspace, "process": module.process, "module": module, "page": page,
        "table": listed, "key": key, "public": public, "below": True,
    }  # fmt: skip
    return render(request, "participation/table.html", context)
