"""Documents, the orientation paper with its comments, surveys among the members, calendar links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.act.partnership import Answer, changes, results
from isopolis.web.actions import ValidationError
from isopolis.web.partnerships.access import in_partnership
from isopolis.web.partnerships.models import Comment, Partnership, SurveyAnswer
from isopolis.web.permissions import may

from . import shelf
from .access import levels, open_partnership
from .documents import KINDS_OF_FILE, whole
from .pages import shown
from .paging import page_of
from .voices import AnswerComment, AnswerSurvey, CommentPaper, DeleteComment, MakeFeed, StopFeed

__all__ = ["answer", "comment", "delete", "document", "documents", "feed", "paper", "survey", "surveys"]


@open_partnership
@require_safe
def documents(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List the documents with language, version, checksum and who may read them."""
    found = shelf.records(partnership, "document", levels(partnership, request.user))
    return shown(request, partnership, "documents", {"page": page_of(request, found)})


@open_partnership
@require_safe
def document(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponseBase:
    """Send the file of a document, as a download that nothing in it can run from."""
    row = shelf.item(partnership, "document", key, levels(partnership, request.user))
    record = row.record()
    if not record.file:
        raise Http404
    if not whole(row):
        messages.error(
            request, _("The file is not the one that was sent: its checksum differs. Tell the coordinators.")
        )
        return redirect("hub_documents", partnership.slug)
    suffix = "." + record.file.rpartition(".")[2].lower()
    kind = KINDS_OF_FILE.get(suffix, ("application/octet-stream", b""))[0]
    sent = FileResponse(row.file.open("rb"), as_attachment=True, filename=record.file, content_type=kind)
    sent.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return sent


# -- the orientation paper -------------------------------------------------------------------------------
@open_partnership
@require_safe
def paper(request: HttpRequest, partnership: Partnership, key: str = "") -> HttpResponse:
    """Show a version of the paper, what changed in it, and to members the comments."""
    found = shelf.records(partnership, "paper", levels(partnership, request.user))
    one = next((p for p in found if p.key == key), None) if key else next(iter(found), None)
    if key and one is None:
        raise Http404
    version = one.version(request.GET.get("version", "")) if one else None
    if one and version is None:
        raise Http404
    more: dict[str, Any] = {"papers": found, "paper": one, "version": version}
    if one and version:
        numbers = [v.number for v in one.versions]
        at = numbers.index(version.number)
        more["changes"] = changes(one.versions[at - 1], version) if at else ()
        more["before"] = one.versions[at - 1] if at else None
        if may(request.user, "hub.read", partnership=partnership):
            more |= _comments(request, partnership, one, version)
    return shown(request, partnership, "paper", more)


def _comments(request: HttpRequest, partnership: Partnership, one: Any, version: Any) -> dict[str, Any]:
    rows = Comment.objects.filter(partnership=partnership, paper=one.key, version=version.number)
    ordered = rows.select_related("author").order_by("created_at", "pk")
    titles = {s.key: s.title for s in version.sections}
    page = page_of(request, ordered)  # type: ignore[arg-type]
    return {
        "page": page,
        "comments": [(c, titles.get(c.section), c.belongs_to(request.user)) for c in page],
        "unanswered": rows.filter(answer="").count(),
        "may_comment": may(request.user, "hub.comment", partnership=partnership),
    }


@in_partnership("hub.comment")
@require_POST
def comment(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Take a comment on the paper."""
    row = shelf.item(partnership, "paper", key, levels(partnership, request.user))
    given = request.POST
    action = CommentPaper(
        request.user,
        partnership,
        row,
        given.get("version", ""),
        given.get("section", ""),
        given.get("text", ""),
    )
    _done(request, action, _("Your comment is there."))
    return redirect("hub_paper_one", partnership.slug, key)


@in_partnership("partnership.manage")
@require_POST
def answer(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    """Take the coordinators' answer to a comment."""
    found = get_object_or_404(Comment, pk=pk, partnership=partnership)
    _done(
        request, AnswerComment(request.user, partnership, found, request.POST.get("text", "")), _("Answered.")
    )
    return redirect("hub_paper_one", partnership.slug, found.paper)


@in_partnership("own")
@require_POST
def delete(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    """Delete one's own comment."""
    found = get_object_or_404(Comment, pk=pk, partnership=partnership, author=request.user)
    _done(request, DeleteComment(request.user, partnership, found), _("Your comment is deleted."))
    return redirect("hub_paper_one", partnership.slug, found.paper)


def _done(request: HttpRequest, action: Any, thanks: str) -> bool:
    try:
        action.run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    messages.success(request, thanks)
    return True


# -- surveys ---------------------------------------------------------------------------------------------
@open_partnership
@require_safe
def surveys(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List the surveys among the members."""
    today = timezone.localdate()
    mine = shelf.records(partnership, "survey", levels(partnership, request.user))
    found = [(s, s.open_on(today)) for s in mine]
    return shown(request, partnership, "surveys", {"page": page_of(request, found)})


@in_partnership("hub.read")
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Show a survey: its questions to who may answer, and what the members answered so far, with names."""
    row = shelf.item(partnership, "survey", key, levels(partnership, request.user))
    found = row.record()
    if request.method == "POST":
        said = _said(request, found)
        action = AnswerSurvey(request.user, partnership, row, request.POST.get("member", ""), said)
        if _done(request, action, _("Your answer is kept. You can change it until the survey closes.")):
            return redirect("hub_survey", partnership.slug, key)
    mine = SurveyAnswer.objects.filter(item=row, user=request.user).first()
    kept = [
        Answer(a.member, {k: tuple(v) for k, v in a.answers.items()})
        for a in SurveyAnswer.objects.filter(item=row).order_by("member", "pk")
    ]
    everybody = shelf.records(partnership, "member", levels(partnership, request.user))
    more = {
        "survey": found,
        "open": found.open_on(timezone.localdate()),
        "may_answer": may(request.user, "hub.answer", partnership=partnership),
        "questions": [(q, mine.answers.get(q.key, []) if mine else []) for q in found.questions],
        "mine": mine,
        "results": results(found, kept),
        "answered": [a.member for a in kept],
        "names": [m for m in everybody if m.active(timezone.localdate())],
    }
    return shown(request, partnership, "survey", more)


def _said(request: HttpRequest, survey: Any) -> dict[str, tuple[str, ...]]:
    given = {q.key: request.POST.getlist(f"q-{q.key}") for q in survey.questions}
    return {key: tuple(s for s in said if s.strip()) for key, said in given.items()}


# -- calendar links --------------------------------------------------------------------------------------
@in_partnership("hub.read")
@require_POST
def feed(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Make a secret calendar link, or end it. The link is shown once: only its hash is kept."""
    from django.urls import reverse

    if "stop" in request.POST:
        StopFeed(request.user, partnership).run()
        messages.success(request, _("The calendar link no longer works."))
        return redirect("hub_meetings", partnership.slug)
    action = MakeFeed(request.user, partnership)
    action.run()
    request.session["feed_link"] = request.build_absolute_uri(
        reverse("hub_private_calendar", args=[action.token])
    )
    return redirect("hub_meetings", partnership.slug)
