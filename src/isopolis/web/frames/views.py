"""Pages of questionnaires: begin, fill in part by part, compare, export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.act.frames import Frame, completeness, export, read_csv, read_text, shown, to_csv, to_plain
from isopolis.model import CallError, DataError
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import page_language, said
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from . import beside
from .actions import AnswerSection, BeginSheet, CloseSheet, ImportFrame, RemoveSheet, ShareSheet
from .forms import EVIDENCE_NAMES, BeginForm, Entry, ImportForm, entries, read_section
from .kept import offered, problems, term_label, word
from .models import Sheet

PER_PAGE = 50
VERBS = ("frames.answer", "frames.share")
LARGEST_FILE = 500_000


def _one(workspace: Workspace, number: int) -> Sheet:
    return get_object_or_404(Sheet.objects.select_related("workspace"), workspace=workspace, number=number)


def _parts(frame: Frame, sheet: Sheet) -> list[dict[str, Any]]:
    """Return the sections with how far each is answered."""
    state = completeness(frame, sheet.given(frame))
    titles = {s.id: word(s.title) for s in frame.sections}
    return [{"id": k, "title": titles[k], "done": n, "of": of} for k, n, of in state.by_section if of]


@inside("frames.read")
@require_GET
def sheets(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the questionnaires of a workspace."""
    rows = Sheet.objects.filter(workspace=workspace).select_related("workspace").order_by("-number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"workspace": workspace, "page": page, "can": allowed(request, workspace, *VERBS)}
    return render(request, "frames/list.html", context)


@inside("frames.answer")
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Choose a questionnaire and begin it."""
    found = offered(workspace)
    form = BeginForm(request.POST or None)
    form.fields["key"].choices = [(key, word(f.title)) for key, f in found]
    if request.method == "POST" and form.is_valid():
        said_ = form.cleaned_data
        try:
            made = BeginSheet(request.user, workspace, said_["key"], said_["title"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(made)
    rows = [
        {
            "title": word(f.title),
            "note": word(f.note),
            "source": f.source,
            "asked": len(f.asked()),
            "absent": len(f.absent()),
        }
        for _key, f in found
    ]
    return render(request, "frames/new.html", {"workspace": workspace, "form": form, "rows": rows})


@inside("frames.answer")
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Bring a questionnaire of one's own as YAML or CSV."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            frame = _frame_in(form.cleaned_data)
            ImportFrame(request.user, workspace, frame).run()
        except DataError as error:
            form.add_error("file", problems(error)[:20])
        except CallError as error:
            form.add_error("file", str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The questionnaire is there. You can begin it now."))
            return redirect("sheet_new", workspace.slug)
    return render(request, "frames/bring.html", {"workspace": workspace, "form": form})


def _frame_in(data: dict[str, Any]) -> Frame:
    file = data["file"]
    if file.size > LARGEST_FILE:
        raise CallError(_("This file is too large for a questionnaire."))
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallError(_("This file is no text in UTF-8.")) from None
    if file.name.casefold().endswith((".yaml", ".yml")):
        return read_text(text, file.name)
    source = {"url": data["url"], "title": data["title"], "read": data["read"], "mark": "read"}
    head = {"id": data["key"], "version": str(data["read"] or ""), "title": data["title"], "source": source}
    return read_csv(text, head, file.name)


@inside("frames.read")
@require_GET
def sheet(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Show how far a questionnaire is, and what can be done with it."""
    row = _one(workspace, number)
    frame = row.frame()
    state = completeness(frame, row.given(frame))
    named = {q.id: word(q.text) or q.number for q in frame.questions()}
    context = {
        "workspace": workspace,
        "row": row,
        "frame": frame,
        "note": word(frame.note),
        "state": state,
        "parts": _parts(frame, row),
        "absent": [q.number for q in frame.absent()],
        "open": [named[i] for i in state.open_required],
        "bare": [named[i] for i in state.without_evidence],
        "can": allowed(request, workspace, *VERBS),
    }
    return render(request, "frames/sheet.html", context)


@inside("frames.answer")
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, workspace: Workspace, number: int, section: str) -> HttpResponse:
    """Fill in one section."""
    row = _one(workspace, number)
    frame = row.frame()
    asked = [s for s in frame.sections if any(not q.absent for q in s.questions)]
    at = next((n for n, s in enumerate(asked) if s.id == section), None)
    if at is None:
        raise Http404
    wrong: list[str] = []
    revision = row.revisions.get(section, 0)
    shown_: list[Entry] = entries(frame, asked[at], row.given(frame))
    if request.method == "POST":
        shown_, answers = read_section(frame, asked[at], request.POST)
        sent = str(request.POST.get("revision", ""))[:9]
        revision = int(sent) if sent.isdecimal() else -1
        if not any(e.errors for e in shown_):
            try:
                AnswerSection(request.user, workspace, row, section, answers, revision).run()
            except ValidationError as error:
                wrong = error.messages
                revision = _one(workspace, number).revisions.get(section, 0)
            else:
                messages.success(request, _("The answers are saved."))
                if "next" in request.POST and at + 1 < len(asked):
                    return redirect("sheet_section", workspace.slug, number, asked[at + 1].id)
                return redirect(row)
    context = {
        "workspace": workspace,
        "row": row,
        "title": word(asked[at].title),
        "note": word(asked[at].note),
        "entries": shown_,
        "wrong": wrong,
        "has_errors": wrong or any(e.errors for e in shown_),
        "revision": revision,
        "at": at + 1,
        "of": len(asked),
        "last": at + 1 == len(asked),
        "kinds": EVIDENCE_NAMES.items(),
    }
    return render(request, "frames/section.html", context)


