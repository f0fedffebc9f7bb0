"""Pages of the vocabulary, open to everyone, and of the words of one city."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.learn.vocabulary import Concept, expand, shipped, to_jsonld, to_turtle
from isopolis.web.actions import ValidationError
from isopolis.web.languages import page_language, sorted_by_name
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .actions import AddLocalTerm, JudgeLocalTerm, RemoveLocalTerm
from .forms import LocalTermForm
from .models import LocalTerm
from .uses import uses
from .words import ABOUT, SCHEMES, language_name

__all__ = ["concept", "download", "judge", "local_terms", "scheme", "vocabulary"]

PER_PAGE = 50
LONGEST_QUERY = 200
SHOWN = 20
FILES = {"jsonld": "application/ld+json", "ttl": "text/turtle; charset=utf-8"}


@require_safe
def vocabulary(request: HttpRequest) -> HttpResponse:
    """List the schemes, look a word up, and show the definition with its versions."""
    known = shipped()
    asked = " ".join(request.GET.get("q", "")[:LONGEST_QUERY].split())
    schemes = [
        {"name": name, "title": SCHEMES[name], "about": ABOUT[name], "n": len(known.scheme(name))}
        for name in known.schemes
    ]
    found = dict.fromkeys(e.concept for e in expand(known, asked)) if asked else {}
    near = [c.id for c, _score in known.nearest(asked)] if asked and not found else []
    context = {
        "schemes": schemes,
        "asked": asked,
        "found": [_linked(known.concept(id)) for id in found][:SHOWN],
        "near": [_linked(known.concept(id)) for id in near],
        "definitions": known.definitions[::-1],
    }
    return render(request, "vocabulary/vocabulary.html", context)


def _linked(concept: Concept) -> dict[str, Any]:
    return {
        "scheme": concept.scheme,
        "name": concept.name,
        "label": concept.label(page_language()),
        "kind": SCHEMES[concept.scheme],
    }


@require_safe
def scheme(request: HttpRequest, scheme: str) -> HttpResponse:
    """List the concepts of one scheme, by name."""
    known = shipped()
    if scheme not in known.schemes:
        raise Http404
    rows = [
        _linked(c) | {"other": c.labels.get(page_language(), ())[1:], "definition": c.definition}
        for c in known.scheme(scheme)
    ]
    context = {
        "scheme": known.schemes[scheme],
        "title": SCHEMES[scheme],
        "about": ABOUT[scheme],
        "concepts": sorted_by_name(rows, lambda r: str(r["label"])),
    }
    return render(request, "vocabulary/scheme.html", context)


@require_safe
def concept(request: HttpRequest, scheme: str, name: str) -> HttpResponse:
    """Show one concept: what it is, its words in every language, its neighbours, what uses it."""
    known = shipped()
    id = f"{scheme}:{name}"
    if id not in known:
        raise Http404
    one = known.concept(id)
    labels = [
        {"code": code, "language": language_name(code), "label": said[0], "other": said[1:]}
        for code, said in one.labels.items()
        if said
    ]
    used = uses(id, page_language())
    context = {
        "concept": one,
        "label": one.label(page_language()),
        "kind": SCHEMES[scheme],
        "labels": sorted_by_name(labels, lambda r: str(r["language"])),
        "broader": [_linked(c) for c in known.broader(id)],
        "narrower": [_linked(c) for c in known.narrower(id)],
        "related": [_linked(known.concept(r)) for r in one.related],
        "used": used[:SHOWN],
        "used_n": len(used),
        "used_more": max(0, len(used) - SHOWN),
    }
    return render(request, "vocabulary/concept.html", context)


@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """Give the whole vocabulary as a SKOS file."""
    if form not in FILES:
        raise Http404
    known = shipped()
    body = to_turtle(known) if form == "ttl" else json.dumps(to_jsonld(known), ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type=FILES[form])
    answer["Content-Disposition"] = f'attachment; filename="isopolis-vocabulary.{form}"'
    return answer


# -- the words of one city -----------------------------------------------------------------------
@inside("vocabulary.local")
@require_http_methods(["GET", "POST"])
def local_terms(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the words of a city with what they mean, and take new ones."""
    form = LocalTermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = AddLocalTerm(request.user, workspace, said["label"], said["lang"], said["kind"]).run()
        except ValidationError as error:
            form.add_error("label", error)
        else:
            found = made.state == LocalTerm.State.PROPOSED
            messages.success(
                request,
                _("The word is there. Look at what is proposed for it.")
                if found
                else _("The word is there."),
            )
            return redirect("local_terms", workspace.slug)
    page = Paginator(
        LocalTerm.objects.filter(workspace=workspace).order_by("label", "pk"), PER_PAGE
    ).get_page(request.GET.get("page"))
    context = {"workspace": workspace, "form": form, "page": page, "terms": [_term(t) for t in page]}
    return render(request, "vocabulary/local.html", context)


def _term(term: LocalTerm) -> dict[str, Any]:
    known = shipped()
    meant = known.concept(term.concept) if term.concept and term.concept in known else None
    return {
        "row": term,
        "kind": SCHEMES.get(term.kind, term.kind),
        "language": language_name(term.lang),
        "meant": _linked(meant) if meant else None,
        "likeness": round(100 * term.score),
        "open": term.state in (LocalTerm.State.PROPOSED, LocalTerm.State.UNMAPPED),
    }


@inside("vocabulary.local")
@require_POST
def judge(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Confirm what is proposed, say something else, keep the word as it is, or take it out."""
    term = get_object_or_404(LocalTerm, pk=pk, workspace=workspace)
    said = request.POST.get("verdict", "")
    try:
        if said == "remove":
            RemoveLocalTerm(request.user, workspace, term).run()
            messages.success(request, _("The word is gone."))
        elif said == "decline":
            JudgeLocalTerm(request.user, workspace, term).run()
            messages.success(request, _("The word stays a word of its own."))
        else:
            asked = request.POST.get("concept", "").strip() if said == "other" else term.concept
            if not asked:
                raise ValidationError(_("Say which concept is meant."))
            JudgeLocalTerm(request.user, workspace, term, asked).run()
            messages.success(request, _("Confirmed."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("local_terms", workspace.slug)
