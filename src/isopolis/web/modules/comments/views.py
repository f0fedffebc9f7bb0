"""Pages of a discussion."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may, require

from .actions import AddComment, DeleteComment, EditComment, HideComment, ReportComment, ShowComment
from .forms import CommentForm, ReasonForm
from .models import Comment

PER_PAGE = 20
ANSWERS_SHOWN = 5


@in_module("discussion")
@require_http_methods(["GET", "POST"])
def discussion(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the comments, newest first, each with its first answers; take a new one."""
    if request.method == "POST":
        return _write(request, module, None)
    return _discussion(request, module, CommentForm())


def _discussion(request: HttpRequest, module: Module, form: CommentForm) -> HttpResponse:
    firsts = (
        Comment.objects.filter(module=module, parent=None)
        .select_related("author")
        .annotate(answer_count=Count("answers"))
        .order_by("-created_at", "-pk")
    )
    page = Paginator(firsts, PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(request, module, c) for c in page]
    context = _context(request, module, form) | {"page": page, "rows": rows, "total": page.paginator.count}
    return render(request, "comments/discussion.html", context)


def _row(request: HttpRequest, module: Module, comment: Comment) -> dict[str, Any]:
    comment.module = module
    answers: list[Comment] = []
    if comment.answer_count:  # type: ignore[attr-defined]
        answers = list(comment.answers.select_related("author").order_by("created_at", "pk")[:ANSWERS_SHOWN])
    return {
        "comment": comment,
        "mine": comment.belongs_to(request.user),
        "answers": [_answer(request, module, a) for a in answers],
        "more": comment.answer_count - len(answers),  # type: ignore[attr-defined]
    }


def _answer(request: HttpRequest, module: Module, comment: Comment) -> dict[str, Any]:
    comment.module = module
    return {"comment": comment, "mine": comment.belongs_to(request.user)}


def _context(request: HttpRequest, module: Module, form: Any) -> dict[str, Any]:
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "form": form,
        "now": now,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "write": may(request.user, "comment.add", city, module, now=now),
        "moderates": may(request.user, "comment.moderate", city, module),
        "reports_possible": may(request.user, "comment.report", city, module),
    }


def _write(request: HttpRequest, module: Module, parent: Comment | None) -> HttpResponse:
    city, now = module.process.workspace, timezone.now()
    require(request.user, "comment.add", city, module, now=now)
    form = CommentForm(request.POST)
    if form.is_valid() and form.is_from_a_machine():
        # whoever fills in what people do not see is told nothing
        return redirect(request.path)
    if form.is_valid():
        try:
            text, language = form.cleaned_data["text"], get_language() or ""
            made = AddComment(request.user, city, module, text, language, parent, now).run()
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, _("Your comment is there."))
            return redirect(made)
    if parent is None:
        return _discussion(request, module, form)
    return _thread(request, module, parent, form)


def _comment(module: Module, pk: int) -> Comment:
    found = get_object_or_404(Comment.objects.select_related("author"), pk=pk, module=module)
    found.module = module
    return found


@in_module("discussion")
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Show one comment with all its answers; take an answer."""
    first = get_object_or_404(Comment.objects.select_related("author"), pk=pk, module=module, parent=None)
    first.module = module
    if request.method == "POST":
        return _write(request, module, first)
    return _thread(request, module, first, CommentForm())


def _thread(request: HttpRequest, module: Module, first: Comment, form: CommentForm) -> HttpResponse:
    answers = first.answers.select_related("author").order_by("created_at", "pk")
    page = Paginator(answers, PER_PAGE).get_page(request.GET.get("page"))
    context = _context(request, module, form) | {
        "row": {"comment": first, "mine": first.belongs_to(request.user)},
        "page": page,
        "answers": [_answer(request, module, a) for a in page],
        "total": page.paginator.count,
    }
    return render(request, "comments/thread.html", context)


@in_module("discussion", "own")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Change a comment of one's own."""
    comment, now, city = _comment(module, pk), timezone.now(), module.process.workspace
    require(request.user, "comment.edit", city, comment, now=now)
    form = CommentForm(request.POST or None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        try:
            EditComment(request.user, city, comment, now, form.cleaned_data["text"]).run()
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, _("The change was kept."))
            return redirect(comment)
    return render(request, "comments/edit.html", _context(request, module, form) | {"comment": comment})


@in_module("discussion", "own")
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Ask, then delete a comment of one's own."""
    comment, city = _comment(module, pk), module.process.workspace
    require(request.user, "comment.delete", city, comment)
    if request.method == "POST":
        try:
            DeleteComment(request.user, city, comment).run()
            messages.success(request, _("The comment was deleted."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(comment)
    context = _context(request, module, CommentForm()) | {"comment": comment, "row": {"comment": comment}}
    return render(request, "comments/delete.html", context)


@in_module("discussion", "comment.report")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Tell the moderators of a comment."""
    comment, city = _comment(module, pk), module.process.workspace
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ReportComment(request.user, city, comment, timezone.now(), form.cleaned_data["reason"]).run()
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(comment)
    context = _context(request, module, form) | {"comment": comment, "row": {"comment": comment}}
    return render(request, "comments/report.html", context)


@in_module("discussion", "comment.moderate")
@require_http_methods(["GET", "POST"])
def moderate(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Hide a comment with a reason, show it again, or settle its reports."""
    comment, city, now = _comment(module, pk), module.process.workspace, timezone.now()
    hiding = "hide" in request.POST
    form = ReasonForm(request.POST if hiding else None)
    if request.method == "POST" and (not hiding or form.is_valid()):
        try:
            if hiding:
                HideComment(request.user, city, comment, now, form.cleaned_data["reason"]).run()
            else:
                ShowComment(request.user, city, comment, now).run()
        except ValidationError as error:
            form.add_error(None, error) if hiding else messages.error(request, " ".join(error.messages))
        else:
            said = (
                _("The comment is hidden. Its reason stands in its place.") if hiding else _("It is shown.")
            )
            messages.success(request, said)
            return redirect("comment_reports", city.slug, module.process.number, module.pk)
    context = {
        "module": module,
        "process": module.process,
        "city": city,
        "comment": comment,
        "form": form,
        "versions": comment.versions.order_by("until", "pk"),
        "reports": comment.reports.order_by("created_at", "pk"),
    }
    return render(request, "comments/moderate.html", context)


@in_module("discussion", "comment.moderate")
@require_GET
def reports(request: HttpRequest, module: Module) -> HttpResponse:
    """List comments with open reports and those that are hidden."""
    waiting = Comment.objects.filter(module=module).annotate(
        waiting=Count("reports", filter=Q(reports__settled_at=None))
    )
    rows = waiting.filter(Q(waiting__gt=0) | Q(hidden_at__isnull=False)).order_by("-waiting", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"module": module, "process": module.process, "city": module.process.workspace, "page": page}
    return render(request, "comments/reports.html", context)