@inside("frames.read")
@require_GET
def compare(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Put answers beside those of another date, and beside the medians of other cities."""
    row = _one(workspace, number)
    frame = row.frame()
    others = (
        Sheet.objects.filter(workspace=workspace, key=row.key).exclude(pk=row.pk).order_by("-created_at")[:50]
    )
    chosen = next((o for o in others if str(o.number) == request.GET.get("with", "")), None)
    earlier = chosen or next((o for o in others if o.created_at <= row.created_at), None)
    context = {
        "workspace": workspace,
        "row": row,
        "others": others,
        "earlier": earlier,
        "changes": beside.changes(earlier, row, frame) if earlier else [],
        "lines": beside.lines(row, frame),
        "least": beside.LEAST,
    }
    return render(request, "frames/compare.html", context)


@inside("frames.read")
@require_GET
def export_page(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Show the answers as they would be handed in: lengths, limits, what is missing; for printing too."""
    row = _one(workspace, number)
    frame = row.frame()
    limits = _limits(frame, request)
    made = export(frame, row.given(frame), page_language(), limits, term_label)
    rows = [
        {
            "line": line,
            "text": word(line.question.text),
            "said": line.said,
            "limit": limits.get(line.question.id, ""),
            "asks": line.question.scale == "text",
            "known": isinstance(line.limit, int),
            "kinds": [(EVIDENCE_NAMES.get(e.kind, e.kind), e.ref) for e in line.answer.evidence]
            if line.answer
            else [],
        }
        for line in made.lines
    ]
    context = {
        "workspace": workspace,
        "row": row,
        "rows": rows,
        "refused": [said(r) for r in made.refused],
        "notes": [said(n) for n in made.notes],
        "ready": made.ready,
        "query": request.GET.urlencode(),
    }
    return render(request, "frames/export.html", context)


def _limits(frame: Frame, request: HttpRequest) -> dict[str, int]:
    """Return the limits of this year's form that somebody entered."""
    out = {}
    for question in frame.asked():
        sent = request.GET.get(f"limit-{question.id}", "")
        if question.scale == "text" and sent.isascii() and sent.isdigit() and 0 < len(sent) < 7 and int(sent):
            out[question.id] = int(sent)
    return out


@inside("frames.read")
@require_GET
def download(request: HttpRequest, workspace: Workspace, number: int, kind: str) -> HttpResponse:
    """Give the answers as a table or as JSON."""
    row = _one(workspace, number)
    frame = row.frame()
    given = row.given(frame)
    name = f"questionnaire-{row.number}.{kind}"
    if kind == "csv":
        made = export(frame, given, page_language(), _limits(frame, request), term_label)
        answer = HttpResponse(to_csv(made, page_language()), content_type="text/csv; charset=utf-8")
    elif kind == "json":
        text = {q.id: shown(frame, q, given.get(q.id), page_language(), term_label) for q in frame.asked()}
        answer = JsonResponse(
            {
                "frame": row.content,
                "title": row.title,
                "answers": to_plain(given),
                "as_text": {k: v for k, v in text.items() if v},
                "changed_at": row.changed_at.isoformat(),
                "finished_at": row.closed_at.isoformat() if row.closed_at else None,
            },
            json_dumps_params={"ensure_ascii": False, "indent": 1},
        )
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _do(request: HttpRequest, row: Sheet, action: Action, done: str) -> HttpResponse:
    try:
        action.run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect(row)


@inside("frames.answer")
@require_POST
def close(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Finish a questionnaire, or open it again."""
    row = _one(workspace, number)
    closed = "open" not in request.POST
    done = _("The questionnaire is finished.") if closed else _("The questionnaire is open again.")
    return _do(request, row, CloseSheet(request.user, workspace, row, closed), done)


@inside("frames.share")
@require_POST
def share(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Let it count in the medians of other cities, or take that back."""
    row = _one(workspace, number)
    compared = "take_back" not in request.POST
    done = _("It counts in the medians of other cities.") if compared else _("It counts in no median.")
    return _do(request, row, ShareSheet(request.user, workspace, row, compared), done)


@inside("frames.answer")
@require_POST
def remove(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Throw it away."""
    row = _one(workspace, number)
    try:
        RemoveSheet(request.user, workspace, row).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(row)
    messages.success(request, _("It was thrown away."))
    return redirect("sheets", workspace.slug)
